import Metrics
import Tensors

/// Real samples to measure by, and what measuring other real ones by them gives.
public struct EvaluationReference: Sendable {
    /// The real samples that drawn ones are compared with, `[M, ...]`.
    public let judge: Tensor
    /// Other real samples, as many as are drawn if there are enough, `[F, ...]`.
    public let others: Tensor
    /// Each measure of `others` beside `judge`.
    public let floor: [Estimate]
    /// Where the real samples come from, for reports.
    public let origin: String
    /// What a person should know of the floor; nil if all is well.
    public let caution: String?

    /// Whether there are no real samples, only statistics of them: then there is no floor either.
    public var isOfStatistics: Bool { judge.shape[0] == 0 }
}

extension EvaluationDriver {
    /// Real samples for `count` drawn ones: from a path if one is given, else those that the sampler knows of itself.
    ///
    /// Twice `count` real samples are wanted, half to measure by and half to be measured, chosen at random under the seed.
    /// Of fewer, each half gets half. What `previous` found is taken over if the samples are the same.
    /// - Throws: `GeneraError.usage` if there are none, `noInput` or `badData` naming the file.
    public func reference<S: Sampler>(
        for count: Int, of sampler: S, in path: String?, reusing previous: EvaluationReference? = nil
    ) throws
        -> EvaluationReference
    {
        if let path {
            let source = try S.Sample.source(at: path)
            let chosen = try choice(of: source.count, for: count, file: path)
            let real = try SampleSet(source.samples(chosen)).features()
            try requireSameShape(real, sampler, path)
            let classes = settings.extractor.labels == nil ? nil : source.classes
            return try divided(
                real, for: count, origin: path, classes: classes.map { all in chosen.map { all[$0] } },
                reusing: previous)
        }
        if let statistics = settings.statistics {
            let none = Tensor([Float](), shape: [0])
            return EvaluationReference(
                judge: none, others: none, floor: measures.map { _ in Estimate(.nan) }, origin: statistics.name,
                caution: "Only statistics of real samples are known: without --reference there is no floor.")
        }
        let seed = PhiloxSource.subseed(settings.seed, -7)
        let noise = Noise(seed: seed, samples: Array(0..<(settings.realCount ?? count) + count))
        guard let samples = try sampler.reference(noise: noise) else {
            throw GeneraError.usage("There are no real samples to compare with: name some with --reference PATH.")
        }
        return try divided(
            SampleSet(samples).features(), for: count, origin: "the model's own law", reusing: previous)
    }

    /// Measures one half of real samples by the other.
    ///
    /// - Throws: errors of the measures.
    public func divided(
        _ real: Tensor, for count: Int, origin: String, classes: [Int]? = nil,
        reusing previous: EvaluationReference? = nil
    ) throws -> EvaluationReference {
        let size = real.shape[0]
        let wanted = settings.realCount ?? count
        let others = min(count, size / 2)
        let kept = min(wanted, size - others)
        let (judge, rest) = (
            real.narrowed(axis: 0, 0..<kept), real.narrowed(axis: 0, kept..<kept + others)
        )
        if let previous, try isSame(previous.judge, judge), try isSame(previous.others, rest) { return previous }
        let caution =
            others < count || kept < wanted
            ? "There are \(size) real samples where \(wanted + count) are wanted: the floor is \(others) of them measured by \(kept), and measures that depend on sizes have another floor for \(count) drawn."
            : nil
        let floor = try estimates(
            rest, judge, seed: PhiloxSource.subseed(settings.seed, -8),
            classes: classes.map { Array($0[kept..<kept + others]) })
        return EvaluationReference(judge: judge, others: rest, floor: floor, origin: origin, caution: caution)
    }

    private func isSame(_ a: Tensor, _ b: Tensor) throws -> Bool {
        try a.shape == b.shape && (a - b).abs().sum().item() == 0
    }

    /// Draws one sample, so that samples of another size are told before the others are drawn.
    private func requireSameShape<S: Sampler>(_ real: Tensor, _ sampler: S, _ path: String) throws {
        let one = try SamplingDriver(stop: stop).run(sampler, SamplingRequest(indices: [0]))
        guard !one.samples.isEmpty else { throw GeneraError.interrupted("Interrupted before anything was measured.") }
        try requireSameShape(SampleSet(one.samples).features(), real, path)
    }

    /// Refuses real samples of another shape than the drawn ones.
    ///
    /// - Throws: `GeneraError.badData` that names both shapes.
    func requireSameShape(_ drawn: Tensor, _ real: Tensor, _ file: String) throws {
        let (own, others) = (Array(drawn.shape.dropFirst()), Array(real.shape.dropFirst()))
        guard own != others else { return }
        throw GeneraError.badData(
            file: file, reason: "holds samples of shape \(others), drawn ones are \(own)",
            advice: "give real samples of the same kind and size")
    }

    /// Which of so many real samples are used.
    private func choice(of total: Int, for count: Int, file: String) throws -> [Int] {
        let least = 2 * EvaluationSettings.leastCount
        let named = try settings.realIndices.map { try checked($0, total, file) }
        let size = named?.count ?? total
        guard size >= least else {
            throw GeneraError.badData(
                file: file, reason: "holds \(size) samples", advice: "at least \(least) real ones are needed")
        }
        let wanted = (settings.realCount ?? count) + count
        let order = DataOrder(size: size, seed: PhiloxSource.subseed(settings.seed, -9))
        let chosen = order.indices(0..<min(size, wanted))
        return named.map { named in chosen.map { named[$0] } } ?? chosen
    }

    private func checked(_ named: [Int], _ total: Int, _ file: String) throws -> [Int] {
        if let bad = named.first(where: { !(0..<total).contains($0) }) {
            throw GeneraError.badData(
                file: file, reason: "holds \(total) samples, so that there is none with the index \(bad)",
                advice: "indices count from 0")
        }
        return named
    }

    /// Mean and covariance of the features of all real samples of a path (of those that the settings name).
    ///
    /// - Throws: as `reference`, and errors of the extractor.
    public func statistics<S: Sampler>(of sampler: S, in path: String) throws -> FeatureStatistics {
        let source = try S.Sample.source(at: path)
        let chosen = try settings.realIndices.map { try checked($0, source.count, path) } ?? Array(0..<source.count)
        let real = try SampleSet(source.samples(chosen)).features()
        try requireSameShape(real, sampler, path)
        return FeatureStatistics(try GaussianFit(settings.extractor.features(real).checked()), name: path)
    }
}
