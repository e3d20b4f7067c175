import Genera
import Imaging
import Tensors

/// What is drawn: samples of a family under a seed.
struct SampleJob<Family: SamplingFamily> {
    /// The family's own options.
    let options: Family.SamplingOptions
    /// The samples that this process draws.
    var indices: [Int]
    /// The seed.
    let seed: UInt64
    /// The checkpoint that was asked for.
    let checkpoint: String?
    /// How the machine is used.
    let machine: MachineOptions
    /// Whom the sampler warns while it is made.
    var progress: any ProgressSink = SilentProgress()
    /// What the sampler has read, once there is one.
    let record = RunRecord()

    /// The family's sampler on the machine.
    ///
    /// - Throws: whatever is wrong with engine, device, checkpoint or options.
    func sampler() throws -> any Sampler {
        let run = RunContext(
            device: try machine.prepared(), precision: machine.precision, seed: seed, workers: machine.workerCount,
            progress: progress, stop: .onSignals(), checkpoint: checkpoint)
        let sampler = try FamilyErrors.told(by: Family.self, run) { try Family.sampler(options, run) }
        record.add(run.record)
        guard checkpoint == nil || !run.record.models.isEmpty else {
            throw GeneraError.usage("--checkpoint was given, but with these options \(Family.name) reads none.")
        }
        return sampler
    }

    /// The recipe of the samples, once there is a sampler.
    ///
    /// - Throws: `FormatError` if the checkpoint cannot be read.
    func recipe() throws -> Recipe {
        let run = RunContext(
            device: Device(machine.device) ?? .cpu, precision: machine.precision, seed: seed, record: record)
        var recipe = try Recipe(RunIdentity.current(Family.self, .repeatable(options)), of: run)
        recipe.indices = IndexList.text(indices)
        return recipe
    }

    /// What the driver is asked for.
    ///
    /// - Parameter every: steps between the states that are kept; nil for the end alone.
    func request<S: Sampler>(for sampler: S, every: Int? = nil) -> SamplingRequest {
        SamplingRequest(
            indices: indices, seed: seed, batch: machine.batch ?? max(64, sampler.lanes.count),
            workers: machine.workerCount,
            intraOpThreads: machine.threads, previewEvery: every ?? 0, keepsTrajectory: every != nil,
            precision: machine.precision, device: Device(machine.device) ?? .cpu)
    }

    /// Draws the samples, all or none.
    ///
    /// - Parameter every: steps between the states that are kept; nil for the end alone.
    /// - Throws: `GeneraError.interrupted` if the user stopped it; errors of the sampler.
    func draw<S: Sampler>(_ sampler: S, every: Int?, progress: any ProgressSink) throws -> SamplingResult<S.Sample> {
        let driver = SamplingDriver(progress: progress, stop: .onSignals())
        let result = try driver.run(sampler, request(for: sampler, every: every))
        guard !result.report.wasStopped else {
            throw GeneraError.interrupted(
                "Interrupted when \(result.report.samples) of \(indices.count) samples were finished; nothing was written."
            )
        }
        return result
    }
}
