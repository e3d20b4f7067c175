import ArgumentParser
import Foundation
import Layers
import Tensors

extension ImageClassifier: TrainingFamily {
    /// `classifier`.
    public static let name = "classifier"
    /// One line for lists.
    public static let summary =
        "A classifier of images, whose features and classes `genera evaluate --extractor` measures by."

    /// Cross-entropy on labelled images, by Adam.
    public static func trainer(_ options: ClassifierTrainingOptions, _ run: RunContext) throws -> any Trainer {
        try ObjectiveTrainer(ClassifierObjective(options, context: run), options.plan)
    }
}

/// Options of `genera train classifier`, beside those that all trainings share.
public struct ClassifierTrainingOptions: ParsableArguments, Sendable {
    @Option(
        help: ArgumentHelp(
            "Labelled images: a folder or zip of pictures (PNG, JPEG, WebP) with dataset.json, an IDX file with its labels beside it, or CIFAR-10 binaries.",
            valueName: "path"))
    var data: String

    @Option(
        help: ArgumentHelp(
            "Train on the first images only. (default: all but those of --test-images)", valueName: "n"))
    var maxImages: Int?

    @Option(
        help: ArgumentHelp(
            "How many images after those trained on say how often the classifier is right.", valueName: "n"))
    var testImages = 1000

    @Option(help: ArgumentHelp("Channels of the first stage; there are twice as many features.", valueName: "n"))
    var cbase = 32

    @Option(help: ArgumentHelp("Images are moved by up to so many pixels.", valueName: "pixels"))
    var shift = 2

    @Option(name: [.long, .customLong("batch")], help: ArgumentHelp("Images per step.", valueName: "n"))
    var batchSize = 64

    @Option(
        help: ArgumentHelp("Images per evaluation of the loss; a matter of memory and speed.", valueName: "n"))
    var microBatch = 64

    @Option(help: ArgumentHelp("Adam's learning rate.", valueName: "rate"))
    var lr = 2e-3

    @Option(help: ArgumentHelp("Thousands of images over which the learning rate rises from 0.", valueName: "kimg"))
    var lrRampupKimg = 5.0

    @Option(help: ArgumentHelp("Half-life of the average of weights, in thousands of images.", valueName: "kimg"))
    var emaHalflifeKimg = 10.0

    @Option(
        help: ArgumentHelp("Half-life at most this part of the images seen; 0 for no such limit.", valueName: "ratio"))
    var emaRampupRatio = 0.1

    /// All defaults; filled by parsing.
    public init() {}

    /// Refuses values that make no sense, naming the option.
    public func validate() throws {
        func need(_ holds: Bool, _ text: String) throws { if !holds { throw ValidationError(text) } }
        try need((1...1 << 32).contains(maxImages ?? 1), "--max-images must be from 1 to 2^32, got \(maxImages ?? 0).")
        try need((0...1 << 32).contains(testImages), "--test-images must be from 0 to 2^32, got \(testImages).")
        try need(
            (8...512).contains(cbase) && cbase % 8 == 0, "--cbase must be a multiple of 8 up to 512, got \(cbase).")
        try need((0...64).contains(shift), "--shift must be from 0 to 64, got \(shift).")
        let batches = 1...BatchOrder.largestBatch
        try need(batches.contains(batchSize), "--batch-size must be from 1 to 1,000,000, got \(batchSize).")
        try need(batches.contains(microBatch), "--micro-batch must be from 1 to 1,000,000, got \(microBatch).")
        try need(lr >= 0 && lr.isFinite, "--lr must not be negative, got \(lr).")
        try need(lrRampupKimg >= 0, "--lr-rampup-kimg must not be negative, got \(lrRampupKimg).")
        try need(emaHalflifeKimg >= 0, "--ema-halflife-kimg must not be negative, got \(emaHalflifeKimg).")
        try need(emaRampupRatio >= 0, "--ema-rampup-ratio must not be negative, got \(emaRampupRatio).")
    }

    /// What the words mean: 2,000 steps of Adam.
    var plan: OptimiserPlan {
        let (rate, ramp, batch) = (lr, max(lrRampupKimg * 1000, 1e-8), batchSize)
        let average = Average.halfLife(emaHalflifeKimg * 1000, batch: batch, ramp: emaRampupRatio)
        return OptimiserPlan(steps: 2000, batch: batch, cut: microBatch, average: average) { steps in
            rate * min(Double(steps * batch) / ramp, 1)
        }
    }
}

/// Trains a classifier by its cross-entropy.
final class ClassifierObjective: Objective, @unchecked Sendable {
    private let classifier: ImageClassifier
    private let dataset: ImageDataset
    private let classes: [Int]
    private let shift: Int
    private let testCount: Int
    private let device: Device

    let parameters: [(name: String, tensor: Tensor)]
    let configuration: String
    let datasetSize: Int

    init(_ options: ClassifierTrainingOptions, context: RunContext) throws {
        dataset = try ImageDataset.load(
            options.data, limit: options.maxImages.map { $0 + options.testImages }, progress: context.progress)
        guard dataset.classCount >= 2 else {
            throw GeneraError.badData(
                file: options.data, reason: "has no labels of two classes or more",
                advice: "a classifier learns from labels")
        }
        (shift, device, testCount) = (options.shift, context.device, options.testImages)
        datasetSize = options.maxImages ?? dataset.count - testCount
        guard datasetSize >= 1, datasetSize + testCount <= dataset.count else {
            throw GeneraError.badData(
                file: options.data, reason: "holds \(dataset.count) images",
                advice: "too few for --max-images and --test-images \(testCount)")
        }
        classes = dataset.labelRows.map(ImageClassifier.largest)
        let shape = ImageClassifier.Configuration(
            channels: dataset.channels, height: dataset.height, width: dataset.width, classes: dataset.classCount,
            base: options.cbase)
        try shape.check(file: options.data)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        configuration = String(decoding: try encoder.encode(shape), as: UTF8.self)
        let scope = ParameterScope.drawing(seed: context.seed, on: context.device)
        classifier = try ImageClassifier(shape, in: scope)
        parameters = scope.entries.map { ($0.name, $0.tensor) }
    }

    func loss(of batch: Batch) throws -> Tensor {
        let indices = batch.indices
        let images = try moved(indices, batch.noise).to(device).to(.float32) * (1 / 127.5) - 1
        let wanted = Tensor.oneHot(
            indices.map { classes[$0] }, classes: classifier.configuration.classes, device: device)
        let scores = classifier.scores(ofFeatures: classifier.features(images)).to(.float32)
        return (scores.logSumExp(axes: [1]) - (scores * wanted).sum(axes: [1])).sum()
    }

    /// Images moved by up to `shift` pixels each way; their edges are repeated.
    private func moved(_ indices: [Int], _ noise: Noise) throws -> Tensor {
        guard shift > 0 else { return dataset.images(indices) }
        let down = try noise.integers(below: 2 * shift + 1, at: .start(draw: 0))
        let right = try noise.integers(below: 2 * shift + 1, at: .start(draw: 1))
        let (channels, height, width) = (dataset.channels, dataset.height, dataset.width)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(indices.count * channels * height * width)
        dataset.pixels.withUnsafeBufferPointer { pixels in
            for (place, index) in indices.enumerated() {
                let (dy, dx) = (down[place] - shift, right[place] - shift)
                for row in 0..<channels * height {
                    let (channel, y) = row.quotientAndRemainder(dividingBy: height)
                    let start = ((index * channels + channel) * height + min(max(y - dy, 0), height - 1)) * width
                    for x in 0..<width { bytes.append(pixels[start + min(max(x - dx, 0), width - 1)]) }
                }
            }
        }
        return Tensor(bytes, shape: [indices.count] + dataset.shape)
    }

    func assessment(weights: [(name: String, tensor: Tensor)]) throws -> [Metric] {
        guard testCount > 0 else { return [] }
        let network = try ImageClassifier(
            ModelCheckpoint(family: ImageClassifier.name, configuration: configuration, tensors: weights))
        let held = Array(datasetSize..<datasetSize + testCount)
        let images = dataset.images(held).to(.float32) * (1 / 127.5) - 1
        let found = try network.classes(ofFeatures: FeatureExtractor.batched(images) { network.features($0) })
        let right = zip(held, found).count { classes[$0] == $1 }
        return [
            .latest("held-out images", Double(testCount)),
            .latest("held-out accuracy", Double(right) / Double(testCount)),
        ]
    }
}
