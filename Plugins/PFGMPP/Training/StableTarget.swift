import Genera

/// The stable target field of Xu et al. (2023, "Stable target field for reduced variance score estimation"): in place of the one
/// clean example that was perturbed, the posterior mean over a batch of references is what the denoiser shall answer. With the
/// reference implementation's own small constants.
public struct StableTarget: Sendable {
    /// The perturbation kernel.
    public let kernel: StudentT

    /// Makes the target of a kernel.
    public init(kernel: StudentT) { self.kernel = kernel }

    /// The posterior means `[N, dimension]`, float64.
    ///
    /// For finite D the weights are (min d / (d + 1e-7))^(N+D) with d = sqrt(|x-y|² + r²), divided by their sum + 1e-7; for
    /// D = infinity the softmax of -|x-y|² / (2 sigma²).
    ///
    /// - Parameters:
    ///   - noisy: perturbed examples, `[N, dimension]`.
    ///   - sigmas: their noise levels.
    ///   - references: clean examples, `[R, dimension]`.
    public func means(of noisy: Tensor, sigmas: [Double], references: Tensor) -> Tensor {
        means(of: noisy, sigmas: sigmas, references: references, own: nil, isListed: [])
    }

    /// The same where each row's own clean example, `[N, dimension]`, is a reference too.
    ///
    /// - Parameter isListed: whether a row's own example is among `references` already, so that it does not count twice.
    func means(of noisy: Tensor, sigmas: [Double], references: Tensor, own: Tensor?, isListed: [Bool]) -> Tensor {
        let (x, y) = (noisy.to(.float64), references.to(.float64))
        let dimension = x.shape[1]
        let products = x.matmul(y.transposed(0, 1)) * 2
        var squared = x.squared().sum(axes: [1], keeping: true) + y.squared().sum(axes: [1]).unsqueezed(0) - products
        squared = squared.clamp(0, .infinity)
        guard let own else { return weights(squared, sigmas, dimension).matmul(y) }
        let count = y.shape[0]
        let absent = Tensor(isListed.map { $0 ? Double.infinity : 0 }, shape: [sigmas.count, 1], device: x.device)
        let clean = own.to(.float64)
        let ownSquared = (x - clean).squared().sum(axes: [1], keeping: true) + absent
        let weights = weights(.concatenated([squared, ownSquared], axis: 1), sigmas, dimension)
        return weights.narrowed(axis: 1, 0..<count).matmul(y) + weights.narrowed(axis: 1, count..<count + 1) * clean
    }

    /// `[N, R] -> [N, R]`, float64.
    private func weights(_ squared: Tensor, _ sigmas: [Double], _ dimension: Int) -> Tensor {
        func column(_ value: (Double) -> Double) -> Tensor {
            Tensor(sigmas.map(value), shape: [sigmas.count, 1], device: squared.device)
        }
        if kernel.isGaussian { return (squared * column { -1 / (2 * $0 * $0) }).softmax(axis: 1) }
        let distance = (squared + column { $0 * $0 * kernel.D }).sqrt()
        let least = -((-distance).amax(axes: [1], keeping: true))
        let powers = ((least.log() - (distance + 1e-7).log()) * (Double(dimension) + kernel.D)).exp()
        return powers / (powers.sum(axes: [1], keeping: true) + 1e-7)
    }
}
