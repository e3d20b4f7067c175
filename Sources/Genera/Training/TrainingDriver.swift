import Formats
import Platform
import Tensors

/// What a training run came to.
public struct TrainingReport: Sendable {
    /// Steps done.
    public let step: Int
    /// Training samples seen.
    public let images: Int
    /// The mean loss of the last lines of metrics; NaN if none was written.
    public let loss: Double
    /// Seconds of work in all sittings.
    public let seconds: Double
    /// Whether someone, or the clock, stopped it before its end.
    public let wasStopped: Bool
    /// The averaged weights, ready for sampling.
    public let modelFile: String
}

/// Trains an objective: Adam, the ramp of the learning rate, the average of weights, metrics, previews and checkpoints.
///
/// Weights, averages, the order of data and all noise are functions of the settings and the step. A run that was stopped
/// and resumed therefore ends with the same bits as one that was not, and so does one on more worker threads.
public struct TrainingDriver: Sendable {
    let objective: any Objective
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
        _ objective: any Objective, settings: TrainingSettings, family: String, directory: String,
        options: [(key: String, value: YAMLValue)] = [], intraOpThreads: Int = 1,
        progress: any ProgressSink = SilentProgress(), stop: StopToken = StopToken()
    ) {
        self.objective = objective
        self.settings = settings
        self.family = family
        run = RunDirectory(directory)
        self.options = options
        self.intraOpThreads = intraOpThreads
        self.progress = progress
        self.stop = stop
    }

    /// Begins a run in a new folder and trains to its end, or until stopped.
    ///
    /// - Throws: `GeneraError` for settings or a folder that will not do, or a loss that is not finite; errors of tensors
    ///   and files. Checkpoints written before stay good.
    public func start() throws -> TrainingReport {
        try check()
        try run.begin(configuration)
        return try train(TrainingState(objective))
    }

    /// Goes on from the newest checkpoint that can be read; from the start if none was written yet.
    ///
    /// - Throws: `GeneraError.noInput` if the folder holds no run, or only checkpoints that cannot be read; else as `start()`.
    public func resume() throws -> TrainingReport {
        try check()
        _ = try run.configuration()
        return try train(newestState())
    }

    private var configuration: [(key: String, value: YAMLValue)] {
        [("family", .scalar(family)), ("genera", .scalar(Version.current))] + options
    }

    private func check() throws {
        do { try settings.validate() } catch { throw GeneraError.usage("\(error)") }
        guard objective.datasetSize > 0 else { throw GeneraError.usage("The data set is empty.") }
        try Engine.require()
        settings.precision.prepare()
    }

    private func newestState() throws -> TrainingState {
        if run.checkpointSteps.isEmpty {
            progress.report(.note("\(run.path) holds no checkpoint yet: training begins anew."))
            return try TrainingState(objective)
        }
        for step in run.checkpointSteps {
            do {
                return try TrainingState(loading: run.checkpointFile(step: step), into: objective)
            } catch  where error is FormatError || error is FileError {
                progress.report(.warning("\(error). Trying the checkpoint before it."))
            }
        }
        throw GeneraError.noInput(
            "\(run.path)/checkpoints holds no checkpoint that can be read.", searched: [], advice: "Begin a new run.")
    }

    private func train(_ initial: TrainingState) throws -> TrainingReport {
        var state = initial
        var session = try TrainingSession(driver: self, state: state)
        progress.report(.began(total: settings.totalSteps, unit: "steps"))
        while state.step < settings.totalSteps, !session.mustStop {
            try session.advance(&state)
        }
        return try session.close(&state)
    }
}
