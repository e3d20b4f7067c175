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
    /// Which words this run stands for; nil for one that nobody can repeat by words.
    public var identity: RunIdentity?
    /// Where artefacts go.
    public var sink: any ArtefactSink
    /// What was read and written so far. Copies of a context share it.
    public let record: RunRecord

    /// Makes a context.
    public init(
        device: Device = .cpu, precision: Precision = .exact, seed: UInt64 = 0, workers: Int = 1,
        progress: any ProgressSink = SilentProgress(), stop: StopToken = StopToken(),
        checkpoints: CheckpointStore = .standard, checkpoint: String? = nil, identity: RunIdentity? = nil,
        sink: any ArtefactSink = ArtefactFiles(), record: RunRecord = RunRecord()
    ) {
        (self.device, self.precision, self.seed, self.workers) = (device, precision, seed, workers)
        (self.progress, self.stop, self.checkpoints, self.checkpoint) = (progress, stop, checkpoints, checkpoint)
        (self.identity, self.sink, self.record) = (identity, sink, record)
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
        let model = try family.model(at: path)
        record.note(model: name, path: path)
        return model
    }

    /// Notes a file that the result depends on, and gives its path back.
    public func input(_ path: String) -> String {
        record.note(input: path)
        return path
    }

    /// Writes an artefact, whole or not at all, with the recipe of what was read so far inside it or beside it. When
    /// `genera reproduce` runs the verb again it is compared with the file that is there, and nothing is written.
    ///
    /// - Throws: errors of drawing, of files read before that are gone, and of the system.
    public func write(_ artefact: Artefact, to path: String) throws {
        let number = record.note(output: path)
        var recipe = try recipe()
        recipe?.number = number
        try sink.take(artefact, path: path, recipe: recipe, number: number)
    }

    /// How what this run makes can be made again; nil for a run without words.
    ///
    /// - Throws: `FormatError` if a file that was read cannot be read again for its digest.
    public func recipe() throws -> Recipe? { try identity.map { try Recipe($0, of: self) } }
}
