import Foundation
import Genera
import Testing

/// Commands of a family's own, by the one that PFGM++ has.
@Suite struct VerbTests {
    private let words =
        "--checkpoint tiny.safetensors --solver unipc-2 --steps 3 --samples 2 --sweeps 1 --reference-steps 4"

    @Test(
        "A family's command is found in three ways",
        arguments: ["pfgmpp optimise-schedule", "optimise-schedule pfgmpp", "optimise-schedule"])
    func forms(command: String) throws {
        let folder = try TinyRun.folderWithModel()
        let outcome = try run("\(command) \(words) --out a.yaml --json", in: folder)
        expectSuccess(outcome)
        let json = try #require(try JSONSerialization.jsonObject(with: Data(outcome.bytes)) as? [String: Any])
        #expect(json["files"] as? [String] == ["a.yaml"] && json["errorAfter"] is Double)
        #expect(folder.names().sorted().filter { $0.hasPrefix("a.yaml") } == ["a.yaml", "a.yaml.json"])
    }

    @Test("What it wrote can be made again, and what was changed is told")
    func reproduce() throws {
        let folder = try TinyRun.folderWithModel()
        expectSuccess(try run("pfgmpp optimise-schedule \(words) --out a.yaml -q", in: folder))
        let again = try run("reproduce a.yaml", in: folder)
        expectSuccess(again)
        #expect(again.output.contains("bytes agree"))
        try folder.write(folder.text("a.yaml") + "# mine\n", to: "a.yaml")
        let changed = try run("reproduce a.yaml", in: folder)
        #expect(changed.status == 1 && changed.output.contains("they differ from byte"))
    }

    @Test("Options come from a configuration file too, and wrong keys are told with their line")
    func configuration() throws {
        let folder = try TinyRun.folderWithModel()
        let yaml = "family: pfgmpp\ncheckpoint: tiny.safetensors\nsteps: 3\nsamples: 2\nsweeps: 1\nreference-steps: 4\n"
        try folder.write(yaml, to: "search.yaml")
        expectSuccess(try run("pfgmpp optimise-schedule --config search.yaml --out b.yaml -q", in: folder))
        expectSuccess(try run("config check search.yaml --verb optimise-schedule", in: folder))
        try folder.write(yaml + "sweps: 3\n", to: "bad.yaml")
        expectFailure(try run("optimise-schedule --config bad.yaml --out c.yaml", in: folder), 65, "line 7")
    }

    @Test(
        "Words that mean nothing are told with what there is",
        arguments: [
            (
                "pfgmpp optimise",
                "'pfgmpp' has no command 'optimise'. Known: sample, train, evaluate, optimise-schedule."
            ),
            ("pfgmpp smaple", "Did you mean 'sample'?"),
            ("optimise-schedul", "Did you mean 'optimise-schedule'?"),
            ("pfgmpp optimise-schedule --stpes 3", "See `genera pfgmpp optimise-schedule --help`."),
        ])
    func senseless(words: String, fragment: String) throws {
        expectFailure(try run(words, in: Scratch()), 64, fragment)
    }

    @Test("A family's name leads to all that it does", arguments: ["pfgmpp", "pfgmpp --help", "help pfgmpp"])
    func group(words: String) throws {
        let outcome = try run(words, in: Scratch())
        expectSuccess(outcome)
        for word in ["sample", "train", "evaluate", "optimise-schedule"] {
            #expect(outcome.output.contains("  \(word) "))
        }
    }

    @Test("`genera FAMILY sample` is `genera sample FAMILY`")
    func sample() throws {
        let folder = try TinyRun.folderWithModel()
        for (words, file) in [("sample pfgmpp", "a.png"), ("pfgmpp sample", "b.png")] {
            expectSuccess(
                try run("\(words) --checkpoint tiny.safetensors --count 1 --steps 2 -q --out \(file)", in: folder))
        }
        #expect(try PNG.read(folder.file("a.png")) == PNG.read(folder.file("b.png")))
    }

    @Test("A family that cannot do something says so")
    func cannot() throws {
        expectFailure(try run("sample classifier", in: Scratch()), 69, "classifier draws no samples")
    }
}
