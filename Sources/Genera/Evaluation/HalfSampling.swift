import Metrics

/// Intervals by random halves, drawn without replacement from both sets.
///
/// A mean over half of N numbers differs from that over all by sigma^2 (2/N - 1/N) = sigma^2 / N in variance: exactly what the
/// whole's own error is. So the spread of a measure over halves is the spread of the measure, with no factor (the
/// delete-half jackknife: Shao and Wu, "A general theory for jackknife variance estimation", Annals of Statistics 17, 1989).
/// Drawing with replacement, as the common bootstrap does, puts copies into a set, and copies are at distance 0: energy
/// distances come out too large and neighbours too near.
///
/// A measure that depends on the sets' sizes is elsewhere for halves, so that deviations are taken from the halves' mean.
public enum HalfSampling {
    /// Halves of `first` and `second` rows, `count` pairs of them, a function of the seed.
    public static func parts(_ count: Int, first: Int, second: Int, seed: UInt64) -> [Parts] {
        (0..<count).map { number in
            Parts(
                first: half(of: first, seed: seed, 2 * number), second: half(of: second, seed: seed, 2 * number + 1))
        }
    }

    /// Halves of `size` pairs, `count` of them, a function of the seed.
    public static func pairs(_ count: Int, of size: Int, seed: UInt64) -> [[Int]] {
        (0..<count).map { half(of: size, seed: seed, $0) }
    }

    private static func half(of size: Int, seed: UInt64, _ number: Int) -> [Int] {
        DataOrder(size: size, seed: PhiloxSource.subseed(seed, number)).indices(0..<size / 2).sorted()
    }

    /// The interval around `value` that holds a share `confidence` of what chance makes of it: `value` plus the quantiles
    /// of the halves' deviations from their mean, kept inside `range`.
    public static func interval(
        _ value: Double, halves: [Double], confidence: Double, range: ClosedRange<Double>
    ) -> ClosedRange<Double>? {
        guard halves.count > 1, value.isFinite, halves.allSatisfy(\.isFinite) else { return nil }
        let mean = halves.reduce(0, +) / Double(halves.count)
        let deviations = halves.map { $0 - mean }.sorted()
        let tail = (1 - confidence) / 2
        let low = min(value + min(quantile(deviations, tail), 0), value)
        let high = max(value + max(quantile(deviations, 1 - tail), 0), value)
        return max(low, min(range.lowerBound, value))...min(high, max(range.upperBound, value))
    }

    /// The quantile of sorted numbers, straight between neighbours.
    static func quantile(_ sorted: [Double], _ share: Double) -> Double {
        let place = share * Double(sorted.count - 1)
        let low = min(max(Int(place.rounded(.down)), 0), sorted.count - 1)
        let high = min(low + 1, sorted.count - 1)
        return sorted[low] + (sorted[high] - sorted[low]) * (place - Double(low))
    }
}
