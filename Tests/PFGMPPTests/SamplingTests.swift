import Genera
import GeneraTesting
import PFGMPP
import Testing

@Suite struct SamplingTests {
    static let conditional = Tiny.configuration {
        ($0.labelDim, $0.labelDropout) = (3, 0.1)
        ($0.modelChannels, $0.imgChannels, $0.imgResolution) = (16, 3, 16)
    }

    private func sampler(_ words: [String], _ context: RunContext) throws -> any Sampler {
        try PFGMPP.sampler(try PFGMPPSamplingOptions.parse(words), context)
    }

    @Test(
        "A picture has the same bits in any batch, on any thread, whatever else is asked for", arguments: [false, true])
    func batchInvariance(isConditional: Bool) throws {
        let folder = TemporaryFolder()
        let context = try Tiny.context(isConditional ? Self.conditional : Tiny.configuration(), in: folder)
        let sampler = try sampler(["--steps", "4"], context)
        func draw(_ indices: [Int], batch: Int = 64, workers: Int = 1) throws -> [Image] {
            try Tiny.pictures(sampler, SamplingRequest(indices: indices, seed: 7, batch: batch, workers: workers))
        }
        let all = try draw(Array(0..<11))
        #expect(Set(all.map { "\($0)" }).count == 11)
        for (batch, workers) in [(1, 1), (3, 1), (64, 2), (2, 2)] {
            #expect(
                try draw(Array(0..<11), batch: batch, workers: workers) == all, "batch \(batch), \(workers) workers")
        }
        #expect(try draw([9, 2, 4]) == [all[9], all[2], all[4]])
        for index in [0, 10] { #expect(try draw([index]) == [all[index]]) }
        let shards = try (0..<2).map { part in
            try Tiny.pictures(sampler, SamplingRequest(indices: Array(0..<11), seed: 7, shard: (part, 2)))
        }
        #expect(shards[0] == stride(from: 0, to: 11, by: 2).map { all[$0] })
        #expect(shards[1] == stride(from: 1, to: 11, by: 2).map { all[$0] })
    }

    @Test("Another seed, D, solver, label or number of steps gives other pictures")
    func sensitivity() throws {
        let folder = TemporaryFolder()
        let context = try Tiny.context(Self.conditional, in: folder)
        func draw(_ words: [String], seed: UInt64 = 7) throws -> Image {
            try Tiny.pictures(sampler(["--steps", "3"] + words, context), SamplingRequest(indices: [0], seed: seed))[0]
        }
        let pictures = try [
            draw([]), draw([], seed: 8), draw(["--D", "2", "--override-D"]), draw(["--D", "inf", "--override-D"]),
            draw(["--solver", "euler"]),
            draw(["--steps", "5"]), draw(["--label", "0"]), draw(["--label", "1"]), draw(["--schedule", "log-linear"]),
            draw(["--guidance", "3", "--label", "1"]), draw(["--S-churn", "2"]),
        ]
        #expect(Set(pictures.map { "\($0)" }).count >= pictures.count - 1)
        #expect(try draw([]) == pictures[0])
    }

    @Test("The number of evaluations is Heun's 2n - 1, and n for the multistep solvers", arguments: [1, 2, 9])
    func evaluations(steps: Int) throws {
        let folder = TemporaryFolder()
        let context = try Tiny.context(Self.conditional, in: folder)
        for (solver, expected) in [("heun", 2 * steps - 1), ("euler", steps), ("dpmpp-2m", steps), ("unipc-3", steps)] {
            let sampler = try sampler(["--steps", "\(steps)", "--solver", solver], context)
            #expect(sampler.evaluationCount == expected && sampler.stepCount == steps, "\(solver)")
            #expect(try Tiny.pictures(sampler, SamplingRequest(indices: [0])).count == 1)
        }
        #expect(
            try sampler(["--steps", "\(steps)", "--guidance", "2"], context).evaluationCount == 2 * (2 * steps - 1))
    }

    @Test("Weights that are not numbers stop the sampling, naming sample and step")
    func notFinite() throws {
        let folder = TemporaryFolder()
        var weights = try Tiny.weights(Tiny.configuration())
        let index = try #require(weights.firstIndex { $0.name.hasSuffix("aux_conv.weight") })
        weights[index].tensor = weights[index].tensor * Double.nan
        let sampler = try sampler(["--steps", "4"], Tiny.context(in: folder, weights: weights))
        let error = try #require(throws: GeneraError.self) {
            try Tiny.pictures(sampler, SamplingRequest(indices: [5, 6]))
        }
        #expect(error.description.hasPrefix("Sample 5 became NaN or infinite at step 1 of 4 (sigma 80"), "\(error)")
    }

    @Test("Points on the circle come out on the circle", arguments: ["1", "64", "inf"])
    func toy(D: String) throws {
        let options = ["--model", "analytic-points", "--D", D, "--steps", "30"]
        let sampler = try sampler(options, RunContext())
        func points<S: Sampler>(_ sampler: S) throws -> [PointCloud] {
            try SamplingDriver().run(sampler, SamplingRequest(indices: Array(0..<300))).samples.compactMap {
                $0 as? PointCloud
            }
        }
        let all = try points(sampler).flatMap(\.points)
        let near = all.count { point in abs((point.x * point.x + point.y * point.y).squareRoot() - 1) < 0.02 }
        #expect(all.count == 300 && near > 280)
    }

    static let wrongOptions: [(words: [String], message: String)] = [
        (["--steps", "0"], "--steps must be from 1"), (["--sigma-min", "0"], "--sigma-min must be above 0"),
        (["--sigma-min", "90"], "must be below --sigma-max"), (["--rho=-1"], "--rho must be above 0"),
        (["--S-churn=-1"], "--S-churn must not be negative"), (["--eta", "2"], "--eta must be from 0 to 1"),
        (["--S-churn", "3", "--solver", "euler"], "--solver heun only"),
        (["--label=-2"], "--label must not be negative"),
        (["--D", "0"], "D"), (["--D", "nan"], "D"), (["--D=-3"], "D"), (["--solver", "rk9"], "solver"),
        (["--guidance", "inf"], "--guidance must be a finite"), (["--sigma-max", "inf"], "sigma-max"),
    ]

    @Test("Options that make no sense are refused by name", arguments: wrongOptions.indices)
    func options(index: Int) {
        let (words, message) = Self.wrongOptions[index]
        do {
            _ = try PFGMPPSamplingOptions.parse(words)
            Issue.record("\(words) was taken")
        } catch {
            #expect(
                PFGMPPSamplingOptions.message(for: error).contains(message),
                "\(PFGMPPSamplingOptions.message(for: error))")
        }
    }

    @Test("A label of a model without classes, or beyond them, is refused")
    func labelRange() throws {
        let folder = TemporaryFolder()
        var context = try Tiny.context(in: folder)
        #expect(
            try #require(throws: GeneraError.self) { try sampler(["--label", "0"], context) }.description.contains(
                "without classes"))
        context = try Tiny.context(Self.conditional, in: folder)
        #expect(
            try #require(throws: GeneraError.self) { try sampler(["--label", "3"], context) }.description.contains(
                "from 0 to 2"))
    }

    @Test("A checkpoint whose weights do not fit is refused with its file and keys")
    func misfit() throws {
        let folder = TemporaryFolder()
        let weights = try Tiny.weights(Tiny.configuration()).filter { $0.name != "model.map_layer0.bias" }
        let context = try Tiny.context(in: folder, weights: weights)
        let error = try #require(throws: GeneraError.self) { try sampler([], context) }
        #expect(
            error.description.contains("model.safetensors")
                && error.description.contains("1 missing: model.map_layer0.bias"))
    }
}
