#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// What turns stored numbers of generalised exponential splats into the ones that are drawn (Hamdi et al., 2024,
/// section 4.2).
public enum ShapeActivation {
    /// The factor on the scales of a splat, phi = 2 / (1 + exp(-rho s)) in 0...2, of its stored shape s = beta - 2. A
    /// Gaussian, s = 0, has 1.
    ///
    /// GES draws Gaussians of scaled size: the exponent beta itself is nowhere evaluated in three dimensions.
    ///
    /// - Parameter strength: rho, 0.1 in training.
    public static func phi(_ shape: Float, strength: Float = 0.1) -> Float { 2 / (1 + exp(-strength * shape)) }

    /// d phi / d s = rho phi (1 - phi / 2).
    public static func slope(_ shape: Float, strength: Float = 0.1) -> Float {
        let phi = phi(shape, strength: strength)
        return strength * phi * (1 - phi / 2)
    }

    /// The variance that a generalised exponential of exponent beta stands for,
    /// 1/2 exp(ln sigma + ln Gamma(1 / |beta|) - ln Gamma(3 / |beta|)).
    public static func generalisedVariance(beta: Double, sigma: Double = 1) -> Double {
        0.5 * exp(log(sigma) + logGamma(1 / abs(beta)) - logGamma(3 / abs(beta)))
    }

    private static func logGamma(_ x: Double) -> Double {
        #if canImport(Glibc)
            lgamma(x).0
        #else
            // Of a positive number, so the sign that the C function leaves in a global is not asked for.
            lgamma(x)
        #endif
    }
}
