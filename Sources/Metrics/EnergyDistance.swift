import Tensors

/// How means over the pairs of one set are taken.
public enum PairEstimator: String, Sendable, CaseIterable {
    /// Over pairs of different vectors: right on average, and so below zero about half of the time for equal laws.
    case unbiased
    /// Over all pairs, a vector with itself among them: never negative, 0 for equal sets, too large by order 1/N.
    case biased
}

/// The energy distance 2 E|X-Y| - E|X-X'| - E|Y-Y'|.
///
/// It is 0 exactly if the laws are equal. Székely and Rizzo, "Energy statistics: a class of statistics based on distances",
/// Journal of Statistical Planning and Inference 143 (2013), eq. 2.
/// - Complexity: O((N + M)^2 (d + parts)) time; pairs are made in blocks of 8 MB.
public struct EnergyDistance: SetDistance {
    /// How means within a set are taken.
    public let estimator: PairEstimator

    /// The distance with means within a set taken in one of two ways; unbiased unless stated.
    public init(_ estimator: PairEstimator = .unbiased) { self.estimator = estimator }

    /// The energy distance of each part.
    ///
    /// - Throws: `MetricError` for sets that differ in width or hold NaN, or parts of fewer than two vectors.
    public func values(_ x: Tensor, _ y: Tensor, over parts: [Parts]) throws -> [Double] {
        let pair = try SetPair(x, y)
        try pair.check(parts, least: 2)
        let (x, y) = pair.centred()
        let means = PairMeans { PairMeans.squaredDistances($0, $1).sqrt() }
        let isUnbiased = estimator == .unbiased
        let between = try means.between(x, y, parts)
        let (first, second) = (parts.map(\.first), parts.map(\.second))
        let (own, others) = (
            try means.within(x, first, isUnbiased: isUnbiased), try means.within(y, second, isUnbiased: isUnbiased)
        )
        return parts.indices.map { 2 * between[$0] - own[$0] - others[$0] }
    }
}
