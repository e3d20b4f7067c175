import Formats
import Platform
import Tensors

/// One sitting of a training run.
struct TrainingSession {
    private let driver: TrainingDriver
    private let gradientStep: GradientStep
    private let order: DataOrder
    private var log: MetricsLog
    private let began = Clock.seconds()
    private let secondsBefore: Double
    private var window = (loss: 0.0, steps: 0, began: Clock.seconds())
    private var savedStep: Int?
    private var plotted = Clock.seconds()

    private var settings: TrainingSettings { driver.settings }

    init(driver: TrainingDriver, state: TrainingState) throws {
        self.driver = driver
        gradientStep = GradientStep(
            objective: driver.objective, settings: driver.settings, intraOpThreads: driver.intraOpThreads)
        order = DataOrder(size: driver.objective.datasetSize, seed: driver.settings.seed)
        log = try MetricsLog(path: driver.run.metricsFile, continuingAfter: state.step)
        secondsBefore = state.seconds
        savedStep = state.step > 0 ? state.step : nil
    }

    /// Whether someone asked to stop, or the time is up.
    var mustStop: Bool {
        driver.stop.isStopped || settings.maxMinutes.map { Clock.seconds() - began >= $0 * 60 } ?? false
    }

    /// Does one step, and what is due after it.
    mutating func advance(_ state: inout TrainingState) throws {
        let seen = state.step * settings.batchSize
        let indices = order.indices(seen..<seen + settings.batchSize)
        let (loss, gradients) = try gradientStep.run(step: state.step, indices: indices, parameters: state.parameters)
        guard loss.isFinite else {
            let last = driver.run.checkpointSteps.first.map(driver.run.checkpointFile)
            throw GeneraError.lossNotFinite(step: state.step + 1, loss: loss, checkpoint: last)
        }
        try TensorList.clean(gradients, limit: 1e5)
        let isLogged = (state.step + 1) % settings.logEvery == 0 || state.step + 1 == settings.totalSteps
        let norm = isLogged || settings.gradientClip > 0 ? try TensorList.norm(gradients) : 0
        let lr = settings.learningRate(after: seen)
        let decay = settings.averageDecay(after: seen)
        try state.adam.step(state.parameters, gradients: clipped(gradients, norm: norm), learningRate: lr)
        try TensorList.movingAverage(state.averages, towards: state.parameters, decay: decay)
        state.step += 1
        window.loss += loss
        window.steps += 1
        if isLogged { try record(&state, lr: lr, norm: norm, decay: decay) }
        let resting = Clock.seconds()
        if state.step % settings.checkpointEvery == 0 { try save(&state) }
        if settings.previewEvery > 0, state.step % settings.previewEvery == 0 { preview(state) }
        window.began += Clock.seconds() - resting
    }

    /// Gradients scaled down to the largest norm allowed, as `torch.nn.utils.clip_grad_norm_` does.
    private func clipped(_ gradients: [Tensor], norm: Double) -> [Tensor] {
        guard settings.gradientClip > 0, norm > settings.gradientClip else { return gradients }
        return gradients.map { $0 * (settings.gradientClip / (norm + 1e-6)) }
    }

    private mutating func record(_ state: inout TrainingState, lr: Double, norm: Double, decay: Double) throws {
        let now = Clock.seconds()
        state.seconds = secondsBefore + now - began
        let rate = Double(window.steps) / max(now - window.began, 1e-9)
        let metrics = TrainingMetrics(
            step: state.step, images: state.step * settings.batchSize, loss: window.loss / Double(window.steps), lr: lr,
            gradientNorm: norm, emaBeta: decay, seconds: state.seconds,
            imagesPerSecond: rate * Double(settings.batchSize))
        try log.append(metrics)
        driver.progress.report(
            .advanced(
                done: state.step, total: settings.totalSteps, rate: rate,
                detail: "loss \(Text.significant(metrics.loss, 4))  lr \(Text.significant(lr, 3))"))
        window = (0, 0, now)
    }

    /// Writes a checkpoint and the averaged weights, then removes what is too old.
    private mutating func save(_ state: inout TrainingState) throws {
        state.seconds = secondsBefore + Clock.seconds() - began
        let (run, objective) = (driver.run, driver.objective)
        let file = run.checkpointFile(step: state.step)
        try state.save(to: file, objective, metadata: [ModelCheckpoint.Key.family: driver.family])
        try exportModel(state)
        savedStep = state.step
        run.prune(keeping: settings.keep)
        if Clock.seconds() - plotted > 5 { plot() }
    }

    private mutating func plot() {
        attempt("the loss plot") { try TrainingPictures.lossPlot(log.curve, to: driver.run.lossFile) }
        plotted = Clock.seconds()
    }

    private func exportModel(_ state: TrainingState) throws {
        let configuration = try AsText.file(driver.run.configurationFile)
        let model = try ModelCheckpoint(
            family: driver.family, configuration: driver.objective.configuration,
            tensors: state.exported(driver.objective),
            metadata: [ModelCheckpoint.Key.recipe: configuration, "genera.step": "\(state.step)"])
        try model.save(to: driver.run.modelFile)
    }

    private func preview(_ state: TrainingState) {
        attempt("the preview of step \(state.step)") {
            let weights = state.exported(driver.objective).map { ($0.name, $0.tensor) }
            guard let sampler = try driver.objective.previewSampler(weights: weights) else { return }
            try TrainingPictures.preview(
                sampler, count: settings.previewCount, seed: settings.seed, workers: settings.workers,
                stop: driver.stop,
                to: driver.run.previewFile(step: state.step))
        }
    }

    /// Pictures are for people: a failure of one is told, and training goes on.
    private func attempt(_ what: String, _ body: () throws -> Void) {
        do { try body() } catch { driver.progress.report(.warning("\(what) failed: \(Failure(error).message)")) }
    }

    /// The last checkpoint, if the step has none yet, and the report.
    mutating func close(_ state: inout TrainingState) throws -> TrainingReport {
        let isDone = state.step >= settings.totalSteps
        if savedStep != state.step { try save(&state) }
        if !FileSystem.exists(driver.run.modelFile) { try exportModel(state) }
        if isDone, settings.previewEvery > 0, state.step % settings.previewEvery != 0 { preview(state) }
        plot()
        let last = log.curve.suffix(10).map(\.loss)
        let report = TrainingReport(
            step: state.step, images: state.step * settings.batchSize,
            loss: last.isEmpty ? .nan : last.reduce(0, +) / Double(last.count), seconds: state.seconds,
            wasStopped: !isDone, modelFile: driver.run.modelFile)
        driver.progress.report(
            .finished("step \(report.step): loss \(Text.significant(report.loss, 4)), \(report.modelFile)"))
        return report
    }
}

/// Small files as text.
enum AsText {
    static func file(_ path: String) throws -> String {
        String(decoding: try MappedFile(path: path).view.array(), as: UTF8.self)
    }
}
