import Genera
import GeneraTesting
import Goldens
import PFGMPP
import Testing

@Suite("Golden cases of pfgmpp", .enabled(if: Golden.isPresent("pfgmpp")))
struct PFGMPPGoldenTests {
    @Test("Every case agrees with the reference")
    func cases() throws {
        let outcomes = try PFGMPPGoldens.runner.outcomes()
        #expect(!outcomes.isEmpty)
        for outcome in outcomes {
            #expect(outcome.failure == nil, "\(outcome)")
        }
    }
}

@Suite("Cases with a D between whole numbers")
struct FractionalDimensionTests {
    @Test("Are read from their tensors' names, by closed form and by solver")
    func cases() throws {
        let folder = TemporaryFolder()
        try FileSystem.makeFolder(folder.file("pfgmpp"))
        let points = Tensor([0.5, -1, 2, 0.25] as [Double], shape: [2, 2])
        let denoiser = PointsDenoiser(points: points, kernel: StudentT(D: 1.5))
        let x = Tensor([0.1, 0.2, -0.3, 1.5] as [Double], shape: [2, 2])
        var state = DenoisingState(x: x * 80)
        let nodes = NoiseLevels.rho(5, low: 0.002, high: 80) + [0]
        for index in 0..<5 {
            try Heun().step(&state, index: index, nodes: nodes, noise: { _ in x }, denoise: { denoiser($0, sigma: $1) })
        }
        func raw(_ tensor: Tensor) throws -> RawTensor { try RawTensor(tensor) }
        try Safetensors.write(
            [
                ("p16.points", raw(points)), ("p16.x_sigma_0.05", raw(x)),
                ("p16.D1.5.out_sigma_0.05", raw(denoiser(x, sigma: 0.05))), ("points", raw(points)),
                ("D1.5.latents", raw(x * 80)), ("D1.5.heun.steps5", raw(state.x)),
            ], to: folder.file("pfgmpp/a.safetensors"))
        try AtomicFile.write(
            """
            {"cases": [
              {"name": "denoiser", "kind": "analytic_denoiser", "file": "a.safetensors"},
              {"name": "solver", "kind": "sampler_analytic", "file": "a.safetensors", "schedule": {"final_zero": true}}
            ]}
            """, to: folder.file("pfgmpp/manifest.json"))
        let outcomes = try PFGMPPGoldens.runner(in: folder.path).outcomes()
        #expect(outcomes.map(\.failure) == [nil, nil])
    }
}
