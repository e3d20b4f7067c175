import Foundation
import Layers
import Tensors

/// A small convolutional network that tells the classes of images. The layer before its classes is what distances between
/// images are taken in.
///
///     let classifier = try ImageClassifier(ModelCheckpoint.load("digits-classifier.safetensors"))
///     let extractor = classifier.extractor
///
/// Stages of a 3x3 convolution, a group norm and a rectifier, with means of 2x2 pixels between them until no side is longer than
/// 8 pixels, one more such stage, the mean over all places, and a linear layer.
public final class ImageClassifier: Sendable {
    /// The network's shape.
    public struct Configuration: Sendable, Codable, Equatable {
        /// Colour channels of the images, 1 or 3.
        public var channels: Int
        /// Rows of the images.
        public var height: Int
        /// Columns of the images.
        public var width: Int
        /// Classes.
        public var classes: Int
        /// Channels of the first stage; the others have twice as many, and so have the features.
        public var base: Int

        /// The widths of the stages.
        var stages: [Int] {
            var (side, widths) = (max(height, width), [base])
            while side > 8 {
                widths.append(2 * base)
                side /= 2
            }
            return widths + [2 * base]
        }

        /// Describes a network.
        public init(channels: Int, height: Int, width: Int, classes: Int, base: Int = 32) {
            (self.channels, self.height, self.width) = (channels, height, width)
            (self.classes, self.base) = (classes, base)
        }

        func check(file: String) throws {
            let holds =
                [1, 3].contains(channels) && (4...1024).contains(height) && (4...1024).contains(width)
                && (2...10_000).contains(classes) && (8...512).contains(base) && base % 8 == 0
            guard holds else {
                throw GeneraError.badData(
                    file: file, reason: "describes no network that can be built: \(self)",
                    advice:
                        "images have 1 or 3 channels and sides of 4 to 1,024, there are 2 to 10,000 classes, and the base is a multiple of 8 up to 512"
                )
            }
        }
    }

    private struct Stage: Sendable {
        let kernel: Tensor
        let norm: GroupNorm
        let pools: Bool

        func callAsFunction(_ x: Tensor) -> Tensor {
            norm((pools ? x.averagedPixels() : x).conv2d(kernel, padding: 1)).relu()
        }
    }

    /// The network's shape.
    public let configuration: Configuration
    private let stages: [Stage]
    private let head: Linear

    /// Takes the network's parameters from `scope`.
    ///
    /// - Throws: what the scope throws.
    public init(_ configuration: Configuration, in scope: ParameterScope) throws {
        self.configuration = configuration
        let widths = configuration.stages
        var inputs = configuration.channels
        stages = try widths.enumerated().map { number, width in
            defer { inputs = width }
            let part = scope["stage\(number)"]
            let gain = 2.0.squareRoot()
            return Stage(
                kernel: try part.parameter(
                    "weight", [width, inputs, 3, 3], .kaimingNormal(fanIn: 9 * inputs, gain: gain)),
                norm: try GroupNorm(width, groups: 8, in: part["norm"]),
                pools: (1..<widths.count - 1).contains(number))
        }
        head = try Linear(
            inputs, configuration.classes, weightInit: .kaimingNormal(fanIn: inputs), biasInit: .zeros,
            in: scope["head"])
    }

    /// Loads a trained classifier.
    ///
    /// - Throws: `GeneraError` for a model of another family or a network that cannot be built, `KeyMismatch` for weights that do
    ///   not fit.
    public convenience init(_ checkpoint: ModelCheckpoint) throws {
        guard checkpoint.family == Self.name else {
            throw GeneraError.otherFamily(file: checkpoint.path, found: checkpoint.family, wanted: Self.name)
        }
        let configuration: Configuration
        do {
            configuration = try JSONDecoder().decode(Configuration.self, from: Data(checkpoint.configuration.utf8))
        } catch {
            throw GeneraError.badData(
                file: checkpoint.path, reason: "the model's configuration cannot be read: \(error)", advice: "")
        }
        try configuration.check(file: checkpoint.path)
        let scope = ParameterScope.loading(try checkpoint.tensors())
        try self.init(configuration, in: scope)
        do {
            try scope.finish()
        } catch let error as KeyMismatch {
            throw GeneraError.badData(file: checkpoint.path, reason: error.description, advice: "")
        }
    }

    /// Features `[N, 2·base]` of images `[N, C, H, W]` in [-1, 1].
    public func features(_ images: Tensor) -> Tensor {
        stages.reduce(images) { $1($0) }.mean(axes: [2, 3])
    }

    /// A number for each class, `[N, classes]`, of features; the largest is the likeliest.
    public func scores(ofFeatures features: Tensor) -> Tensor { head(features) }

    /// The likeliest class of each row of features.
    ///
    /// - Throws: errors of tensors.
    public func classes(ofFeatures features: Tensor) throws -> [Int] {
        let scores: [Float] = try inferenceMode { () throws -> [Float] in
            try self.scores(ofFeatures: features).array(of: Float.self)
        }
        let width = configuration.classes
        var classes: [Int] = []
        for start in stride(from: 0, to: scores.count, by: width) {
            classes.append(Self.largest(of: Array(scores[start..<start + width])))
        }
        return classes
    }

    /// The place of the largest number of a row; the first of several.
    static func largest(of row: [Float]) -> Int { row.max().flatMap { row.firstIndex(of: $0) } ?? 0 }

    /// The extractor of this network's features and classes.
    public func extractor(name: String) -> FeatureExtractor {
        FeatureExtractor(name, labels: { try self.classes(ofFeatures: $0) }) { images in
            let c = self.configuration
            guard Array(images.shape.dropFirst()) == [c.channels, c.height, c.width] else {
                throw GeneraError.badData(
                    file: name,
                    reason:
                        "is for images [\(c.channels), \(c.height), \(c.width)], these are \(Array(images.shape.dropFirst()))",
                    advice: "train one on images of this size with `genera train classifier`")
            }
            return try FeatureExtractor.batched(images) { self.features($0) }
        }
    }
}
