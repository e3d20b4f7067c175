import Metrics
import Tensors

/// What a measure tells, whatever its samples are.
public struct Criterion: Sendable, Hashable {
    /// The word on the command line, for example `energy`.
    public let name: String
    /// One line that says what it tells.
    public let summary: String
    /// Whether less is better.
    public let isLowerBetter: Bool
    /// The values it can take. One that can be below 0 is right on average and near 0 for samples of the same law.
    public let range: ClosedRange<Double>
    /// Whether it compares each drawn sample with its own real one, and its value is the mean over these pairs.
    public let isPaired: Bool
}

/// One way to say how good drawn samples are beside real ones, for samples of any type.
///
///     let gap = Measure<Graph>(ofSets: "edge-gap", "Gap of the mean numbers of edges.") { drawn, real, _ in
///         abs(mean(drawn.map { Double($0.edges.count) }) - mean(real.map { Double($0.edges.count) }))
///     }
///     let error = Measure<Image>(ofPairs: "largest-error", "Largest error of a pixel.") { drawn, real in
///         zip(drawn.values, real.values).map { Double(abs($0 - $1)) }.max() ?? 0
///     }
public struct Measure<Sample: Measurable>: Sendable {
    /// Its name, and what its numbers mean.
    public let criterion: Criterion
    private let method: Method

    private enum Method: Sendable {
        case sets(@Sendable (Comparison<Sample>, [Parts]) throws -> [Double])
        case pairs(@Sendable (Sample, Sample) throws -> Double)
    }

    private init(_ criterion: Criterion, _ method: Method) { (self.criterion, self.method) = (criterion, method) }

    /// Makes a measure of two sets that does several parts of them in one go; parts are numbers of samples. What it draws at
    /// random it draws under the comparison's seed.
    public init(
        _ name: String, _ summary: String, isLowerBetter: Bool = true, range: ClosedRange<Double> = 0...Double.infinity,
        values: @escaping @Sendable (Comparison<Sample>, [Parts]) throws -> [Double]
    ) {
        self.init(
            Criterion(name: name, summary: summary, isLowerBetter: isLowerBetter, range: range, isPaired: false),
            .sets(values))
    }

    /// Makes a measure of two sets from a closure over drawn samples, real samples and a seed.
    public init(
        ofSets name: String, _ summary: String, isLowerBetter: Bool = true,
        range: ClosedRange<Double> = 0...Double.infinity,
        value: @escaping @Sendable (_ drawn: [Sample], _ real: [Sample], _ seed: UInt64) throws -> Double
    ) {
        self.init(name, summary, isLowerBetter: isLowerBetter, range: range) { both, parts in
            try parts.map { part in
                try value(part.first.map { both.drawn[$0] }, part.second.map { both.real[$0] }, both.settings.seed)
            }
        }
    }

    /// Makes a measure of pairs: of a drawn sample and the real one that it is to equal. The mean over all pairs is its value.
    public init(
        ofPairs name: String, _ summary: String, isLowerBetter: Bool = true,
        range: ClosedRange<Double> = 0...Double.infinity,
        value: @escaping @Sendable (_ drawn: Sample, _ real: Sample) throws -> Double
    ) {
        self.init(
            Criterion(name: name, summary: summary, isLowerBetter: isLowerBetter, range: range, isPaired: true),
            .pairs(value))
    }

    /// The word on the command line.
    public var name: String { criterion.name }

    /// The measure over several parts of two sets. One of pairs pairs the samples of each part in order.
    ///
    /// - Throws: errors of the measure; `GeneraError.software` for parts of pairs that differ in size.
    public func values(_ both: Comparison<Sample>, _ parts: [Parts]) throws -> [Double] {
        guard case let .pairs(value) = method else { return try ofSets(both, parts) }
        return try parts.map { part in
            guard part.first.count == part.second.count else {
                throw GeneraError.software(
                    "The measure '\(name)' is of pairs, but there are \(part.first.count) drawn samples and \(part.second.count) real ones."
                )
            }
            let sum = try zip(part.first, part.second).reduce(0) { try $0 + value(both.drawn[$1.0], both.real[$1.1]) }
            return part.first.isEmpty ? .nan : sum / Double(part.first.count)
        }
    }

    private func ofSets(_ both: Comparison<Sample>, _ parts: [Parts]) throws -> [Double] {
        guard case let .sets(values) = method else { return [] }
        return try values(both, parts)
    }

    /// The measure of one pair; nil for one of sets.
    ///
    /// - Throws: errors of the measure.
    func value(_ drawn: Sample, _ real: Sample) throws -> Double? {
        guard case let .pairs(value) = method else { return nil }
        return try value(drawn, real)
    }
}

extension Measure where Sample: Featured {
    /// Makes a measure from a closure over the vectors of drawn samples, those of real samples, and a seed; vectors as
    /// `Featured.features(of:)` gives them.
    public init(
        ofVectors name: String, _ summary: String, isLowerBetter: Bool = true,
        range: ClosedRange<Double> = 0...Double.infinity,
        value: @escaping @Sendable (_ drawn: Tensor, _ real: Tensor, _ seed: UInt64) throws -> Double
    ) {
        self.init(name, summary, isLowerBetter: isLowerBetter, range: range) { both, parts in
            let (drawn, real) = (try both.drawnVectors, try both.realVectors)
            return try both.rows(of: parts).map { part in
                try value(Self.rows(part.first, of: drawn), Self.rows(part.second, of: real), both.settings.seed)
            }
        }
    }

    /// Makes a measure of a distance between the extractor's features of all samples of two sets.
    public init(
        _ name: String, _ summary: String, range: ClosedRange<Double> = 0...Double.infinity,
        distance: @escaping @Sendable (Comparison<Sample>) throws -> any SetDistance
    ) {
        self.init(name, summary, range: range) { both, parts in
            try distance(both).values(both.drawnFeatures, both.realFeatures, over: both.rows(of: parts))
        }
    }

    /// Makes a measure of pairs whose samples are sets of vectors themselves: the distance between the vectors of a drawn sample
    /// and those of its real one; NaN where one of them has fewer than two.
    public init(
        ofPairs name: String, _ summary: String, range: ClosedRange<Double> = 0...Double.infinity,
        distance: any SetDistance
    ) {
        self.init(ofPairs: name, summary, range: range) { drawn, real in
            guard min(drawn.vectorCount, real.vectorCount) >= 2 else { return .nan }
            return try distance(Sample.features(of: [drawn]), Sample.features(of: [real]))
        }
    }

    private static func rows(_ rows: [Int], of set: Tensor) -> Tensor {
        rows.count == set.shape[0] ? set : set.gathered(rows: rows)
    }
}
