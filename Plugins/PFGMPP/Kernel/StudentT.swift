import Genera

/// The perturbation kernel of PFGM++: with r = sigma·sqrt(D), p_r(x|y) is the multivariate Student-t law with D degrees of
/// freedom around y with scale sigma (Xu et al., 2023, eq. 6 in another form). D = infinity is the normal law.
public struct StudentT: Sendable, Equatable {
    /// Dimension of the augmentation, any number above 0, or infinity.
    public let D: Double

    /// Makes the kernel.
    public init(D: Double) { self.D = D }

    /// Whether this is the normal law.
    public var isGaussian: Bool { D.isInfinite }

    /// How much wider than a normal draw each sample's draw is: sqrt(D / c) with c ~ ChiSquare(D), one number a sample.
    ///
    /// - Throws: what the noise source throws.
    public func spreads(_ noise: Noise, at address: DrawAddress) throws -> [Double] {
        guard !isGaussian else { return [Double](repeating: 1, count: noise.samples.count) }
        return try noise.gamma(shape: D / 2, at: address).map { (D / (2 * $0)).squareRoot() }
    }

    /// Draws of the kernel around 0 with scale 1: `[N] + shape`, float64.
    ///
    /// - Throws: what the noise source throws.
    public func draw(_ shape: [Int], noise: Noise, at address: DrawAddress) throws -> Tensor {
        let normal = try noise.normal(shape, at: address).to(.float64)
        guard !isGaussian else { return normal }
        let spread = Tensor(try spreads(noise, at: address), shape: [noise.samples.count] + shape.map { _ in 1 })
        return normal * spread
    }

    /// log p(x|y) up to a constant, from squared distances |x-y|²: -(N+D)/2 · log(1 + d / (D sigma²)), or -d / (2 sigma²).
    public func logDensity(squaredDistance d: Tensor, sigma: Double, dimension: Int) -> Tensor {
        if isGaussian { return d * (-1 / (2 * sigma * sigma)) }
        return (d * (1 / (D * sigma * sigma))).log1p() * (-(Double(dimension) + D) / 2)
    }
}
