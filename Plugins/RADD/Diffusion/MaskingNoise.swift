import Foundation
import Genera

/// How fast tokens are masked: the total noise sigma(t) up to time t in [0, 1], at which a token is still there with probability
/// exp(-sigma(t)) (the paper's section 2.2).
public struct MaskingNoise: Codable, Equatable, Sendable {
    /// The law of the noise.
    public enum Kind: String, Codable, CaseIterable, Sendable {
        /// -log(1 - (1 - eps) t): as many tokens are masked in each stretch of time.
        case loglinear
        /// low^(1-t) high^t.
        case geometric
        /// -log(eps + (1 - eps) cos(pi t / 2)), of MDLM.
        case cosine
        /// -log(eps + (1 - eps) cos^2(pi t / 2)), of MDLM.
        case cosinesqr
        /// low + t (high - low), of MDLM.
        case linear
    }

    /// The law.
    public var kind: Kind
    /// sigma(0) of `geometric` and `linear`.
    public var low: Double
    /// sigma(1) of `geometric` and `linear`.
    public var high: Double
    /// What keeps sigma(1) finite in the others.
    public static let eps: Float = 1e-3
    private static let preciseEps = 1e-3
    /// The nearest number of 24 bits, as the reference has it; Swift's own is the one below.
    private static let pi = Float(Double.pi)

    enum CodingKeys: String, CodingKey {
        case kind = "type"
        case low = "sigma_min"
        case high = "sigma_max"
    }

    /// Puts a noise together.
    public init(_ kind: Kind = .loglinear, low: Double = 1e-4, high: Double = 20) {
        (self.kind, self.low, self.high) = (kind, low, high)
    }

    /// Reads what a file says; `sigma_min` and `sigma_max` may be missing.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        kind = try values.decode(Kind.self, forKey: .kind)
        low = try values.decodeIfPresent(Double.self, forKey: .low) ?? 1e-4
        high = try values.decodeIfPresent(Double.self, forKey: .high) ?? 20
    }

    /// - Throws: `GeneraError.usage` for numbers that are no noise.
    public func check() throws {
        guard low > 0, high > low, high.isFinite else {
            throw GeneraError.usage("Noise needs 0 < sigma_min < sigma_max, not \(low) and \(high).")
        }
    }

    /// The total noise up to time t, in float32 and the reference's order of operations.
    public func total(_ t: Float) -> Float {
        let (eps, low, high) = (Self.eps, Float(low), Float(high))
        switch kind {
        case .loglinear: return -log1p(-(1 - eps) * t)
        case .geometric: return pow(low, 1 - t) * pow(high, t)
        case .cosine: return -log(eps + (1 - eps) * cos(t * Self.pi / 2))
        case .cosinesqr:
            let wave = cos(t * Self.pi / 2)
            return -log(eps + (1 - eps) * (wave * wave))
        case .linear: return low + t * (high - low)
        }
    }

    /// Its derivative by time.
    public func rate(_ t: Float) -> Float {
        let (eps, low, high) = (Self.eps, Float(low), Float(high))
        switch kind {
        case .loglinear: return (1 - eps) / (1 - (1 - eps) * t)
        case .geometric: return pow(low, 1 - t) * pow(high, t) * (log(high) - log(low))
        case .cosine:
            let cosine = (1 - eps) * cos(t * Self.pi / 2)
            let sine = (1 - eps) * sin(t * Self.pi / 2)
            return (Self.pi / 2) * sine / (cosine + eps)
        case .cosinesqr:
            let wave = cos(t * Self.pi / 2)
            let cosine = (1 - eps) * (wave * wave)
            let sine = (1 - eps) * sin(t * Self.pi)
            return (Self.pi / 2) * sine / (cosine + eps)
        case .linear: return high - low
        }
    }

    /// a = 1 / expm1(sigma): what the score of a masked token has beside the conditional (the paper's theorem 1).
    public static func factor(_ sigma: Float) -> Float { 1 / (sigma < 0.5 ? expm1(sigma) : exp(sigma) - 1) }

    /// The time at which a share of the tokens is masked: the inverse of 1 - exp(-sigma(t)).
    package func time(masked share: Double) -> Double {
        let (eps, alpha) = (Self.preciseEps, 1 - share)
        switch kind {
        case .loglinear: return share / (1 - eps)
        case .geometric: return log(-log(alpha) / low) / log(high / low)
        case .cosine: return acos(min(max((alpha - eps) / (1 - eps), -1), 1)) * 2 / Double.pi
        case .cosinesqr: return acos(min(max((alpha - eps) / (1 - eps), 0), 1).squareRoot()) * 2 / Double.pi
        case .linear: return (-log(alpha) - low) / (high - low)
        }
    }

    /// The falling times at which tokens are revealed one by one, from time 1 on (the first-hitting sampler, section 5.1).
    ///
    /// - Parameter u: a number in (0, 1) for each reveal.
    package func hittingTimes(_ u: [Double]) -> [Double] {
        var (share, times) = (1 - exp(-total(1.0)), [Double]())
        for (done, number) in u.enumerated() {
            share *= pow(number, 1 / Double(u.count - done))
            times.append(time(masked: share))
        }
        return times
    }

    /// sigma(t), in double precision.
    func total(_ t: Double) -> Double {
        let eps = Self.preciseEps
        switch kind {
        case .loglinear: return -log1p(-(1 - eps) * t)
        case .geometric: return pow(low, 1 - t) * pow(high, t)
        case .cosine: return -log(eps + (1 - eps) * cos(t * Double.pi / 2))
        case .cosinesqr: return -log(eps + (1 - eps) * pow(cos(t * Double.pi / 2), 2))
        case .linear: return low + t * (high - low)
        }
    }

    /// Its derivative by time, in double precision.
    func rate(_ t: Double) -> Double {
        let eps = Self.preciseEps
        switch kind {
        case .loglinear: return (1 - eps) / (1 - (1 - eps) * t)
        case .geometric: return total(t) * (log(high) - log(low))
        case .cosine:
            return Double.pi / 2 * (1 - eps) * sin(t * Double.pi / 2) / ((1 - eps) * cos(t * Double.pi / 2) + eps)
        case .cosinesqr:
            return Double.pi / 2 * (1 - eps) * sin(t * Double.pi)
                / ((1 - eps) * pow(cos(t * Double.pi / 2), 2) + eps)
        case .linear: return high - low
        }
    }
}
