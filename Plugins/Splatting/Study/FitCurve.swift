#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A curve that components are fitted to (Hamdi et al., 2024, section 3.2): 1,000 points of -10...10, six wide.
public enum FitCurve: String, Sendable, CaseIterable {
    /// 1 on (-3, 3).
    case square
    /// 3 - |x|.
    case triangle
    /// 9 - x^2.
    case parabola
    /// sin((x + 3) pi / 6).
    case halfSine = "half-sine"
    /// exp(-x^2 / 8), everywhere.
    case gaussian
    /// exp(-|x|).
    case exponential

    /// The places, evenly from -10 to 10.
    public static let places: [Float] = {
        let (count, step) = (1000, Float(20) / 999)
        return (0..<count).map { $0 < count / 2 ? -10 + step * Float($0) : 10 - step * Float(count - 1 - $0) }
    }()

    /// The heights at the places; 0 beyond -3...3 but for the Gaussian.
    public var heights: [Float] {
        Self.places.map { x in
            if self == .gaussian { return exp(-x * x / 8) }
            guard abs(x) < 3 else { return 0 }
            switch self {
            case .square: return 1
            case .triangle: return 3 - abs(x)
            case .parabola: return 9 - x * x
            case .halfSine: return sin((x + 3) * .pi / 6)
            case .exponential, .gaussian: return exp(-abs(x))
            }
        }
    }
}
