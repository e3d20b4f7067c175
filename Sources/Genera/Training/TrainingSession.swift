import Formats
import Platform
import Tensors

/// One sitting of a training run.
struct TrainingSession {
    private let driver: TrainingDriver
    private let data: DataOrder
    private let order: BatchOrder
    private var log: MetricsLog
    private let began = Clock.seconds()
    private let secondsBefore: Double
    /// Steps done.
    private(set) var step: Int
    private var window = MetricWindow()
    private var windowBegan = Clock.seconds()
    /// What the last line of metrics told.
    private var latest: [Metric] = []
    /// The steps of the newest checkpoint, of the model, and of the last preview that was tried.
    private var savedStep: Int?
    private var modelStep: Int?
    private var previewStep: Int?
    private var assessment: (step: Int, metrics: [Metric])?
    private var plotted = Clock.seconds()
    private let watch: StepWatch

    private var settings: TrainingSettings { driver.settings }
    private var trainer: any Trainer { driver.trainer }
    private var seconds: Double { secondsBefore + Clock.seconds() - began }
    private var samplesSeen: Int { order.samplesSeen(after: step) }

    /// A sitting that goes on after `step` steps, which took so many seconds.
    init(driver: TrainingDriver, step: Int, seconds: Double) throws {
        self.driver = driver
        order = driver.trainer.order
        data = DataOrder(size: order.samples, seed: driver.settings.seed)
        log = try MetricsLog(path: driver.run.metricsFile, continuingAfter: step)
        (self.step, secondsBefore) = (step, seconds)
        watch = StepWatch(
            driver.progress, total: driver.totalSteps, limit: driver.settings.maxMinutes.map { $0 * 60 })
        savedStep = step > 0 ? step : nil
        modelStep = driver.run.modelStep
        latest = log.last
    }

    /// Whether someone asked to stop, or the time is up.
    var mustStop: Bool {
        driver.stop.isStopped || settings.maxMinutes.map { Clock.seconds() - began >= $0 * 60 } ?? false
    }

    /// Does what was due after the checkpoint that the run goes on from, and was lost if a process was killed right after it.
    mutating func catchUp() throws {
        driver.run.prune(keeping: settings.keep)
        guard step > 0 else { return }
        if modelStep != step { try exportModel() }
        if isDue(settings.previewEvery), !FileSystem.exists(driver.run.previewFile(step: step)) { preview() }
        if isDue(settings.assessEvery), !log.assessed.contains(step) { try assess() }
        windowBegan = Clock.seconds()
    }

    /// Does one step, and what is due after it.
    ///
    /// - Returns: false if the step was given up because someone asked to stop; nothing of it happened.
    mutating func advance() throws -> Bool {
        let place = order.place(of: step)
        let next = TrainingStep(
            number: step, epoch: place.epoch, place: place.place, indices: data.indices(place.draws),
            seed: settings.seed,
            isLogged: (step + 1) % settings.logEvery == 0 || step + 1 == driver.totalSteps,
            machine: StepMachine(
                precision: settings.precision, device: settings.device, workers: settings.workerCount,
                intraOpThreads: driver.intraOpThreads, stop: driver.stop, partIsDone: watch.partIsDone))
        watch.begin(step)
        guard let metrics = try metrics(of: next) else { return false }
        watch.end()
        step += 1
        window.add(metrics, samples: next.indices.count)
        if next.isLogged { try record() }
        let resting = Clock.seconds()
        if step % settings.checkpointEvery == 0 { try save() }
        if isDue(settings.previewEvery) { preview() }
        if isDue(settings.assessEvery) { try assess() }
        windowBegan += Clock.seconds() - resting
        return true
    }

    private func isDue(_ every: Int) -> Bool { every > 0 && step % every == 0 }

    /// What the trainer makes of a step; nil if it was given up. Numbers that are not finite are told with the step.
    private func metrics(of next: TrainingStep) throws -> [Metric]? {
        do {
            let metrics = try trainer.advance(next)
            if let bad = metrics.first(where: { $0.kind == .mean && !$0.value.isFinite }) {
                throw NotFiniteLoss(loss: bad.value)
            }
            return metrics
        } catch is StepAbandoned {
            return nil
        } catch let error as NotFiniteLoss {
            throw GeneraError.lossNotFinite(step: step + 1, loss: error.loss, checkpoint: lastCheckpoint)
        } catch let error as NotFiniteGradient {
            let what = error.parameter.map { "gradient of '\($0)' became NaN or infinite" }
            let advice =
                lastCheckpoint.map { " The last good checkpoint is \($0)." } ?? " No checkpoint was written yet."
            throw GeneraError.software(
                "The \(what ?? "norm of the gradient became \(error.norm)") at step \(step + 1).\(advice)"
                    + " Try a smaller learning rate, or --precision exact.")
        }
    }

    private var lastCheckpoint: String? { driver.run.checkpointSteps.first.map(driver.run.checkpointFile) }

    private mutating func record() throws {
        let now = Clock.seconds()
        let elapsed = max(now - windowBegan, 1e-9)
        latest = window.metrics
        try log.append(
            TrainingMetrics(
                step: step, samples: samplesSeen, metrics: latest, seconds: seconds,
                samplesPerSecond: Double(window.samples) / elapsed))
        let detail = latest.prefix(2).map { "\($0.name) \(Text.significant($0.value, $0.kind == .mean ? 4 : 3))" }
        driver.progress.report(
            .advanced(
                done: step, total: driver.totalSteps, rate: Double(window.steps) / elapsed,
                detail: detail.joined(separator: "  ")))
        (window, windowBegan) = (MetricWindow(), now)
    }

    /// Writes a checkpoint and the model, then removes what is too old.
    private mutating func save() throws {
        try TrainingCheckpoint.write(
            trainer, family: driver.family, step: step, seconds: seconds, to: driver.run.checkpointFile(step: step))
        savedStep = step
        try exportModel()
        driver.run.prune(keeping: settings.keep)
        if Clock.seconds() - plotted > 5 { plot() }
    }

    private mutating func plot() {
        let losses = latest.filter { $0.kind == .mean }.map(\.name)
        let curves = (losses.isEmpty ? ["loss"] : losses).map { (name: $0, points: log.curve($0)) }
        attempt("the loss plot") { try TrainingPictures.lossPlot(curves, to: driver.run.lossFile) }
        plotted = Clock.seconds()
    }

    private mutating func exportModel() throws {
        var model = try trainer.model()
        model.family = driver.family
        model.metadata[ModelCheckpoint.Key.training] = try AsText.file(driver.run.configurationFile)
        model.metadata["genera.step"] = "\(step)"
        try model.save(to: driver.run.modelFile)
        modelStep = step
    }

    private mutating func preview() {
        previewStep = step
        attempt("the preview of step \(step)") {
            guard let sampler = try trainer.sampler() else { return }
            try TrainingPictures.preview(
                sampler, count: settings.previewCount, seed: settings.seed, workers: settings.workerCount,
                stop: driver.stop, to: driver.run.previewFile(step: step))
        }
    }

    private mutating func assess() throws {
        var found: [Metric] = []
        attempt("the assessment of step \(step)") { found = try trainer.assess() }
        assessment = (step, found)
        guard !found.isEmpty else { return }
        try log.append(assessment: found, step: step, samples: samplesSeen, seconds: seconds)
        let words = found.map { "\($0.name) \(Text.significant($0.value, 4))" }.joined(separator: ", ")
        driver.progress.report(.note("step \(step): \(words)"))
    }

    /// What is for people only: a failure is told, and training goes on.
    private func attempt(_ what: String, _ body: () throws -> Void) {
        do { try body() } catch { driver.progress.report(.warning("\(what) failed: \(Failure(error).message)")) }
    }

    /// The last checkpoint and model, if the step has none yet, and the report.
    mutating func close() throws -> TrainingReport {
        let isDone = step >= driver.totalSteps
        if savedStep != step { try save() }
        if modelStep != step { try exportModel() }
        if isDone {
            if settings.previewEvery > 0, previewStep != step, !FileSystem.exists(driver.run.previewFile(step: step)) {
                preview()
            }
            if assessment?.step != step { try assess() }
        }
        plot()
        let report = TrainingReport(
            step: step, samples: samplesSeen, metrics: finalMetrics,
            assessment: isDone ? assessment?.metrics ?? [] : [],
            seconds: seconds, wasStopped: !isDone, modelFile: driver.run.modelFile)
        let words = report.metrics.first.map { "\($0.name) \(Text.significant($0.value, 4)), " } ?? ""
        driver.progress.report(.finished("step \(report.step): \(words)\(report.modelFile)"))
        return report
    }

    /// The last metrics, losses as means of ten lines.
    private var finalMetrics: [Metric] {
        latest.map { metric in
            guard metric.kind == .mean else { return metric }
            let last = log.curve(metric.name).suffix(10).map(\.value)
            return .mean(metric.name, last.reduce(0, +) / Double(max(last.count, 1)))
        }
    }
}

/// Small files as text.
enum AsText {
    static func file(_ path: String) throws -> String {
        String(decoding: try MappedFile(path: path).view.array(), as: UTF8.self)
    }
}
