import Genera
import GeneraTesting
import PFGMPP
import Testing

/// Training from Swift, without a command line.
@Suite struct TrainingValuesTests {
    /// Weights after two steps.
    private func weights(_ trainer: any Trainer) throws -> [String: [UInt32]] {
        let folder = TemporaryFolder()
        let settings = try TrainingSettings.with {
            ($0.steps, $0.previewEvery, $0.checkpointEvery, $0.seed) = (2, 0, 100_000, 4)
        }
        let report = try TrainingDriver(
            trainer, settings: settings, family: PFGMPP.name, directory: folder.file("run")
        ).start()
        let tensors = try ModelCheckpoint.load(report.modelFile).tensors()
        return try Dictionary(uniqueKeysWithValues: tensors.map { ($0.name, try $0.tensor.bits) })
    }

    private func dataset() throws -> ImageDataset {
        let folder = TemporaryFolder()
        for number in 0..<6 {
            let bytes = (0..<64).map { UInt8(($0 * (number + 3)) % 251) }
            try PNG.write(Image(width: 8, height: 8, channels: 1, bytes: bytes), to: folder.file("\(number).png"))
        }
        return try ImageDataset.load(folder.path)
    }

    static let pointWords: [(words: [String], training: @Sendable () throws -> PFGMPP.Training)] = [
        (["--D", "64"], { try .init(.eightGaussians, D: 64) }),
        (
            ["--D", "inf", "--precond", "toy", "--ls", "2"],
            {
                var c = NetworkConfiguration(modelType: .toyMLP)
                c.preconditioning = .toy
                var training = try PFGMPP.Training(.eightGaussians, network: c)
                training.lossScale = 2
                return training
            }
        ),
        (
            ["--D", "8", "--clip-compat", "--p-mean=-0.5", "--p-std", "1"],
            {
                var training = try PFGMPP.Training(.eightGaussians, D: 8)
                training.radii = .clipped
                (training.loss.pMean, training.loss.pStd) = (-0.5, 1)
                return training
            }
        ),
        (
            ["--D", "64", "--stf", "--rbatch", "32"],
            {
                var training = try PFGMPP.Training(.eightGaussians, D: 64)
                training.targets = .stable(references: 32)
                return training
            }
        ),
    ]

    @Test("Values train what the words of the command line train", arguments: pointWords.indices)
    func valuesAreWords(index: Int) throws {
        let (words, make) = Self.pointWords[index]
        let common = ["--arch", "toy", "--data", "eight-gaussians", "--batch-size", "64", "--lr", "0.01"]
        let options = try PFGMPPTrainingOptions.parse(common + words)
        var training = try make()
        (training.schedule.batch, training.schedule.rate) = (64, 0.01)
        #expect(
            try weights(training.trainer(seed: 3)) == weights(PFGMPP.trainer(options, RunContext(seed: 3))), "\(words)")
    }

    @Test("Images are trained with a network of one's own, from the weights of a model or from new ones")
    func images() throws {
        var c = Tiny.configuration()
        c.augmentDim = 9
        var training = try PFGMPP.Training(.images(dataset(), mirrored: true, augmented: 0.2), network: c)
        (training.schedule.batch, training.schedule.rate, training.cut) = (4, 1e-3, 4)
        let first = try weights(training.trainer(seed: 1))
        #expect(try weights(training.trainer(seed: 2)) != first)
        let model = try ModelCheckpoint(family: PFGMPP.name, configuration: "", tensors: Tiny.weights(c))
        training.start = .model(model)
        #expect(try weights(training.trainer(seed: 1)) == weights(training.trainer(seed: 2)))
    }

    @Test("A run from Swift writes a model that can be loaded and drawn from")
    func run() throws {
        let folder = TemporaryFolder()
        var training = try PFGMPP.Training(.points(PointCloud([1, 0, -1, 0, 0, 1], dimension: 2)), D: 32)
        training.schedule.batch = 32
        let report = try training.run(
            in: folder.file("run"), .with { ($0.steps, $0.previewEvery, $0.checkpointEvery) = (2, 0, 100) })
        let further = try training.run(
            in: folder.file("run"), .with { ($0.steps, $0.previewEvery, $0.checkpointEvery) = (4, 0, 100) },
            resuming: true)
        #expect(report.step == 2 && further.step == 4)
        let model = try PFGMPP.load(report.modelFile)
        #expect(try model.points(3, .init(levels: .rho(steps: 2))).count == 3)
        #expect(throws: SamplingError.otherKind(isOfPoints: true)) { try model.sample(1) }
    }

    static let faults: [(field: String, change: @Sendable (inout PFGMPP.Training) -> Void)] = [
        ("img_resolution", { $0.network.imgChannels = 3 }), ("model_type", { $0.network.modelType = .songUNet }),
        ("D", { ($0.loss, $0.network.D) = (DenoisingLoss(.vp), 4) }),
        ("D", { ($0.radii, $0.network.D) = (.clipped, nil) }), ("sigma_data", { $0.network.sigmaData = -1 }),
    ]

    @Test("What does not go together names the field", arguments: faults.indices)
    func refused(index: Int) throws {
        var training = try PFGMPP.Training(.eightGaussians, D: 64)
        let (field, change) = Self.faults[index]
        change(&training)
        let error = try #require(throws: ConfigurationError.self) { try training.trainer() }
        #expect(error.field == field, "\(error)")
    }

    @Test("iDDPM is sampled and not trained")
    func iddpm() throws {
        var c = Tiny.configuration()
        c.preconditioning = .iddpm
        #expect(throws: ConfigurationError.self) { try PFGMPP.Training(.images(dataset()), network: c) }
    }
}
