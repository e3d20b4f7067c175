import Metrics
import Tensors

/// Real samples to measure by, and what measuring other real ones by them gives.
public struct EvaluationReference<Sample: Measurable>: Sendable {
    /// The real samples that drawn ones are compared with; none where each drawn sample has its own.
    public let judge: [Sample]
    /// Other real samples, as many as are drawn if there are enough.
    public let others: [Sample]
    /// Each measure of `others` beside `judge`; NaN where there are no others.
    public let floor: [Estimate]
    /// Where the real samples come from, for reports.
    public let origin: String
    /// What a person should know of the floor; nil if all is well.
    public let caution: String?
    /// The real samples that drawn ones belong to, by their noise and their places in the request; nil where real samples
    /// belong to none.
    let counterparts: (@Sendable (_ noise: Noise, _ places: [Int]) throws -> [Sample])?

    init(
        judge: [Sample] = [], others: [Sample] = [], floor: [Estimate], origin: String, caution: String? = nil,
        counterparts: (@Sendable (_ noise: Noise, _ places: [Int]) throws -> [Sample])? = nil
    ) {
        (self.judge, self.others, self.floor, self.origin) = (judge, others, floor, origin)
        (self.caution, self.counterparts) = (caution, counterparts)
    }

    /// Whether each drawn sample has a real one of its own. Then there is no floor.
    public var isPaired: Bool { counterparts != nil }

    /// Whether there are no real samples, only statistics of them: then there is no floor either.
    public var isOfStatistics: Bool { judge.isEmpty && !isPaired }
}

extension EvaluationDriver {
    /// Real samples for `count` drawn ones: from a path if one is given, else those that the sampler knows of itself.
    ///
    /// Twice `count` real samples are wanted, half to measure by and half to be measured, chosen at random under the seed.
    /// Of fewer, each half gets half. What `previous` found is taken over if the samples are the same.
    ///
    /// - Parameter isPaired: whether real sample i of the path is what drawn sample i is to equal. Of samplers whose reference is
    ///   so (`Sampler.hasCounterparts`) this holds without asking.
    /// - Throws: `GeneraError.usage` if there are none, `noInput` or `badData` naming the file.
    public func reference<S: Sampler>(
        for count: Int, of sampler: S, in path: String?, isPaired: Bool = false,
        reusing previous: EvaluationReference<Sample>? = nil
    ) throws -> EvaluationReference<Sample> where S.Sample == Sample {
        if let path {
            let source = try Sample.source(at: path, progress: progress)
            return try reference(for: count, in: source, isPaired: isPaired, reusing: previous)
        }
        let none = measures.map { _ in Estimate(.nan) }
        if let statistics = settings.statistics {
            return EvaluationReference(
                floor: none, origin: statistics.name,
                caution: "Only statistics of real samples are known: without --reference there is no floor.")
        }
        if sampler.hasCounterparts {
            return EvaluationReference(floor: none, origin: "the model's own counterparts") { noise, _ in
                try sampler.reference(noise: noise) ?? []
            }
        }
        let seed = PhiloxSource.subseed(settings.seed, -7)
        let noise = Noise(seed: seed, samples: Array(0..<(settings.realCount ?? count) + count))
        guard let samples = try sampler.reference(noise: noise) else {
            throw GeneraError.usage("There are no real samples to compare with: name some with --reference PATH.")
        }
        return try divided(samples, for: count, origin: "the model's own law", reusing: previous)
    }

    /// Real samples of a source for `count` drawn ones, as for a path.
    ///
    /// - Throws: `GeneraError.badData` for too few, and errors of the source and the measures.
    public func reference(
        for count: Int, in source: any SampleSource<Sample>, isPaired: Bool = false,
        reusing previous: EvaluationReference<Sample>? = nil
    ) throws -> EvaluationReference<Sample> {
        if isPaired { return try counterparts(in: source, for: count) }
        let chosen = try choice(of: source, for: count)
        let classes = settings.extractor.labels == nil ? nil : source.classes
        return try divided(
            source.samples(chosen), for: count, origin: source.name,
            classes: classes.map { all in chosen.map { all[$0] } }, reusing: previous)
    }

    /// Measures one half of real samples by the other.
    ///
    /// - Throws: errors of the measures.
    public func divided(
        _ real: [Sample], for count: Int, origin: String, classes: [Int]? = nil,
        reusing previous: EvaluationReference<Sample>? = nil
    ) throws -> EvaluationReference<Sample> {
        let size = real.count
        let wanted = settings.realCount ?? count
        let others = min(count, size / 2)
        let kept = min(wanted, size - others)
        let (judge, rest) = (Array(real[..<kept]), Array(real[kept..<kept + others]))
        if let previous, isSame(previous.judge, judge), isSame(previous.others, rest) { return previous }
        let caution =
            others < count || kept < wanted
            ? "There are \(size) real samples where \(wanted + count) are wanted: the floor is \(others) of them measured by \(kept), and measures that depend on sizes have another floor for \(count) drawn."
            : nil
        let floor = try estimates(
            rest, judge, seed: PhiloxSource.subseed(settings.seed, -8),
            classes: classes.map { Array($0[kept..<kept + others]) })
        let cautions = [caution, coarseness(of: floor, judge: kept)].compactMap(\.self)
        return EvaluationReference(
            judge: judge, others: rest, floor: floor, origin: origin,
            caution: cautions.isEmpty ? nil : cautions.joined(separator: " "))
    }

    /// Where real samples are too few to tell good ones by: how far apart real ones may be by chance.
    private func coarseness(of floor: [Estimate], judge count: Int) -> String? {
        guard count < Sample.tellingCount else { return nil }
        let spans = zip(measures, floor).compactMap { measure, floor -> String? in
            guard measure.criterion.isLowerBetter, let interval = floor.interval else { return nil }
            let numbers = [floor.value, interval.lowerBound, interval.upperBound].map { Self.short($0) }
            guard numbers[1] != numbers[2] else { return nil }
            return "\(measure.name) \(numbers[0]) (\(numbers[1]) to \(numbers[2]))"
        }
        let list =
            spans.isEmpty
            ? "" : " Real samples themselves are as far apart as \(spans.prefix(4).joined(separator: ", "))."
        return
            "\(count) real samples are few: below \(Sample.tellingCount), chance moves these numbers as much as good models differ.\(list)"
    }

    /// A number with two digits.
    private static func short(_ value: Double) -> String {
        guard value != 0, value.isFinite else { return value == 0 ? "0" : "\(value)" }
        var unit = 1.0
        while abs(value) / unit < 10, unit > 1e-9 { unit /= 10 }
        return "\(((value / unit).rounded() * unit * 1e9).rounded() / 1e9)"
    }

    /// Real samples of which each belongs to the drawn one of the same number, or, where the settings name some, in that order.
    private func counterparts(in source: any SampleSource<Sample>, for count: Int) throws -> EvaluationReference<Sample>
    {
        let named = settings.realIndices
        if let named { try source.require(named) }
        let size = named?.count ?? source.count
        guard size >= count else {
            throw GeneraError.badData(
                file: source.name, reason: "holds \(size) samples where \(count) are drawn",
                advice: "with --paired each drawn sample needs its own; give a smaller --count")
        }
        return EvaluationReference(floor: measures.map { _ in Estimate(.nan) }, origin: source.name) { noise, places in
            try source.samples(named.map { named in places.map { named[$0] } } ?? noise.samples)
        }
    }

    /// Whether two lists hold the same samples, as far as their type can tell.
    private func isSame(_ a: [Sample], _ b: [Sample]) -> Bool {
        func equals<E: Equatable>(_ one: E, _ other: Sample) -> Bool { other as? E == one }
        return a.count == b.count
            && zip(a, b).allSatisfy { one, other in (one as? any Equatable).map { equals($0, other) } ?? false }
    }

    /// Which of the real samples are used.
    private func choice(of source: any SampleSource<Sample>, for count: Int) throws -> [Int] {
        let least = 2 * EvaluationSettings.leastCount
        let named = try named(in: source)
        let size = named?.count ?? source.count
        guard size >= least else {
            throw GeneraError.badData(
                file: source.name, reason: "holds \(size) samples", advice: "at least \(least) real ones are needed")
        }
        let wanted = (settings.realCount ?? count) + count
        let order = DataOrder(size: size, seed: PhiloxSource.subseed(settings.seed, -9))
        let chosen = order.indices(0..<min(size, wanted))
        return named.map { named in chosen.map { named[$0] } } ?? chosen
    }

    /// The samples that the settings name, all of which must be there.
    private func named(in source: any SampleSource<Sample>) throws -> [Int]? {
        guard let named = settings.realIndices else { return nil }
        try source.require(named)
        return named
    }
}

extension EvaluationDriver where Sample: Featured {
    /// Mean and covariance of the features of all real samples of a source (of those that the settings name).
    ///
    /// - Throws: as `reference`, and errors of the extractor.
    public func statistics(in source: any SampleSource<Sample>) throws -> FeatureStatistics {
        if let named = settings.realIndices { try source.require(named) }
        let samples = try source.samples(settings.realIndices ?? Array(0..<source.count))
        let features = try settings.extractor.features(Sample.features(of: samples)).checked()
        return FeatureStatistics(try GaussianFit(features), name: source.name)
    }
}
