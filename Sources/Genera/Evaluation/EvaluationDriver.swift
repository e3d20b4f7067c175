import Metrics
import Platform
import Tensors

/// Draws samples and measures them beside real ones.
///
///     let driver = EvaluationDriver(measures: PointCloud.measures.filter { !$0.criterion.isPaired })
///     let real = try driver.reference(for: 1000, of: sampler, in: "points.npy")
///     let evaluation = try driver.evaluate(sampler, SamplingRequest(indices: Array(0..<1000)), against: real)
///
/// The same seed gives the same numbers for any number of threads.
public struct EvaluationDriver<Sample: Measurable>: Sendable {
    /// What is measured.
    public let measures: [Measure<Sample>]
    /// How.
    public let settings: EvaluationSettings
    /// Who hears about progress.
    public var progress: any ProgressSink
    /// Who may ask to stop.
    public var stop: StopToken

    /// Makes a driver.
    public init(
        measures: [Measure<Sample>], settings: EvaluationSettings = EvaluationSettings(),
        progress: any ProgressSink = SilentProgress(), stop: StopToken = StopToken()
    ) {
        (self.measures, self.settings, self.progress, self.stop) = (measures, settings, progress, stop)
    }

    /// Draws the samples of a request and measures them. Measures of pairs are taken as samples come; only measures of sets need
    /// them kept.
    ///
    /// - Throws: `GeneraError.interrupted` when stopped; `badData` for real samples of another shape, as soon as the first
    ///   samples are drawn; errors of the sampler, the samples and the measures.
    public func evaluate<S: Sampler>(
        _ sampler: S, _ request: SamplingRequest, against real: EvaluationReference<Sample>
    ) throws -> Evaluation where S.Sample == Sample {
        try requireMeasures(fit: real)
        var drawn = DrawnSamples(driver: self, real: real, request: request)
        let report = try SamplingDriver(progress: progress, stop: stop).run(sampler, request) { indices, samples in
            try drawn.take(indices, samples)
        }
        guard !report.wasStopped else {
            throw GeneraError.interrupted(
                "Interrupted when \(report.samples) of \(request.indices.count) samples were finished; nothing was measured."
            )
        }
        let classes = try sampler.classes(noise: request.noise(of: drawn.indices))
        let seed = PhiloxSource.subseed(settings.seed, -6)
        let sets =
            try drawn.setMeasures.isEmpty ? [] : estimates(drawn.samples, drawn.judge, seed: seed, classes: classes)
        let judgements = measures.indices.map { number in
            let measure = measures[number]
            let own = measure.criterion.isPaired ? drawn.estimate(of: number, seed: seed) : sets[number]
            return Judgement(
                measure.criterion, drawn: own, floor: real.floor[number], pairs: drawn.values[number] ?? [])
        }
        return Evaluation(
            judgements: judgements, sampling: report, indices: drawn.indices,
            names: try sampler.names(noise: request.noise(of: drawn.indices)))
    }

    /// Every measure of sets of some drawn samples beside real ones; those of pairs give NaN.
    ///
    /// - Parameter classes: what each drawn sample was asked to be; nil where there are no classes.
    /// - Throws: `GeneraError` for sets that are too small or differ in shape; errors of the measures.
    public func estimates(_ drawn: [Sample], _ real: [Sample], seed: UInt64, classes: [Int]? = nil) throws -> [Estimate]
    {
        let chosen = measures.indices.filter { !measures[$0].criterion.isPaired }
        guard !chosen.isEmpty else { return measures.map { _ in Estimate(.nan) } }
        try check(drawn, real)
        let both = Comparison(drawn: drawn, real: real, drawnClasses: classes, settings: settings)
        try both.prepare()
        let halves = HalfSampling.parts(settings.halves, first: drawn.count, second: real.count, seed: seed)
        progress.report(.began(total: chosen.count, unit: "measures"))
        let meter = Meter(total: chosen.count, progress: progress)
        let found = try Parallel.map(chosen.count, workers: settings.workers) { place in
            Engine.setIntraOpThreads(1)
            let measure = measures[chosen[place]]
            if stop.isStopped { throw GeneraError.interrupted("Interrupted while measuring; nothing was written.") }
            let values = try inferenceMode { try measure.values(both, [both.whole] + halves) }
            meter.advance(measure.name)
            return Estimate(values[0], halves: Array(values.dropFirst()), of: measure.criterion, settings)
        }
        var all = measures.map { _ in Estimate(.nan) }
        for (place, number) in chosen.enumerated() { all[number] = found[place] }
        return all
    }

    private func check(_ drawn: [Sample], _ real: [Sample]) throws {
        let least = EvaluationSettings.leastCount
        guard drawn.count >= least else {
            throw GeneraError.usage("At least \(least) samples are needed to measure anything, got \(drawn.count).")
        }
        try requireSameShape(drawn[0], real.first, "the reference")
    }

    /// Refuses real samples of another shape than the drawn ones, where samples have a shape.
    ///
    /// - Throws: `GeneraError.badData` that names both shapes.
    func requireSameShape(_ drawn: Sample, _ real: Sample?, _ file: String) throws {
        guard let real, let own = try Self.shape(drawn), let others = try Self.shape(real), own != others else {
            return
        }
        throw GeneraError.badData(
            file: file, reason: "holds samples of shape \(others), drawn ones are \(own)",
            advice: "give real samples of the same kind and size")
    }

    /// The shape of a sample's vectors; nil for a sample that is none.
    private static func shape(_ sample: Sample) throws -> [Int]? {
        func shape<F: Featured>(_ sample: F) throws -> [Int] {
            Array(try F.features(of: [sample]).checked().shape.dropFirst())
        }
        guard let sample = sample as? any Featured else { return nil }
        return try shape(sample)
    }

    /// Refuses measures of pairs where real samples are no counterparts.
    private func requireMeasures(fit real: EvaluationReference<Sample>) throws {
        guard real.counterparts == nil, let measure = measures.first(where: \.criterion.isPaired) else { return }
        throw GeneraError.usage(
            "The measure '\(measure.name)' compares each sample with its own real one, but these real samples belong to none. Name some that do with --reference PATH --paired."
        )
    }
}

extension Estimate {
    /// A value with the interval that its values over halves give.
    init(_ value: Double, halves: [Double], of measure: Criterion, _ settings: EvaluationSettings) {
        self.init(
            value,
            interval: HalfSampling.interval(
                value, halves: halves, confidence: settings.confidence, range: measure.range))
    }
}

extension SamplingRequest {
    /// The noise of some samples.
    func noise(of indices: [Int]) -> Noise {
        noise.map { Noise(source: $0, samples: indices) } ?? Noise(seed: seed, samples: indices)
    }
}
