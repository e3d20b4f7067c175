import Logging
import Tensors

/// What surrounds a run: the machine, the seed, and where checkpoints are.
public struct RunContext: Sendable {
    /// Where tensors live.
    public var device: Device
    /// How products are computed.
    public var precision: Precision
    /// The seed.
    public var seed: UInt64
    /// For words that are not results.
    public var logger: Logger
    /// Finds checkpoints by name.
    public var checkpoints: CheckpointStore
    /// The checkpoint that was asked for; nil for the family's own.
    public var checkpoint: String?

    /// Makes a context.
    public init(
        device: Device = .cpu, precision: Precision = .exact, seed: UInt64 = 0,
        logger: Logger = Logger(label: "genera"), checkpoints: CheckpointStore = .standard, checkpoint: String? = nil
    ) {
        self.device = device
        self.precision = precision
        self.seed = seed
        self.logger = logger
        self.checkpoints = checkpoints
        self.checkpoint = checkpoint
    }

    /// The checkpoint that was asked for, or the family's own.
    ///
    /// - Throws: `GeneraError` if there is none, it cannot be found, or it is another family's.
    public func model<Family: ModelFamily>(of family: Family.Type) throws -> ModelCheckpoint {
        guard let name = checkpoint ?? family.defaultCheckpoint else {
            throw GeneraError.usage("\(family.name) has no model of its own: name one with --checkpoint.")
        }
        return try checkpoints.load(name, family: family.name)
    }
}
