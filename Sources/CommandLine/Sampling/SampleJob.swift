import Genera
import Imaging
import Tensors

/// What is drawn: samples of a family under a seed.
struct SampleJob<Family: ModelFamily> {
    /// The family's own options.
    let options: Family.SamplingOptions
    /// The samples, those of other shards too.
    let indices: [Int]
    /// The seed.
    let seed: UInt64
    /// The checkpoint that was asked for.
    let checkpoint: String?
    /// The part that this process draws.
    let shard: (index: Int, count: Int)
    /// How the machine is used.
    let machine: MachineOptions

    /// The samples that this process draws.
    var ownIndices: [Int] {
        indices.enumerated().filter { $0.offset % shard.count == shard.index }.map(\.element)
    }

    /// The family's sampler on the machine.
    ///
    /// - Throws: whatever is wrong with engine, device, checkpoint or options.
    func sampler() throws -> any Sampler {
        guard checkpoint == nil || Family.usesCheckpoint(options) else {
            throw GeneraError.usage("--checkpoint was given, but with these options \(Family.name) reads none.")
        }
        let device = try machine.prepared()
        return try FamilyErrors.told(file: checkpointPath ?? Family.name) {
            try Family.sampler(options, context: context(device))
        }
    }

    private func context(_ device: Device) -> RunContext {
        RunContext(device: device, precision: machine.precision, seed: seed, checkpoint: checkpoint)
    }

    /// The checkpoint's file, if the family has one and it is here.
    var checkpointPath: String? {
        guard Family.usesCheckpoint(options) else { return nil }
        return (checkpoint ?? Family.defaultCheckpoint).flatMap { try? CheckpointStore.standard.path(of: $0) }
    }

    /// The recipe of some of the samples.
    ///
    /// - Throws: `FormatError` if the checkpoint cannot be read.
    func recipe() throws -> Recipe {
        let path = checkpointPath
        var recipe = Recipe(
            family: Family.name, options: try OptionRecord(options), seed: seed, indices: ownIndices,
            checkpoint: path == nil ? nil : checkpoint ?? Family.defaultCheckpoint,
            checkpointSHA256: try path.map { try FileDigest.sha256(file: $0) }, precision: machine.precision,
            device: Device(machine.device) ?? .cpu)
        let installed = PluginFolders.standard.installed
        recipe.plugin = CurrentRegistry.value.plugin(of: Family.name).flatMap { plugin in
            installed.map { plugin.hasPrefix("\($0)/") } == true ? nil : plugin
        }
        recipe.program = ProgramName.current == "genera" ? nil : ProgramName.current
        return recipe
    }

    /// What the driver is asked for.
    ///
    /// - Parameter every: steps between the states that are kept; nil for the end alone.
    func request(every: Int? = nil) -> SamplingRequest {
        SamplingRequest(
            indices: ownIndices, seed: seed, batch: machine.batch, workers: machine.workerCount,
            intraOpThreads: machine.threads, previewEvery: every ?? 0, keepsTrajectory: every != nil)
    }

    /// Draws the samples.
    ///
    /// - Parameter every: steps between the states that are kept; nil for the end alone.
    /// - Throws: `GeneraError.interrupted` if the user stopped it; errors of the sampler.
    func draw<S: Sampler>(_ sampler: S, every: Int?, progress: any ProgressSink) throws -> SamplingResult<S.Sample> {
        let driver = SamplingDriver(progress: progress, stop: .onSignals())
        let result = try driver.run(sampler, request(every: every))
        guard !result.report.wasStopped else {
            throw GeneraError.interrupted(
                "Interrupted when \(result.report.samples) of \(ownIndices.count) samples were finished; nothing was written."
            )
        }
        return result
    }
}
