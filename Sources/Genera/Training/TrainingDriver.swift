import Formats
import Platform
import Tensors

/// Runs a training: the folder, the order of the data, metrics, previews, assessments, checkpoints, the clock and signals. What a step
/// is, the trainer knows.
///
/// Weights, averages, the order of data and all noise are functions of the options and the step. A run that was stopped and resumed
/// therefore ends with the same bits as one that was not, and so does one on more worker threads.
public struct TrainingDriver: Sendable {
    let trainer: any Trainer
    let settings: TrainingSettings
    let family: String
    let run: RunDirectory
    let options: [(key: String, value: YAMLValue)]
    let intraOpThreads: Int
    let progress: any ProgressSink
    let stop: StopToken

    /// Makes a driver.
    ///
    /// - Parameters:
    ///   - family: the family's name, for checkpoints.
    ///   - directory: the run directory.
    ///   - options: what `config.yaml` shall hold beside the family's name and Genera's version.
    ///   - intraOpThreads: threads that one operation may use, on each worker. Other numbers than 1 may change the bits.
    public init(
        _ trainer: any Trainer, settings: TrainingSettings, family: String, directory: String,
        options: [(key: String, value: YAMLValue)] = [], intraOpThreads: Int = 1,
        progress: any ProgressSink = SilentProgress(), stop: StopToken = StopToken()
    ) {
        self.trainer = trainer
        self.settings = settings
        self.family = family
        run = RunDirectory(directory)
        self.options = options
        self.intraOpThreads = intraOpThreads
        self.progress = progress
        self.stop = stop
    }

    /// Steps of the whole run: those of the settings, or as many as the trainer wants.
    public var totalSteps: Int { settings.steps ?? trainer.stepCount }

    /// Begins a run in a new folder and trains to its end, or until stopped.
    ///
    /// - Throws: `GeneraError` for settings or a folder that will not do, or a loss or gradient that is not finite; errors of tensors
    ///   and files, and what the trainer throws. Checkpoints written before stay good.
    public func start() throws -> TrainingReport {
        try check()
        try FileSystem.makeFolders(run.path)
        return try alone {
            try run.begin(configuration)
            return try train(from: nil)
        }
    }

    /// Goes on from the newest checkpoint that can be read; from the start if none was written yet.
    ///
    /// - Throws: `GeneraError.noInput` if the folder holds no run, or only checkpoints that cannot be read, `GeneraError.unavailable` if
    ///   another process trains it; else as `start()`.
    public func resume() throws -> TrainingReport {
        try check()
        _ = try run.configuration()
        return try alone { try train(from: newestCheckpoint()) }
    }

    private var configuration: [(key: String, value: YAMLValue)] {
        [("family", .scalar(family)), ("genera", .scalar(Version.current))] + options
    }

    /// Refuses settings, or an order of the data, that will not do, before anything is written.
    ///
    /// - Throws: `GeneraError.usage`, `Engine.LoadError`.
    public func check() throws {
        do { try settings.validate() } catch { throw GeneraError.usage("\(error)") }
        try trainer.order.check(steps: totalSteps)
        try Engine.require()
        settings.precision.prepare()
    }

    private func newestCheckpoint() throws -> TrainingCheckpoint? {
        if run.checkpointSteps.isEmpty {
            progress.report(.note("\(run.path) holds no checkpoint yet: training begins anew."))
            return nil
        }
        for step in run.checkpointSteps {
            do {
                return try TrainingCheckpoint(path: run.checkpointFile(step: step))
            } catch  where error is FormatError || error is FileError {
                progress.report(.warning("\(error). Trying the checkpoint before it."))
            }
        }
        throw GeneraError.noInput(
            "\(run.path)/checkpoints holds no checkpoint that can be read.", searched: [], advice: "Begin a new run.")
    }

    private func train(from checkpoint: TrainingCheckpoint?) throws -> TrainingReport {
        run.clear()
        try checkpoint?.restore(trainer, family: family)
        var session = try TrainingSession(driver: self, step: checkpoint?.step ?? 0, seconds: checkpoint?.seconds ?? 0)
        if session.step < totalSteps { try announce(plan()) }
        progress.report(.began(total: totalSteps, unit: "steps"))
        if checkpoint != nil { try session.catchUp() }
        while session.step < totalSteps, !session.mustStop {
            guard try session.advance() else { break }
        }
        return try session.close()
    }

    /// Keeps the run to this process.
    private func alone<Result>(_ body: () throws -> Result) throws -> Result {
        let lock: FolderLock
        do {
            lock = try FolderLock(run.path)
        } catch let held as FolderLock.Held {
            let who = held.process.map { held.isOwn ? "this process" : "process \($0)" } ?? "another process"
            let how = held.process.map { " with `kill \($0)`" } ?? ""
            throw GeneraError.unavailable(
                "\(run.path) is being trained by \(who). Wait until it has ended, or stop it\(how).")
        }
        return try withExtendedLifetime(lock, body)
    }
}
