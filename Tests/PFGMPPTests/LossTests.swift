import Foundation
import Genera
import GeneraTesting
import PFGMPP
import Testing

@Suite struct LossTests {
    @Test("Levels of the VE loss are log-uniform from 0.02 to 100, and count as 1 / sigma²")
    func varianceExploding() {
        let loss = DenoisingLoss(.ve)
        let levels = loss.levels([0, 0.5, 1])
        for (got, expected) in zip(levels, [0.02, 2.0.squareRoot(), 100]) { #expect(abs(got / expected - 1) < 1e-5) }
        #expect(loss.weight(4) == 0.0625)
    }

    @Test("Levels of the VP loss are those of its diffusion from time 1 down to 1e-5, and count as 1 / sigma²")
    func variancePreserving() {
        let loss = DenoisingLoss(.vp)
        let levels = loss.levels([0, 0.5, 1])
        func exact(_ t: Double) -> Double { expm1(9.95 * t * t + 0.1 * t).squareRoot() }
        #expect(abs(levels[0] / exact(1) - 1) < 1e-5 && abs(levels[1] / exact(0.500005) - 1) < 1e-5)
        // exp(1e-6) - 1 has one good digit in float32.
        #expect(abs(levels[2] / exact(1e-5) - 1) < 0.1)
        #expect(loss.weight(0.5) == 4)
    }

    @Test("The stable target is the closed-form posterior mean", arguments: [1.0, 64, 2048, .infinity])
    func stableTarget(D: Double) throws {
        let kernel = StudentT(D: D)
        let points = try random([12, 6], seed: 2)
        let noisy = try random([4, 6], seed: 3)
        let sigmas = [0.05, 0.4, 1, 9]
        let means = StableTarget(kernel: kernel).means(of: noisy, sigmas: sigmas, references: points)
        let denoiser = PointsDenoiser(points: points, kernel: kernel)
        for (row, sigma) in sigmas.enumerated() {
            let exact = denoiser(noisy.narrowed(axis: 0, row..<row + 1), sigma: sigma)
            #expect(try means.narrowed(axis: 0, row..<row + 1).distance(to: exact) < 1e-5, "sigma \(sigma)")
        }
    }

    @Test("For two points at ±1 the stable target is tanh(x / sigma²)")
    func twoPoints() throws {
        let points = Tensor([Float(1), -1], shape: [2, 1])
        let noisy = Tensor([Float(0.3), -2], shape: [2, 1])
        let means = try StableTarget(kernel: StudentT(D: .infinity))
            .means(of: noisy, sigmas: [0.7, 3], references: points).array(of: Double.self)
        #expect(abs(means[0] - tanh(Double(Float(0.3)) / 0.49)) < 1e-12 && abs(means[1] - tanh(-2.0 / 9)) < 1e-12)
    }

    /// 8x8 pictures, each of one grey.
    private func data(_ count: Int, in folder: TemporaryFolder) throws -> String {
        for number in 0..<count {
            let bytes = [UInt8](repeating: UInt8(20 + 9 * number), count: 64)
            try PNG.write(
                Image(width: 8, height: 8, channels: 1, bytes: bytes), to: folder.file("img\(100 + number).png"))
        }
        return folder.path
    }

    private func objective(_ words: [String], _ path: String) throws -> any Objective {
        let small = [
            "--cbase", "8", "--cres", "1", "--nblock", "1", "--attn-resolutions", "none", "--dropout", "0",
        ]
        let options = try PFGMPPTrainingOptions.parse(["--data", path] + small + words)
        let objective = try #require(try PFGMPP.trainer(options, RunContext(seed: 0)) as? ObjectiveTrainer).objective
        for (name, tensor) in objective.parameters where tensor.rank > 1 {
            try tensor.copy(from: random(tensor.shape.sizes, seed: UInt64(name.utf8.count)) * 0.2)
        }
        return objective
    }

    private func loss(_ objective: any Objective, _ indices: [Int], micro: Int? = nil) throws -> Double {
        try withoutGradients {
            try stride(from: 0, to: indices.count, by: micro ?? indices.count).reduce(0) { sum, start in
                let range = Array(start..<min(start + (micro ?? indices.count), indices.count))
                let noise = Noise(seed: 5, samples: range)
                return sum + (try objective.loss(of: Batch(range.map { indices[$0] }, noise: noise)).item())
            }
        }
    }

    @Test("With one picture the stable target is that picture")
    func onePicture() throws {
        let folder = TemporaryFolder()
        let path = try data(1, in: folder)
        let plain = try loss(objective(["--D", "64"], path), [0, 0, 0])
        let stable = try loss(objective(["--D", "64", "--stf"], path), [0, 0, 0])
        #expect(abs(stable / plain - 1) < 1e-4)
    }

    @Test(
        "Stable targets depend neither on micro-batches nor on what else is in the batch",
        arguments: [["--rbatch", "4"], ["--rbatch", "100"], ["--rbatch", "3", "--augment", "0.5"]])
    func microBatches(words: [String]) throws {
        let folder = TemporaryFolder()
        let objective = try objective(words + ["--D", "64", "--stf"], data(9, in: folder))
        let indices = [3, 1, 4, 1, 5, 8, 2, 6]
        let whole = try loss(objective, indices)
        for size in [1, 3] { #expect(abs(try loss(objective, indices, micro: size) / whole - 1) < 1e-4) }
        let plain = try loss(
            self.objective(["--D", "64"] + words.dropLast(words.count - 2), data(9, in: folder)), indices)
        #expect(abs(plain / whole - 1) > 1e-6)
    }

    @Test(
        "Every preconditioning trains with the loss of its own, to finite gradients",
        arguments: [["--precond", "ve"], ["--precond", "vp"], ["--clip-compat", "--D", "2"], ["--no-pfgmpp"]])
    func variants(words: [String]) throws {
        let folder = TemporaryFolder()
        let objective = try objective(words, data(6, in: folder))
        let sum = try objective.loss(of: Batch([0, 1, 2], noise: Noise(seed: 1, samples: [0, 1, 2])))
        let gradients = try sum.gradients(of: objective.parameters.map(\.tensor))
        #expect(try sum.item() > 0)
        for gradient in gradients { #expect(try gradient.isFinite()) }
    }

    @Test("--ls multiplies the loss, and the default of D goes with the preconditioning")
    func scale() throws {
        let folder = TemporaryFolder()
        let path = try data(2, in: folder)
        let (one, hundred) = (
            try loss(objective([], path), [0, 1]), try loss(objective(["--ls", "100"], path), [0, 1])
        )
        #expect(abs(hundred / one - 100) < 1e-3)
        #expect(try objective([], path).configuration.contains("\"D\":2048"))
        #expect(try !objective(["--precond", "vp"], path).configuration.contains("\"D\""))
        #expect(try objective(["--aug_dim", "128"], path).configuration.contains("\"D\":128"))
    }

    static let wrong: [(words: [String], message: String)] = [
        (["--precond", "vp", "--D", "64"], "--precond vp"), (["--precond", "vp", "--pfgmpp"], "--precond vp"),
        (["--precond", "ve", "--lsun"], "--lsun"), (["--pfgmpp", "--D", "inf"], "--pfgmpp needs a finite"),
        (["--no-pfgmpp", "--D", "3"], "--no-pfgmpp"), (["--clip-compat", "--D", "inf"], "--clip-compat"),
        (["--rbatch", "0"], "--rbatch"), (["--ls", "0"], "--ls"), (["--precond", "toy"], "--arch toy only"),
        (["--arch", "toy", "--cond"], "--cond does not go with --arch toy"),
        (["--arch", "toy", "--nblock", "2"], "--nblock does not go"), (["--sigma-data", "0"], "--sigma-data"),
    ]

    @Test("Training options that do not go together are refused by name", arguments: wrong.indices)
    func combinations(index: Int) {
        let (words, message) = Self.wrong[index]
        do {
            _ = try PFGMPPTrainingOptions.parse(["--data", "x"] + words)
            Issue.record("\(words) was taken")
        } catch {
            let text = PFGMPPTrainingOptions.message(for: error)
            #expect(text.contains(message), "\(text)")
        }
    }
}
