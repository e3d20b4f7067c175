import Tensors

/// The solution during one step, at any time of it. Asking costs sums of tensors and no evaluation.
public struct Interpolant: Sendable {
    /// Where the step begins.
    public let start: Double
    /// The time at which the step ends.
    public let end: Double
    private let x: [Tensor]
    private let after: [Tensor]
    private let slopes: [[Tensor]]
    private let pair: EmbeddedPair

    init(
        _ pair: EmbeddedPair, from start: Double, _ x: [Tensor], to end: Double, _ after: [Tensor], _ slopes: [[Tensor]]
    ) {
        (self.pair, self.start, self.x, self.end, self.after, self.slopes) = (pair, start, x, end, after, slopes)
    }

    /// The solution at a time; at the ends exactly the states there. Outside of the step the polynomial is of no use.
    public func callAsFunction(_ t: Double) -> [Tensor] {
        if t == end { return after }
        if t == start || slopes.isEmpty { return x }
        let h = end - start
        return combined(x, h, pair.weights(at: (t - start) / h), slopes)
    }

    /// Whether a time lies in the step, its ends included.
    public func covers(_ t: Double) -> Bool { min(start, end) <= t && t <= max(start, end) }
}
