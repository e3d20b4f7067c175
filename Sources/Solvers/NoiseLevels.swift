#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Decreasing noise levels between two bounds, without the final 0. All are computed in double precision.
public enum NoiseLevels {
    /// sigma_i = (high^(1/rho) + i/(count-1) · (low^(1/rho) - high^(1/rho)))^rho (Karras et al., 2022, eq. 5).
    public static func rho(_ count: Int, low: Double, high: Double, rho: Double = 7) -> [Double] {
        let (start, end) = (pow(high, 1 / rho), pow(low, 1 / rho))
        return fractions(count).map { pow(start + $0 * (end - start), rho) }
    }

    /// Equally spaced in ln sigma.
    public static func logLinear(_ count: Int, low: Double, high: Double) -> [Double] {
        fractions(count).map { high * pow(low / high, $0) }
    }

    /// Equally spaced in the angle atan(sigma), as in the cosine schedule of Nichol and Dhariwal (2021).
    public static func cosine(_ count: Int, low: Double, high: Double) -> [Double] {
        alignYourSteps(count, low: low, high: high, deviation: 1)
    }

    /// The optimum for Gaussian data of standard deviation `deviation` (Sabour et al., 2024, "Align your steps").
    public static func alignYourSteps(_ count: Int, low: Double, high: Double, deviation: Double = 0.5) -> [Double] {
        let (start, end) = (atan(high / deviation), atan(low / deviation))
        return fractions(count).map { deviation * tan(start + $0 * (end - start)) }
    }

    /// Equally spaced in the time of the variance-preserving diffusion whose levels run from `low` at `epsilon` to `high` at 1.
    /// Where no such diffusion adds noise at all times, `epsilon` is raised until one does.
    public static func variancePreserving(_ count: Int, low: Double, high: Double, epsilon: Double = 1e-3) -> [Double] {
        let (logLow, logHigh) = (log1p(low * low), log1p(high * high))
        let epsilon = max(epsilon, logLow / logHigh)
        let slope = 2 * (logLow / epsilon - logHigh) / (epsilon - 1)
        let offset = logHigh - slope / 2
        return fractions(count).map { fraction in
            let t = 1 + fraction * (epsilon - 1)
            return expm1(slope * t * t / 2 + offset * t).squareRoot()
        }
    }

    /// Interpolates a list of levels in ln sigma to another count.
    ///
    /// - Parameter bend: 1 for equal steps of the list's own place; above 1 there are more levels near the highest.
    public static func interpolated(_ levels: [Double], count: Int, bend: Double = 1) -> [Double] {
        guard levels.count > 1, count > 1 else { return Array(levels.prefix(max(0, count))) }
        return fractions(count).map { fraction in
            let place = pow(fraction, bend) * Double(levels.count - 1)
            let left = min(Int(place), levels.count - 2)
            let part = place - Double(left)
            // Levels of the list itself keep their last bits.
            if part == 0 || part == 1 { return levels[part == 0 ? left : left + 1] }
            let (a, b) = (log(levels[left]), log(levels[left + 1]))
            return exp(a + (b - a) * part)
        }
    }

    /// 0 to 1 in `count` equal steps; a single level is the highest.
    private static func fractions(_ count: Int) -> [Double] {
        (0..<max(0, count)).map { Double($0) / Double(max(1, count - 1)) }
    }
}
