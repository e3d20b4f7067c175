import Platform

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// How the noise levels of the generalised sampler are spaced, after the methods that Karras et al. (2022, table 1) compare.
public enum EDMDiscretization: Sendable, Equatable {
    /// Equal steps of the variance-preserving diffusion's time, from `epsilon` to 1.
    case vp(epsilon: Double = 1e-3)
    /// Equal ratios.
    case ve
    /// Chosen from the `count` levels of Nichol and Dhariwal (2021) with the constants C_1, the least ratio of neighbouring products, and C_2,
    /// the offset of the cosine.
    case iddpm(c1: Double = 0.001, c2: Double = 0.008, count: Int = 1000)
    /// Karras et al. (2022), eq. 5.
    case edm(rho: Double = 7)

    /// Bounds between which there are no levels, or no falling times.
    public enum Impossible: KindedError, Sendable, Equatable {
        /// No level of the discretisation lies from `low` to `high`.
        case noLevel(low: Double, high: Double)
        /// The levels from `high` to `low` have no falling times under the schedule.
        case noTimes(low: Double, high: Double)

        /// A wrong use.
        public var kind: FailureKind { .usage }

        /// One sentence.
        public var description: String {
            switch self {
            case let .noLevel(low, high): "The discretisation has no noise level from \(low) to \(high)."
            case let .noTimes(low, high):
                "The discretisation has no falling times under this schedule from sigma \(high) to \(low)."
            }
        }
    }

    /// The lowest and highest level that the method was published with.
    public var bounds: (low: Double, high: Double) {
        func original(_ t: Double) -> Double { expm1(0.5 * 19.1 * t * t + 0.1 * t).squareRoot() }
        return switch self {
        case let .vp(epsilon): (original(epsilon), original(1))
        case .ve: (0.02, 100)
        case .iddpm: (0.002, 81)
        case .edm: (0.002, 80)
        }
    }

    /// Falling levels from `high` to `low`, without the final 0.
    ///
    /// - Throws: `Impossible`.
    public func levels(_ count: Int, low: Double, high: Double) throws -> [Double] {
        let fractions = (0..<count).map { Double($0) / Double(max(1, count - 1)) }
        switch self {
        case let .vp(epsilon): return NoiseLevels.variancePreserving(count, low: low, high: high, epsilon: epsilon)
        case .ve: return fractions.map { (high * high * pow(low * low / (high * high), $0)).squareRoot() }
        case let .iddpm(c1, c2, total):
            let all = Self.iddpmLevels(total, c1: c1, c2: c2).filter { low <= $0 && $0 <= high }
            guard !all.isEmpty else { throw Impossible.noLevel(low: low, high: high) }
            return fractions.map { all[Int((Double(all.count - 1) * $0).rounded(.toNearestOrEven))] }
        case let .edm(rho): return NoiseLevels.rho(count, low: low, high: high, rho: rho)
        }
    }

    /// The times of those levels under a schedule, with the final 0: the nodes of `GeneralizedEDM`.
    ///
    /// - Parameter known: the levels that the model knows, to which the others are rounded; nil if it knows all.
    /// - Throws: `Impossible`.
    public func times(
        _ count: Int, low: Double, high: Double, schedule: GeneralizedEDM.Schedule, known: KnownLevels? = nil
    ) throws -> [Double] {
        let levels = try levels(count, low: low, high: high).map { known?.nearest(to: $0) ?? $0 }
        let times = levels.map(schedule.time) + [0]
        // More steps than there are iDDPM levels repeat some, which does no harm.
        guard zip(times, times.dropFirst()).allSatisfy({ $0.isFinite && $0 >= $1 }) else {
            throw Impossible.noTimes(low: low, high: high)
        }
        return times
    }

    private static func iddpmLevels(_ count: Int, c1: Double, c2: Double) -> [Double] {
        func abar(_ j: Int) -> Double { pow(sin(0.5 * .pi * Double(j) / Double(count) / (c2 + 1)), 2) }
        var u = [Double](repeating: 0, count: count + 1)
        for j in stride(from: count, to: 0, by: -1) {
            u[j - 1] = ((u[j] * u[j] + 1) / max(abar(j - 1) / abar(j), c1) - 1).squareRoot()
        }
        return u
    }
}
