import Tensors

/// Whether drawn vectors look real, and whether all that is real is drawn: the first set is the drawn one, the second the
/// real one.
///
/// Balls around the vectors of a set reach to their k-th nearest neighbour in it; their union stands for where the set's
/// law lives. Precision and recall: Kynkäänniemi et al., "Improved precision and recall metric for assessing generative
/// models", NeurIPS 2019, eq. 1 and 2. Density and coverage: Naeem et al., "Reliable fidelity and diversity metrics for
/// generative models", ICML 2020, eq. 3 and 4.
public struct PrecisionRecall: SetDistance {
    /// Which of the four numbers is meant; all are shares from 0 to 1 but the density.
    public enum Quantity: String, Sendable, CaseIterable {
        /// The share of drawn vectors inside any real ball.
        case precision
        /// The share of real vectors inside any drawn ball.
        case recall
        /// Real balls around a drawn vector, on average, over k; may be above 1.
        case density
        /// The share of real balls that hold a drawn vector.
        case coverage
    }

    /// Which of the four numbers it is.
    public let quantity: Quantity
    /// The neighbour that a ball reaches to.
    public let k: Int

    /// One of the four numbers, with balls that reach to the `k`-th nearest neighbour.
    public init(_ quantity: Quantity, k: Int = 3) {
        (self.quantity, self.k) = (quantity, k)
    }

    /// The quantity for each part.
    ///
    /// - Throws: `MetricError` for sets that differ in width, hold NaN or are too small.
    public func values(_ x: Tensor, _ y: Tensor, over parts: [Parts]) throws -> [Double] {
        try values(Neighbourhoods(x, y, k: k), over: parts)
    }

    /// The quantity for each part of sets whose neighbourhoods are known; `k` is theirs.
    ///
    /// - Throws: `MetricError` for parts that are too small.
    public func values(_ near: Neighbourhoods, over parts: [Parts]) throws -> [Double] {
        try parts.map { part in
            guard min(part.first.count, part.second.count) > near.k else {
                throw MetricError("Neighbour \(near.k) needs more than \(near.k) vectors in each part.")
            }
            let (drawn, real) = (
                Self.mask(part.first, near.first.count), Self.mask(part.second, near.second.count)
            )
            return value(near, drawn, real, part)
        }
    }

    private func value(_ near: Neighbourhoods, _ drawn: [Bool], _ real: [Bool], _ part: Parts) -> Double {
        func share(_ counts: [Int], of total: Int) -> Double { Double(counts.count { $0 > 0 }) / Double(total) }
        if quantity == .recall {
            let radii = near.first.radii(near.k, within: drawn)
            return share(near.secondInFirst.tally(real, radii: radii).ofPoints, of: part.second.count)
        }
        let tally = near.firstInSecond.tally(drawn, radii: near.second.radii(near.k, within: real))
        return switch quantity {
        case .density: Double(tally.ofPoints.reduce(0, +)) / Double(near.k * part.first.count)
        case .coverage: share(tally.ofBalls, of: part.second.count)
        default: share(tally.ofPoints, of: part.first.count)
        }
    }

    private static func mask(_ rows: [Int], _ count: Int) -> [Bool] {
        var mask = [Bool](repeating: false, count: count)
        for row in rows { mask[row] = true }
        return mask
    }
}
