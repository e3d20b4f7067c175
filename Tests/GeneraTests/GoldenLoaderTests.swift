import Genera
import GeneraTesting
import Testing

@Suite("Golden cases")
struct GoldenLoaderTests {
    let folder = TemporaryFolder()

    private func makeCases() throws {
        try makeDirectory(folder.file("toy"))
        try Safetensors.write(
            [("in.x", RawTensor([1, 2, 3] as [Float], shape: [3]))], to: folder.file("toy/a.safetensors"))
        try AtomicFile.write(
            """
            {"cases": [
              {"name": "double", "kind": "scale", "file": "a.safetensors", "config": {"factor": 2, "expected": [2, 4, 6]}},
              {"name": "triple", "kind": "scale", "file": "a.safetensors", "config": {"factor": 3, "expected": [3, 6, 9.5]},
               "tolerance": {"rtol": 0, "atol": 0.1}},
              {"name": "strange", "kind": "unheard-of"},
              {"name": "empty", "kind": "nothing"},
              {"name": "lost", "kind": "scale", "file": "b.safetensors"}
            ]}
            """, to: folder.file("toy/manifest.json"))
    }

    @Test("Cases run by their kind; unknown kinds and cases that compare nothing fail")
    func runner() throws {
        try makeCases()
        let runner = GoldenRunner(
            "toy", in: folder.path,
            [
                "scale": { one, check in
                    let x = try #require(try one.tensors()["in.x"])
                    let expected = Tensor(one.config["expected"]?.numbers ?? [])
                    try check.close("y", x * (one.config["factor"]?.number ?? 0), expected)
                },
                "nothing": { _, _ in },
            ])
        let outcomes = try runner.outcomes(print: { _ in })
        #expect(outcomes.map { $0.failure == nil } == [true, false, false, false, false])
        #expect(outcomes[0].worst == 0)
        #expect(outcomes[1].description.contains("element [2]: got 9.0, expected 9.5, off by 5.0 tolerances"))
        #expect(outcomes[2].failure == "no handler knows the kind 'unheard-of'")
        #expect(outcomes[3].failure == "nothing was compared")
        #expect(outcomes[4].failure?.contains("b.safetensors") == true)
    }

    @Test(
        "Names are split at dots, not in numbers",
        arguments: [
            ("p16.D1.5.out_sigma_0.05", ["p16", "D1.5", "out_sigma_0.05"]),
            ("D1.5.heun.steps10", ["D1.5", "heun", "steps10"]),
            ("D64.out_sigma_1e-05", ["D64", "out_sigma_1e-05"]),
            ("lsun_D2.25.out.loss", ["lsun_D2.25", "out", "loss"]),
            ("general.n5.pos", ["general", "n5", "pos"]),
            ("Dinf.unipc3_bh2.nodes12", ["Dinf", "unipc3_bh2", "nodes12"]),
        ])
    func names(name: String, words: [String]) {
        #expect(GoldenCase.words(of: name) == words)
    }

    @Test(
        "The manifests that are here can be read", arguments: ["pfgmpp", "gdss", "radd", "gde", "mfm", "splat"])
    func manifests(family: String) throws {
        guard Golden.isPresent(family) else { return }
        for one in try Golden.cases(of: family) where one["file"]?.text?.hasSuffix(".safetensors") == true {
            #expect(try !one.file().names.isEmpty)
        }
    }
}
