#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A learning rate that falls from one value to another along a straight line of its logarithm, and may begin low.
///
///     rate(t) = d(t) initial^(1 - t / steps) final^(t / steps)
///     d(t) = m + (1 - m) sin(pi / 2 min(t / delay, 1)), or 1 without delay
public struct LogLinearRate: Sendable, Equatable {
    /// The rate at step 0, without the delay.
    public var initial: Double
    /// The rate at step `steps` and ever after.
    public var final: Double
    /// Steps of the fall.
    public var steps: Int
    /// Steps of the low beginning; 0 for none.
    public var delay: Int
    /// The share m of the rate at step 0 where there is a delay.
    public var delayShare: Double

    /// A schedule.
    public init(from initial: Double, to final: Double, steps: Int, delay: Int = 0, delayShare: Double = 0.01) {
        (self.initial, self.final, self.steps) = (initial, final, steps)
        (self.delay, self.delayShare) = (delay, delayShare)
    }

    /// The rate at a step; 0 before the first, and where both ends are 0.
    public func callAsFunction(_ step: Int) -> Double {
        guard step >= 0, initial > 0, final > 0 else { return 0 }
        let share = steps > 0 ? min(Double(step) / Double(steps), 1) : 1
        let rate = exp(log(initial) * (1 - share) + log(final) * share)
        guard delay > 0 else { return rate }
        let rise = sin(0.5 * .pi * min(Double(step) / Double(delay), 1))
        return (delayShare + (1 - delayShare) * rise) * rate
    }
}
