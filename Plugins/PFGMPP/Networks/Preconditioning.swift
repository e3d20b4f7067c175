import Foundation
import Genera

/// How a network's raw output becomes a denoiser: D(x; sigma) = c_skip x + c_out F(c_in x; c_noise) (Karras et al., 2022, table 1).
public enum Preconditioning: Sendable, Equatable {
    /// Karras et al. (2022), for data of a standard deviation.
    case edm(sigmaData: Double)
    /// Variance preserving: Song et al. (2021), DDPM++.
    case vp
    /// Variance exploding: Song et al. (2021), NCSN++.
    case ve
    /// Nichol and Dhariwal (2021), whose noise levels u[0...1000] are numbered; a checkpoint has its own.
    case iddpm(levels: [Double])
    /// The release notebook's, for points of a standard deviation.
    case toy(sigmaData: Double)

    /// Which of them, by name.
    public enum Kind: String, Sendable, CaseIterable {
        /// Karras et al. (2022).
        case edm
        /// Variance preserving.
        case vp
        /// Variance exploding.
        case ve
        /// Nichol and Dhariwal (2021).
        case iddpm
        /// The release notebook's.
        case toy

        /// The name of the reference's class, by which files call it.
        public var className: String {
            self == .iddpm ? "iDDPMPrecond" : "\(self == .toy ? "Toy" : rawValue.uppercased())Precond"
        }

        /// The kind of the reference's class; nil for another class.
        public init?(className: String) {
            guard let kind = Self.allCases.first(where: { $0.className == className }) else { return nil }
            self = kind
        }

        /// The kind of a word such as `edm`.
        ///
        /// - Throws: `ConfigurationError` that lists the words there are.
        public init(word: String) throws {
            guard let kind = Self(rawValue: word) else {
                let known = Self.allCases.map(\.rawValue).joined(separator: ", ")
                throw ConfigurationError(field: "precond", reason: "is '\(word)'; known are \(known)")
            }
            self = kind
        }
    }

    /// The coefficients at one noise level.
    struct Coefficients {
        var skip, out, input, noise: Double
    }

    /// The preconditioning that a configuration names; its iDDPM levels are the formula's.
    init(_ configuration: NetworkConfiguration) {
        switch configuration.preconditioning {
        case .edm: self = .edm(sigmaData: configuration.sigmaData)
        case .vp: self = .vp
        case .ve: self = .ve
        case .iddpm: self = .iddpm(levels: Self.iddpmLevels())
        case .toy: self = .toy(sigmaData: configuration.sigmaData)
        }
    }

    /// Lowest and highest noise level that it takes.
    var range: ClosedRange<Double> {
        switch self {
        case .vp: Self.vpSigma(1e-5)...Self.vpSigma(1)
        case .ve: 0.02...100
        case .iddpm: Self.iddpmRange
        case .edm, .toy: 0...Double.infinity
        }
    }

    /// The levels that the network knows; nil if it knows all of the range.
    var known: KnownLevels? {
        if case let .iddpm(levels) = self { return KnownLevels(levels) }
        return nil
    }

    /// Channels that the network puts out for `channels` image channels.
    func outputs(_ channels: Int) -> Int {
        if case .iddpm = self { return channels * 2 }
        return channels
    }

    /// The coefficients at `sigma`, in double precision from the level rounded to float32, as the reference rounds it.
    func coefficients(_ level: Double) -> Coefficients {
        let s = Double(Float(level))
        switch self {
        case .vp:
            return Coefficients(
                skip: 1, out: -s, input: 1 / (s * s + 1).squareRoot(), noise: Self.vpNoise(Float(level)))
        case .ve:
            return Coefficients(skip: 1, out: s, input: 1, noise: log(0.5 * s))
        case let .iddpm(levels):
            let nearest = KnownLevels(levels)?.number(nearest: s) ?? 0
            return Coefficients(skip: 1, out: -s, input: 1 / (s * s + 1).squareRoot(), noise: Double(999 - nearest))
        case let .edm(d):
            let norm = (s * s + d * d).squareRoot()
            return Coefficients(skip: d * d / (s * s + d * d), out: s * d / norm, input: 1 / norm, noise: log(s) / 4)
        case let .toy(d):
            // The notebook multiplies its skip path by c_in too.
            let norm = (s * s + d * d).squareRoot()
            return Coefficients(
                skip: d * d / (s * s + d * d) / norm, out: s * d / norm, input: 1 / norm, noise: log(s) / 4)
        }
    }

    /// sqrt(exp(beta_d t²/2 + beta_min t) - 1), in float32 as in the reference (which loses digits at small t).
    static func vpSigma(_ t: Float) -> Double { Double((exp(0.5 * 19.9 * (t * t) + 0.1 * t) - 1).squareRoot()) }

    /// 999 times the time of a noise level, in float32 as in the reference: the network sees the rounding.
    private static func vpNoise(_ s: Float) -> Double {
        let root = (Float(0.1 * 0.1) + Float(2 * 19.9) * log(1 + s * s)).squareRoot()
        return Double(999 * ((root - 0.1) / 19.9))
    }

    /// That of the formula, as in the reference, whatever levels a checkpoint brings.
    private static let iddpmRange: ClosedRange<Double> = {
        let u = iddpmLevels()
        return u[999]...u[0]
    }()

    /// u[M] = 0, u[j-1] = sqrt((u[j]² + 1) / max(abar(j-1)/abar(j), 0.001) - 1) with M = 1000.
    static func iddpmLevels() -> [Double] {
        func abar(_ j: Int) -> Double {
            let s = sin(0.5 * Double.pi * Double(j) / 1000 / 1.008)
            return s * s
        }
        var u = [Double](repeating: 0, count: 1001)
        for j in stride(from: 1000, to: 0, by: -1) {
            u[j - 1] = ((u[j] * u[j] + 1) / max(abar(j - 1) / abar(j), 0.001) - 1).squareRoot()
        }
        return u
    }
}
