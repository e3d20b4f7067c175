import Metrics
import Platform
import Tensors

/// Draws samples and measures them beside real ones.
///
///     let driver = EvaluationDriver(measures: PointCloud.measures)
///     let real = try driver.reference(for: 1000, of: sampler, in: "points.npy")
///     let evaluation = try driver.evaluate(sampler, SamplingRequest(indices: Array(0..<1000)), against: real)
///
/// The same seed gives the same numbers for any number of threads.
public struct EvaluationDriver: Sendable {
    /// What is measured.
    public let measures: [Measure]
    /// How.
    public let settings: EvaluationSettings
    /// Who hears about progress.
    public var progress: any ProgressSink
    /// Who may ask to stop.
    public var stop: StopToken

    /// Makes a driver.
    public init(
        measures: [Measure], settings: EvaluationSettings = EvaluationSettings(),
        progress: any ProgressSink = SilentProgress(), stop: StopToken = StopToken()
    ) {
        (self.measures, self.settings, self.progress, self.stop) = (measures, settings, progress, stop)
    }

    /// Draws the samples of a request and measures them.
    ///
    /// - Throws: `GeneraError.interrupted` when stopped; errors of the sampler, the samples and the measures.
    public func evaluate<S: Sampler>(_ sampler: S, _ request: SamplingRequest, against real: EvaluationReference) throws
        -> Evaluation
    {
        let result = try SamplingDriver(progress: progress, stop: stop).run(sampler, request)
        guard !result.report.wasStopped else {
            throw GeneraError.interrupted(
                "Interrupted when \(result.report.samples) of \(request.indices.count) samples were finished; nothing was measured."
            )
        }
        let drawn = try SampleSet(result.samples).features()
        let classes = try sampler.classes(
            noise: request.noise.map { Noise(source: $0, samples: result.indices) }
                ?? Noise(seed: request.seed, samples: result.indices))
        let own = try estimates(
            drawn, real.isOfStatistics ? drawn : real.judge, seed: PhiloxSource.subseed(settings.seed, -6),
            classes: classes)
        let judgements = measures.indices.map { Judgement(measures[$0], drawn: own[$0], floor: real.floor[$0]) }
        return Evaluation(judgements: judgements, sampling: result.report, drawnCount: drawn.shape[0])
    }

    /// Every measure of some drawn vectors beside real ones, `[N, ...]` and `[M, ...]`.
    ///
    /// - Parameter classes: what each drawn vector was asked to be; nil where there are no classes.
    /// - Throws: `GeneraError` for sets that are too small or differ in shape; errors of the measures.
    public func estimates(_ drawn: Tensor, _ real: Tensor, seed: UInt64, classes: [Int]? = nil) throws -> [Estimate] {
        try check(drawn, real)
        let both = try Comparison(drawn: drawn, real: real, drawnClasses: classes, settings: settings)
        let halves = HalfSampling.parts(
            settings.halves, first: drawn.shape[0], second: real.shape[0], seed: seed)
        progress.report(.began(total: measures.count, unit: "measures"))
        let meter = Meter(total: measures.count, progress: progress)
        return try Parallel.map(measures.count, workers: settings.workers) { number in
            Engine.setIntraOpThreads(1)
            let measure = measures[number]
            if stop.isStopped { throw GeneraError.interrupted("Interrupted while measuring; nothing was written.") }
            let values = try inferenceMode { try measure.values(both, [both.whole] + halves) }
            meter.advance(measure.name)
            return Estimate(
                values[0],
                interval: HalfSampling.interval(
                    values[0], halves: Array(values.dropFirst()), confidence: settings.confidence, range: measure.range)
            )
        }
    }

    private func check(_ drawn: Tensor, _ real: Tensor) throws {
        let least = EvaluationSettings.leastCount
        guard drawn.shape[0] >= least else {
            throw GeneraError.usage("At least \(least) samples are needed to measure anything, got \(drawn.shape[0]).")
        }
        try requireSameShape(drawn, real, "the reference")
    }
}

/// Samples of a type that is known only when the program runs.
struct SampleSet<Sample: Drawable> {
    let samples: [Sample]

    init(_ samples: [Sample]) { self.samples = samples }

    /// The type, as one that can be measured.
    ///
    /// - Throws: `GeneraError.unavailable` if it cannot.
    static func type() throws -> any Measurable.Type {
        guard let type = Sample.self as? any Measurable.Type else {
            throw GeneraError.unavailable(
                "Samples of type \(Sample.self) cannot be measured: they have no features yet.")
        }
        return type
    }

    /// The samples as numbers, `[N, ...]`.
    ///
    /// - Throws: as `type()`, and errors of the samples.
    func features() throws -> Tensor {
        func features<M: Measurable>(_ type: M.Type) throws -> Tensor {
            try M.features(of: samples.compactMap { $0 as? M }).checked()
        }
        return try features(Self.type())
    }
}
