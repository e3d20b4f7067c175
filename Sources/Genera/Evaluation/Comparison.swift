import Metrics
import Synchronization
import Tensors

/// Drawn samples beside real ones, with what several measures need of them.
public final class Comparison<Sample: Measurable>: Sendable {
    /// The drawn samples.
    public let drawn: [Sample]
    /// The real samples.
    public let real: [Sample]
    /// The class that each drawn sample was asked to be; nil where there are no classes.
    public let drawnClasses: [Int]?
    /// The seed of what is random in a measure, and the sizes of what measures take from the sets.
    public let settings: EvaluationSettings
    private let known = Mutex(Known())

    /// What was worked out for one measure and serves others.
    private struct Known {
        var drawn: VectorSet?
        var real: VectorSet?
        var neighbourhoods: Neighbourhoods?
        var others: [String: Remembered] = [:]
    }

    /// A place for something that the first who asks for it works out.
    private final class Remembered: Sendable {
        let value = Mutex<(any Sendable)?>(nil)
    }

    /// Sets two sets side by side.
    public init(
        drawn: [Sample], real: [Sample], drawnClasses: [Int]? = nil,
        settings: EvaluationSettings = EvaluationSettings()
    ) {
        (self.drawn, self.real) = (drawn, real)
        (self.drawnClasses, self.settings) = (drawnClasses, settings)
    }

    /// All samples of both.
    public var whole: Parts { .whole(drawn.count, real.count) }

    /// What several measures need of both sets, worked out by the first that asks; who asks meanwhile waits.
    ///
    ///     let sizes = try both.remembered("sizes") { both.drawn.map(\.nodes.count) }
    ///
    /// - Parameter name: a word of its own for each thing that is remembered.
    /// - Throws: what `make` throws; then the next that asks tries again.
    public func remembered<Value: Sendable>(_ name: String, _ make: () throws -> Value) rethrows -> Value {
        let place = known.withLock { known in
            let place = known.others[name] ?? Remembered()
            known.others[name] = place
            return place
        }
        return try place.value.withLock { value in
            if let value = value as? Value { return value }
            let made = try make()
            value = made
            return made
        }
    }

    /// Works out, on the calling thread, what measures of vectors ask for.
    ///
    /// - Throws: errors of the samples and of the extractor.
    func prepare() throws { try (self as? any VectorComparison)?.prepareVectors() }
}

/// The vectors of a set of samples.
private struct VectorSet: Sendable {
    /// The samples' own, `[N, ...]`.
    let own: Tensor
    /// The extractor's features of them, `[N, ...]`.
    let features: Tensor
    /// Where each sample's rows begin, and where the last one's end; nil if each sample is one row.
    let starts: [Int]?

    init<Sample: Featured>(_ samples: [Sample], _ extractor: FeatureExtractor) throws {
        own = try Sample.features(of: samples).checked()
        features = try extractor.features(own).checked()
        let counts = samples.map(\.vectorCount)
        starts = counts.allSatisfy { $0 == 1 } ? nil : counts.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1) }
        guard own.shape[0] == starts?.last ?? counts.count, features.shape[0] == own.shape[0] else {
            throw GeneraError.software(
                "\(counts.count) samples of type \(Sample.self) gave \(own.shape[0]) vectors and \(features.shape[0]) rows of features, not \(counts.reduce(0, +))."
            )
        }
    }

    func rows(of samples: [Int]) -> [Int] {
        guard let starts else { return samples }
        return samples.flatMap { starts[$0]..<starts[$0 + 1] }
    }
}

/// A comparison whose samples are vectors.
private protocol VectorComparison {
    func prepareVectors() throws
}

extension Comparison: VectorComparison where Sample: Featured {
    fileprivate func prepareVectors() throws { _ = (try drawnSet(), try realSet()) }

    private func drawnSet() throws -> VectorSet {
        try known.withLock { known in
            if let set = known.drawn { return set }
            let set = try VectorSet(drawn, settings.extractor)
            known.drawn = set
            return set
        }
    }

    private func realSet() throws -> VectorSet {
        try known.withLock { known in
            if let set = known.real { return set }
            let set = try VectorSet(real, settings.extractor)
            known.real = set
            return set
        }
    }

    /// The drawn samples as `Featured.features(of:)` gives them, `[N, ...]`.
    public var drawnVectors: Tensor { get throws { try drawnSet().own } }

    /// The real samples in the same form, `[M, ...]`.
    public var realVectors: Tensor { get throws { try realSet().own } }

    /// The extractor's features of the drawn samples, `[N, ...]`.
    public var drawnFeatures: Tensor { get throws { try drawnSet().features } }

    /// The extractor's features of the real samples, `[M, ...]`.
    public var realFeatures: Tensor { get throws { try realSet().features } }

    /// The rows of vectors and features that parts of the samples have.
    ///
    /// - Throws: errors of the samples.
    public func rows(of parts: [Parts]) throws -> [Parts] {
        let (drawn, real) = (try drawnSet(), try realSet())
        guard drawn.starts != nil || real.starts != nil else { return parts }
        return parts.map { Parts(first: drawn.rows(of: $0.first), second: real.rows(of: $0.second)) }
    }

    /// Who is near whom among the features; worked out once for all measures that ask.
    ///
    /// - Throws: errors of the metric.
    public func neighbourhoods() throws -> Neighbourhoods {
        let (drawn, real) = (try drawnFeatures, try realFeatures)
        return try known.withLock { known in
            if let near = known.neighbourhoods { return near }
            let near = try Neighbourhoods(drawn, real, k: settings.neighbours)
            known.neighbourhoods = near
            return near
        }
    }

    /// Whether the extractor takes each drawn sample for the class it was asked to be; nil if it was not asked.
    ///
    /// - Throws: `GeneraError.usage` for an extractor that knows no classes; its errors.
    public func classHits() throws -> [Bool]? {
        guard let predict = settings.extractor.labels else {
            throw GeneraError.usage(
                "The measure 'label-agreement' needs a classifier: name one with --extractor, for example digits-classifier."
            )
        }
        guard let drawnClasses else { return nil }
        return try zip(drawnClasses, predict(drawnFeatures)).map { $0 == $1 }
    }
}
