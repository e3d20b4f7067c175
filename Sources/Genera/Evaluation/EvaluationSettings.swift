/// How samples are measured.
public struct EvaluationSettings: Sendable {
    /// Real samples that are compared with; nil for as many as are drawn.
    public var realCount: Int?
    /// Which real samples are used, counted from 0; nil for all that there are.
    public var realIndices: [Int]?
    /// Mean and covariance of real features, with which the measure `frechet` compares in place of real samples; nil for none.
    public var statistics: FeatureStatistics?
    /// The seed of all that is random in measuring: which real samples, which halves, which directions.
    public var seed: UInt64
    /// Random halves for the intervals; 0 for none.
    public var halves: Int
    /// The share of what chance makes that an interval holds.
    public var confidence: Double
    /// Principal components of the measure `frechet-pca`.
    public var components: Int
    /// Directions of the measure `sliced-wasserstein`.
    public var directions: Int
    /// The neighbour that the balls of `precision` and its kin reach to.
    public var neighbours: Int
    /// Threads; no number depends on it.
    public var workers: Int
    /// What turns samples into vectors.
    public var extractor: FeatureExtractor

    /// The fewest vectors of a set.
    public static let leastCount = 16

    /// Makes settings.
    public init(
        realCount: Int? = nil, seed: UInt64 = 0, halves: Int = 200, confidence: Double = 0.95, components: Int = 64,
        directions: Int = 256, neighbours: Int = 3, workers: Int = 1, extractor: FeatureExtractor = .identity
    ) {
        (self.realCount, self.seed, self.halves) = (realCount, seed, halves)
        (self.confidence, self.workers, self.extractor) = (confidence, workers, extractor)
        (self.components, self.directions, self.neighbours) = (components, directions, neighbours)
    }
}
