import Foundation
import Genera
import GeneraTesting
import PFGMPP
import Testing

@Suite struct ToyTests {
    private func trainer(_ words: [String]) throws -> ObjectiveTrainer {
        let options = try PFGMPPTrainingOptions.parse(["--arch", "toy"] + words)
        return try #require(try PFGMPP.trainer(options, RunContext(seed: 1)) as? ObjectiveTrainer)
    }

    private func objective(_ words: [String]) throws -> any Objective { try trainer(words).objective }

    /// Trains for some steps. - Returns: the file of the averaged weights.
    private func train(_ words: [String], steps: Int, in folder: TemporaryFolder) throws -> String {
        let settings = try TrainingSettings.with {
            ($0.steps, $0.previewEvery, $0.checkpointEvery, $0.logEvery) = (steps, 0, 100_000, 1000)
        }
        let recipe = [
            "--batch-size", "256", "--micro-batch", "256", "--lr", "2e-3", "--lr-rampup-kimg", "10",
            "--ema-halflife-kimg", "20", "--gradient-clip", "1",
        ]
        let driver = TrainingDriver(
            try trainer(words + recipe), settings: settings, family: PFGMPP.name, directory: folder.file("run"))
        return try driver.start().modelFile
    }

    private func network(_ path: String) throws -> NetworkDenoiser {
        let checkpoint = try ModelCheckpoint.load(path)
        let configuration = try NetworkConfiguration(json: checkpoint.configuration, file: path)
        let scope = ParameterScope.loading(try checkpoint.tensors())
        let network = try NetworkDenoiser(configuration, in: scope)
        try scope.finish()
        return network
    }

    @Test("A small network learns the closed-form denoiser of eight Gaussians", arguments: ["1", "2", "64", "inf"])
    func eightGaussians(D: String) throws {
        let folder = TemporaryFolder()
        let path = try train(
            ["--data", "eight-gaussians", "--D", D, "--cbase", "64", "--p-mean=-0.6"]
                + (D == "1" ? ["--clip-compat"] : []), steps: 2000, in: folder)
        let network = try network(path)
        let kernel = StudentT(D: Double(D) ?? .infinity)
        let centres = (0..<8).map { [cos(Double($0) * .pi / 4), sin(Double($0) * .pi / 4)] }
        var exact = MixtureDenoiser(
            weights: [Double](repeating: 0.125, count: 8), means: centres,
            variances: [Double](repeating: 0.01, count: 8), kernel: kernel)
        exact.nodeCount = 400
        let noise = Noise(seed: 3, samples: Array(0..<400))
        let clean = Tensor(noise.samples.flatMap { centres[$0 % 8] }, shape: [400, 2])
        for sigma in [0.1, 0.3, 1.0] {
            let blur = try noise.normal([2], at: .start).to(.float64) * 0.1
            let x = clean + blur + (try kernel.draw([2], noise: noise, at: .start(draw: 1))) * sigma
            let answer = try exact(x, sigma: sigma)
            let learned = network(x.reshaped([400, 2, 1, 1]), sigma: sigma).reshaped([400, 2]).to(.float64)
            let errors = try (learned - answer).squared().mean(axes: [1]).array(of: Double.self).sorted()
            // Of the data's variance of 0.51 a coordinate. At small D some noise is so far out that it was hardly ever seen.
            let error = errors.prefix(380).reduce(0, +) / 380
            #expect(error < (D == "1" ? 0.12 : 0.02), "D = \(D), sigma \(sigma): \(error)")
        }
    }

    @Test("A trained network of points is sampled as a set of points")
    func sampled() throws {
        let folder = TemporaryFolder()
        let path = try train(
            ["--data", "eight-gaussians", "--D", "64", "--cbase", "64", "--p-mean=-0.6"], steps: 2000, in: folder)
        let options = try PFGMPPSamplingOptions.parse(["--steps", "20"])
        let sampler = try PFGMPP.sampler(options, RunContext(checkpoint: path))
        func points<S: Sampler>(_ sampler: S) throws -> [Point] {
            try SamplingDriver().run(sampler, SamplingRequest(indices: Array(0..<512), seed: 4)).samples.flatMap {
                ($0 as? PointCloud)?.points ?? []
            }
        }
        let all = try points(sampler)
        let radii = all.map { ($0.x * $0.x + $0.y * $0.y).squareRoot() }
        #expect(all.count == 512 && radii.count { abs($0 - 1) < 0.4 } > 430)
        for quadrant in [(1.0, 1.0), (-1, 1), (1, -1), (-1, -1)] {
            #expect(all.count { $0.x * quadrant.0 > 0 && $0.y * quadrant.1 > 0 } > 80)
        }
    }

    @Test("The notebook's wrapper and clusters are there: a thousand dimensions")
    func clusters() throws {
        let objective = try objective(["--data", "two-clusters", "--D", "100", "--precond", "toy"])
        #expect(objective.datasetSize == 2000)
        #expect(
            objective.configuration.contains("ToyPrecond") && objective.configuration.contains("\"img_channels\":1000"))
        let names = Set(objective.parameters.map(\.name))
        let layers = ["fc1", "fc1_skip", "fc2", "fc3", "fc_skip", "fc4"]
        #expect(names == Set(layers.flatMap { ["model.\($0).weight", "model.\($0).bias"] }))
        let loss = try objective.loss(of: Batch([0, 1999], noise: Noise(seed: 1, samples: [0, 1])))
        #expect(try loss.item() > 0 && loss.item().isFinite)
        let sampler = try #require(
            try objective.previewSampler(weights: objective.parameters))
        func draw<S: Sampler>(_ sampler: S) throws -> Int {
            try SamplingDriver().run(sampler, SamplingRequest(indices: [0, 1])).samples.count
        }
        #expect(try draw(sampler) == 2)
    }

    @Test("Points of a file are learned; other arrays are refused with their shape")
    func arrays() throws {
        let folder = TemporaryFolder()
        let path = folder.file("points.npy")
        try NPY.write(RawTensor([1, 2, 3, 4, 5, 6] as [Double], shape: [2, 3]), to: path)
        let objective = try objective(["--data", path])
        #expect(objective.datasetSize == 2 && objective.configuration.contains("\"img_channels\":3"))
        try AtomicFile.write("name,a,b\nx,1,2\ny,3,4\nz,5,6\n", to: folder.file("points.csv"))
        let table = try self.objective(["--data", folder.file("points.csv")])
        #expect(table.datasetSize == 3 && table.configuration.contains("\"img_channels\":2"))
        try NPY.write(RawTensor([1, 2, 3, 4, 5, 6] as [Double], shape: [1, 1, 2, 3]), to: path)
        #expect(
            try #require(throws: GeneraError.self) { try self.objective(["--data", path]) }.description.contains(
                "[1, 1, 2, 3]"))
        #expect(
            try #require(throws: GeneraError.self) { try self.objective(["--data", "nine"]) }.description.contains(
                "eight-gaussians"))
    }
}
