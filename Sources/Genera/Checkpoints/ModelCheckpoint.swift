import Formats
import Platform
import Tensors

/// A trained model: named weights, and the configuration of the network they belong to.
///
/// Kept as a safetensors file whose metadata say which family it is of (`genera.family`), the network's configuration
/// (`genera.configuration`, JSON), the version of Genera that wrote it and, where known, how it was trained
/// (`genera.training`).
public struct ModelCheckpoint: Sendable {
    /// The family's name.
    public var family: String
    /// The network's configuration, JSON.
    public var configuration: String
    /// The weights by name, as they lie in the file: mapped, in the type they were written in. No engine is needed for them.
    public var weights: [(name: String, tensor: RawTensor)]
    /// All metadata of the file.
    public var metadata: [String: String]
    private let content: ByteView?
    /// The file; empty for a model that did not come from one.
    public let path: String

    /// A model in memory, of copies of tensors.
    ///
    /// - Throws: the error of a tensor.
    public init(
        family: String, configuration: String, tensors: [(name: String, tensor: Tensor)],
        metadata: [String: String] = [:]
    ) throws {
        self.init(
            family: family, configuration: configuration,
            weights: try tensors.map { (name: $0.name, tensor: try RawTensor($0.tensor)) }, metadata: metadata)
    }

    /// A model in memory.
    ///
    /// - Parameter path: the file it was read from, for messages.
    public init(
        family: String, configuration: String, weights: [(name: String, tensor: RawTensor)],
        metadata: [String: String] = [:], path: String = ""
    ) {
        self.family = family
        self.configuration = configuration
        self.weights = weights
        self.metadata = metadata
        (content, self.path) = (nil, path)
    }

    /// Maps a file.
    ///
    /// - Parameter expected: the family it has to be of; nil for any.
    /// - Throws: `FormatError` for a file that cannot be read, `GeneraError` for one that is not of Genera or of another
    ///   family.
    public static func load(_ path: String, family expected: String? = nil) throws -> ModelCheckpoint {
        try ModelCheckpoint(path: path, expected: expected)
    }

    private init(path: String, expected: String?) throws {
        let mapped = try MappedFile(path: path)
        let file = try Safetensors(mapped.view, file: path)
        guard let family = file.metadata[Key.family], let configuration = file.metadata[Key.configuration] else {
            throw GeneraError.notACheckpoint(file: path)
        }
        if let expected, expected != family {
            throw GeneraError.otherFamily(file: path, found: family, wanted: expected)
        }
        if file.metadata[Key.kind] == "training" {
            throw GeneraError.badData(
                file: path, reason: "is a state of training, not a model",
                advice: "use the run's model.safetensors, or the run directory")
        }
        self.family = family
        self.configuration = configuration
        self.path = path
        metadata = file.metadata
        content = mapped.view
        weights = try file.tensors
    }

    /// SHA-256 of the file; empty for a model that did not come from one.
    ///
    /// - Complexity: reads the whole file.
    public var sha256: String { content.map(FileDigest.sha256) ?? "" }

    /// The weight of a name.
    public subscript(_ name: String) -> RawTensor? { weights.first { $0.name == name }?.tensor }

    /// The numbers of tensors and weights, as facts.
    public var sizes: [Fact] {
        [
            Fact("tensors", weights.count), Fact("weights", weights.reduce(0) { $0 + $1.tensor.elementCount }),
        ]
    }

    /// The weights as tensors over the same memory.
    ///
    /// - Throws: `TensorError` where there is no engine.
    public func tensors() throws -> [(name: String, tensor: Tensor)] {
        try weights.map { (name: $0.name, tensor: try Tensor($0.tensor).checked()) }
    }

    /// Writes the model, whole or not at all.
    ///
    /// - Parameter half: whether floating-point weights are rounded to float16.
    /// - Throws: `FormatError` with the system's reason.
    public func save(to path: String, half: Bool = false) throws {
        let tensors = half ? weights.map { (name: $0.name, tensor: $0.tensor.halved()) } : weights
        var metadata = metadata
        metadata[Key.family] = family
        metadata[Key.configuration] = configuration
        metadata[Key.version] = Version.current
        try Safetensors.write(tensors, metadata: metadata, to: path)
    }

    /// The keys of Genera's metadata.
    public enum Key {
        /// The family's name.
        public static let family = "genera.family"
        /// The network's configuration, JSON.
        public static let configuration = "genera.configuration"
        /// The version of Genera that wrote the file.
        public static let version = "genera.version"
        /// How the model was trained: the lines of `config.yaml`.
        public static let training = "genera.training"
        /// `training` for states of training.
        static let kind = "genera.kind"
    }
}
