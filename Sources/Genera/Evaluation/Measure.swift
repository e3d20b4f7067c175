import Metrics
import Tensors

/// One way to say how good drawn samples are beside real ones.
///
///     let measure = Measure("mean-gap", "Distance of the means.") { drawn, real, _ in
///         try (drawn.mean(axes: [0]) - real.mean(axes: [0])).squared().sum().sqrt().item()
///     }
public struct Measure: Sendable {
    /// The word on the command line, for example `energy`.
    public let name: String
    /// One line that says what it tells.
    public let summary: String
    /// Whether less is better.
    public let isLowerBetter: Bool
    /// The values it can take. One that can be below 0 is right on average and near 0 for samples of the same law.
    public let range: ClosedRange<Double>
    /// The measure over several parts of the sets; for random numbers the comparison has a seed.
    public let values: @Sendable (Comparison, [Parts]) throws -> [Double]

    /// Makes a measure that does all parts in one go.
    public init(
        _ name: String, _ summary: String, isLowerBetter: Bool = true, range: ClosedRange<Double> = 0...Double.infinity,
        values: @escaping @Sendable (Comparison, [Parts]) throws -> [Double]
    ) {
        (self.name, self.summary, self.isLowerBetter) = (name, summary, isLowerBetter)
        (self.range, self.values) = (range, values)
    }

    /// Makes a measure of a closure over drawn samples, real samples and a seed, in the form of `Measurable.features(of:)`.
    public init(
        _ name: String, _ summary: String, isLowerBetter: Bool = true, range: ClosedRange<Double> = 0...Double.infinity,
        value: @escaping @Sendable (_ drawn: Tensor, _ real: Tensor, _ seed: UInt64) throws -> Double
    ) {
        self.init(name, summary, isLowerBetter: isLowerBetter, range: range) { both, parts in
            try parts.map { part in
                try value(
                    Self.rows(part.first, of: both.drawn), Self.rows(part.second, of: both.real), both.settings.seed)
            }
        }
    }

    /// Makes a measure of a distance between the extractor's features.
    public init(
        _ name: String, _ summary: String, range: ClosedRange<Double> = 0...Double.infinity,
        distance: @escaping @Sendable (Comparison) throws -> any SetDistance
    ) {
        self.init(name, summary, range: range) { both, parts in
            try distance(both).values(both.drawnFeatures, both.realFeatures, over: parts)
        }
    }

    private static func rows(_ rows: [Int], of set: Tensor) -> Tensor {
        rows.count == set.shape[0] ? set : set.gathered(rows: rows)
    }
}
