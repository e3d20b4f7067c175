import Platform
import Tensors

/// What surrounds a run: the machine, the seed, who hears of progress and may stop it, and where models are. Whatever is read
/// through it is noted, so that a recipe can name it.
public struct RunContext: Sendable {
    /// Where tensors live.
    public var device: Device
    /// How products are computed.
    public var precision: Precision
    /// The seed.
    public var seed: UInt64
    /// Threads that may work at a time.
    public var workers: Int
    /// Who hears about progress.
    public var progress: any ProgressSink
    /// Who may ask to stop.
    public var stop: StopToken
    /// Finds models by name.
    public var checkpoints: CheckpointStore
    /// The model that was asked for; nil for the family's own.
    public var checkpoint: String?
    /// What was read so far. Copies of a context share it.
    public let record: RunRecord

    /// Makes a context.
    public init(
        device: Device = .cpu, precision: Precision = .exact, seed: UInt64 = 0, workers: Int = 1,
        progress: any ProgressSink = SilentProgress(), stop: StopToken = StopToken(),
        checkpoints: CheckpointStore = .standard, checkpoint: String? = nil
    ) {
        (self.device, self.precision, self.seed, self.workers) = (device, precision, seed, workers)
        (self.progress, self.stop, self.checkpoints, self.checkpoint) = (progress, stop, checkpoints, checkpoint)
        record = RunRecord()
    }

    /// The model of a name; else the one that was asked for, or the family's own. It is noted with its digest.
    ///
    /// - Throws: `GeneraError` if there is none, it cannot be found, or it is another family's.
    public func model<Family: ModelFamily>(of family: Family.Type, named name: String? = nil) throws -> ModelCheckpoint
    {
        let own = (family as? any SamplingFamily.Type)?.defaultCheckpoint
        guard let name = name ?? checkpoint ?? own else {
            throw GeneraError.usage("\(family.name) has no model of its own: name one with --checkpoint.")
        }
        let path = try checkpoints.path(of: name, formats: family.modelFormats)
        let format = try family.modelFormats.first { try $0.holds(path) }
        let model = try format.map { try $0.read(path) } ?? .load(path, family: family.name)
        record.note(model: name, path: path)
        return model
    }

    /// Notes a file that the result depends on, and gives its path back.
    public func input(_ path: String) -> String {
        record.note(input: path)
        return path
    }
}
