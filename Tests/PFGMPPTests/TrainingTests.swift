import Genera
import GeneraTesting
import PFGMPP
import Testing

@Suite struct TrainingTests {
    /// A folder of 8x8 grey pictures: bright or dark squares on a ramp.
    private func data(in folder: TemporaryFolder, count: Int = 24) throws -> String {
        for number in 0..<count {
            var bytes = [UInt8](repeating: 0, count: 64)
            for k in 0..<64 {
                let inside = (2...5).contains(k % 8) && (2...5).contains(k / 8)
                bytes[k] = inside ? (number % 2 == 0 ? 220 : 30) : UInt8(100 + 3 * (k % 8))
            }
            try PNG.write(
                Image(width: 8, height: 8, channels: 1, bytes: bytes), to: folder.file("img\(100 + number).png"))
        }
        return folder.path
    }

    private func objective(_ words: [String], _ path: String, seed: UInt64 = 0) throws -> any Objective {
        try trainer(words, path, seed: seed).objective
    }

    private func trainer(_ words: [String], _ path: String, seed: UInt64 = 0) throws -> ObjectiveTrainer {
        let options = try PFGMPPTrainingOptions.parse(
            ["--data", path, "--cbase", "8", "--cres", "1,2", "--nblock", "1", "--attn-resolutions", "4", "--D", "64"]
                + words)
        return try #require(try PFGMPP.trainer(options, RunContext(seed: seed)) as? ObjectiveTrainer)
    }

    @Test("Training on a few pictures lowers the loss", arguments: ["ddpmpp", "ncsnpp", "adm"])
    func lossFalls(arch: String) throws {
        let folder = TemporaryFolder()
        let run = TemporaryFolder()
        let trainer = try trainer(
            [
                "--arch", arch, "--dropout", "0", "--batch-size", "16", "--micro-batch", "16", "--lr", "3e-3",
                "--lr-rampup-kimg", "0.1",
            ], data(in: folder))
        let objective = trainer.objective
        let before = try fixedLoss(objective)
        let settings = try TrainingSettings.with {
            ($0.steps, $0.previewEvery, $0.checkpointEvery) = (60, 0, 1000)
        }
        let driver = TrainingDriver(trainer, settings: settings, family: PFGMPP.name, directory: run.file("run"))
        #expect(try driver.start().step == 60)
        let after = try fixedLoss(objective)
        #expect(after < 0.7 * before, "\(before) to \(after)")
    }

    /// The loss of some draws that do not change.
    private func fixedLoss(_ objective: any Objective) throws -> Double {
        try withoutGradients {
            try objective.loss(
                of: Batch((0..<64).map { $0 % 24 }, noise: Noise(seed: 99, samples: Array(0..<64)))
            ).item()
        }
    }

    @Test(
        "The size of micro-batches changes neither the noise nor the loss",
        arguments: [[], ["--xflip"], ["--augment", "0.3"]])
    func microBatches(words: [String]) throws {
        let folder = TemporaryFolder()
        let objective = try objective(words + ["--dropout", "0.2"], data(in: folder))
        let indices = [3, 1, 4, 1, 5, 9, 2, 6]
        func loss(_ size: Int) throws -> Double {
            try withoutGradients {
                try stride(from: 0, to: 8, by: size).reduce(0) { sum, start in
                    let range = Array(start..<min(start + size, 8))
                    return sum
                        + (try objective.loss(
                            of: Batch(range.map { indices[$0] }, noise: Noise(seed: 5, samples: range))
                        ).item())
                }
            }
        }
        let whole = try loss(8)
        for size in [1, 3, 4] { #expect(abs(try loss(size) / whole - 1) < 1e-4) }
    }

    /// Gives all weights values that matter, also those that begin near zero.
    private func spreadOut(_ objective: any Objective) throws {
        for (name, tensor) in objective.parameters where tensor.rank > 1 {
            try tensor.copy(from: random(tensor.shape.sizes, seed: UInt64(name.utf8.count)) * 0.2)
        }
    }

    @Test("Dropout changes the loss in training, the same way for the same noise")
    func dropout() throws {
        let folder = TemporaryFolder()
        let path = try data(in: folder)
        func loss(_ dropout: String, seed: UInt64) throws -> Double {
            let objective = try objective(["--dropout", dropout], path)
            try spreadOut(objective)
            return try objective.loss(of: Batch([0, 1], noise: Noise(seed: seed, samples: [0, 1]))).item()
        }
        #expect(try loss("0.3", seed: 1) == loss("0.3", seed: 1))
        #expect(try abs(loss("0.3", seed: 1) / loss("0", seed: 1) - 1) > 1e-3)
    }

    @Test("Gradients reach every parameter once the output layer is not zero")
    func gradients() throws {
        let folder = TemporaryFolder()
        let objective = try objective(["--dropout", "0"], data(in: folder))
        try spreadOut(objective)
        let loss = try objective.loss(of: Batch([0, 1, 2], noise: Noise(seed: 1, samples: [0, 1, 2])))
        let gradients = try loss.gradients(of: objective.parameters.map(\.tensor))
        for ((name, _), gradient) in zip(objective.parameters, gradients) {
            #expect(try gradient.isFinite())
            #expect(try gradient.abs().sum().item() > 0, "\(name)")
        }
    }

    @Test("A model trained from a checkpoint starts from its weights")
    func transfer() throws {
        let folder = TemporaryFolder()
        let model = TemporaryFolder()
        let context = try Tiny.context(in: model)
        let path = try #require(context.checkpoint)
        let objective = try objective(["--dropout", "0", "--transfer", path], data(in: folder))
        let first = try #require(objective.parameters.first)
        let expected = try #require(try Tiny.weights(Tiny.configuration()).first { $0.name == first.name })
        #expect(try first.tensor.bits == expected.tensor.bits && first.tensor.requiresGradient)
    }

    @Test("The weight of the loss makes every noise level count alike at the start")
    func weight() {
        let loss = DenoisingLoss()
        // With a network that puts out 0 the error of F is 1 per pixel for data of deviation sigma_data: weight · c_out² = 1.
        for sigma in [0.002, 0.5, 3, 80] {
            let out = sigma * 0.5 / (sigma * sigma + 0.25).squareRoot()
            #expect(abs(loss.weight(sigma) * out * out - 1) < 1e-12)
        }
        let levels = loss.levels([0, 1, -1])
        #expect(abs(levels[1] / levels[0] - 3.3201169227) < 1e-5 && abs(levels[0] - 0.3011942119) < 1e-6)
        #expect(abs(DenoisingLoss(levelScale: 4.75).levels([0])[0] / levels[0] - 4.75) < 1e-6)
    }

    @Test("The first step has learning rate 0, and the average starts as a copy")
    func schedules() throws {
        let schedule = TrainingSchedule()
        #expect(schedule.learningRate(after: 0) == 0)
        #expect(schedule.learningRate(after: 5_000_000) == 0.5e-3)
        #expect(schedule.learningRate(after: 20_000_000) == 1e-3)
        #expect(schedule.averageDecay(after: 0) == 0)
        #expect(abs(schedule.averageDecay(after: 20_000_000) - 0.9992904691) < 1e-9)
        let plan = schedule.plan(samples: 200e6, cut: 32)
        #expect(plan.steps == 390_625 && plan.rate(5000) == schedule.learningRate(after: 2_560_000))
    }

    @Test("How it trains is chosen by words, and length by steps, samples or neither")
    func plan() throws {
        func plan(_ words: [String]) throws -> OptimiserPlan {
            let options = try PFGMPPTrainingOptions.parse(["--data", "eight-gaussians", "--arch", "toy"] + words)
            return try #require(try PFGMPP.trainer(options, RunContext()) as? ObjectiveTrainer).plan
        }
        let usual = try plan([])
        #expect(usual.steps == 390_625 && usual.batch == 512 && usual.cut == 32 && usual.clip == nil)
        #expect(usual.cleaning == 1e5 && usual.rate(1_000_000) == 1e-3)
        let other = try plan(["--duration", "0.001", "--batch", "10", "--batch-gpu", "3", "--gradient-clip", "2"])
        #expect(other.steps == 100 && other.batch == 10 && other.cut == 3 && other.clip == 2)
    }

    static let wrongOptions: [(words: [String], message: String)] = [
        (["--arch", "vit"], "--arch must be"), (["--precond", "x"], "--precond must be"),
        (["--dropout", "1"], "--dropout"),
        (["--label-dropout=-0.1"], "--label-dropout"), (["--p-std", "0"], "--p-std"), (["--cres", "1,x"], "--cres"),
        (["--batch-size", "0"], "--batch-size"), (["--lr=-1"], "--lr"), (["--duration", "1e14"], "--duration"),
        (["--batch", "9223372036854775807"], "--batch-size"), (["--duration", "nan"], "--duration"),
        (["--max-images", "0"], "--max-images"), (["--attn-resolutions", "a"], "--attn-resolutions"), (["--D=-1"], "D"),
    ]

    @Test("Training options that make no sense are refused by name", arguments: wrongOptions.indices)
    func options(index: Int) {
        let (words, message) = Self.wrongOptions[index]
        do {
            _ = try PFGMPPTrainingOptions.parse(["--data", "x"] + words)
            Issue.record("\(words) was taken")
        } catch {
            #expect(
                PFGMPPTrainingOptions.message(for: error).contains(message),
                "\(PFGMPPTrainingOptions.message(for: error))")
        }
    }

    @Test("Labels asked of a data set without any are an error that names it")
    func noLabels() throws {
        let folder = TemporaryFolder()
        let path = try data(in: folder, count: 2)
        let error = try #require(throws: GeneraError.self) { try objective(["--cond"], path) }
        #expect(error.description.contains("has no labels"))
    }
}
