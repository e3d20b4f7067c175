import Foundation
import Genera

/// The exact E[y|x] for data that is a finite set of weighted points, under the Student-t kernel.
public struct PointsDenoiser: Sendable {
    /// The points, `[count, dimension]`, float64.
    public let points: Tensor
    /// Logarithms of the weights, `[1, count]`.
    let logWeights: Tensor
    /// The kernel.
    public let kernel: StudentT

    /// Makes the denoiser of `points` with `weights` (uniform if nil).
    public init(points: Tensor, weights: Tensor? = nil, kernel: StudentT) {
        self.points = points.to(.float64)
        let count = points.shape[0]
        let uniform = Tensor.full([count], 1 / Double(max(1, count)), dtype: .float64)
        logWeights = (weights ?? uniform).to(.float64).log().reshaped([1, -1])
        self.kernel = kernel
    }

    /// `[N, dimension] -> [N, dimension]`, float64.
    public func callAsFunction(_ x: Tensor, sigma: Double) -> Tensor {
        let dimension = points.shape[1]
        let difference = x.to(.float64).unsqueezed(1) - points.unsqueezed(0)
        let squared = difference.squared().sum(axes: [2])
        let logits = logWeights + kernel.logDensity(squaredDistance: squared, sigma: sigma, dimension: dimension)
        return logits.softmax(axis: 1).matmul(points)
    }
}

/// The exact E[y|x] for data that is a mixture of isotropic Gaussians, under the Student-t kernel.
///
/// The kernel is a mixture of normal laws over its scale, u ~ Gamma(D/2, rate D/2), v = sigma²/u; at finite D the integral over
/// t = log u is done by the trapezoid rule.
public struct MixtureDenoiser: Sendable {
    /// Component weights.
    public let weights: [Double]
    /// Component means, one array each.
    public let means: [[Double]]
    /// Component variances s².
    public let variances: [Double]
    /// The kernel.
    public let kernel: StudentT
    /// Nodes of the trapezoid rule; 60,000 give nine digits.
    public var nodeCount = 60_000

    /// Makes the denoiser.
    public init(weights: [Double], means: [[Double]], variances: [Double], kernel: StudentT) {
        (self.weights, self.means, self.variances, self.kernel) = (weights, means, variances, kernel)
    }

    /// `[N, dimension] -> [N, dimension]`, float64.
    ///
    /// - Throws: the error of `x` if it is poisoned.
    public func callAsFunction(_ x: Tensor, sigma: Double) throws -> Tensor {
        let values = try x.array(of: Double.self)
        let dimension = means.first?.count ?? 0
        let scales = scaleNodes(sigma)
        var result: [Double] = []
        result.reserveCapacity(values.count)
        for row in 0..<(dimension == 0 ? 0 : values.count / dimension) {
            result += mean(at: Array(values[row * dimension..<(row + 1) * dimension]), scales)
        }
        return Tensor(result, shape: x.shape.sizes)
    }

    /// Variances v of the kernel's components with the logarithms of their weights.
    private func scaleNodes(_ sigma: Double) -> [(v: Double, logWeight: Double)] {
        guard !kernel.isGaussian else { return [(sigma * sigma, 0)] }
        let D = kernel.D
        let width = (2 / D).squareRoot()
        let low = -250 / D - 14 * width
        let high = Foundation.log(1 + 14 * width + 120 / D) + 1.5 * width
        return (0..<nodeCount).map { index in
            let t = low + (high - low) * Double(index) / Double(nodeCount - 1)
            return (sigma * sigma * Foundation.exp(-t), D / 2 * (t - Foundation.exp(t)))
        }
    }

    /// The posterior mean at one point, summed in two passes so that the largest term sets the scale.
    private func mean(at x: [Double], _ scales: [(v: Double, logWeight: Double)]) -> [Double] {
        let dimension = Double(x.count)
        let distances = means.map { mean in zip(x, mean).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } }
        let logWeights = weights.map { Foundation.log($0) }
        func logTerm(_ k: Int, _ scale: (v: Double, logWeight: Double)) -> Double {
            let total = variances[k] + scale.v
            return logWeights[k] + scale.logWeight - dimension / 2 * Foundation.log(total) - distances[k] / (2 * total)
        }
        var logTerms: [Double] = []
        logTerms.reserveCapacity(scales.count * means.count)
        for scale in scales { for k in means.indices { logTerms.append(logTerm(k, scale)) } }
        let peak = logTerms.max() ?? 0
        // E[y|x] = sum_k (a_k mu_k + b_k (x - mu_k)) with a the masses and b the masses times s²/(s²+v).
        var (masses, pulls) = ([Double](repeating: 0, count: means.count), [Double](repeating: 0, count: means.count))
        for (index, scale) in scales.enumerated() {
            for k in means.indices {
                let excess = logTerms[index * means.count + k] - peak
                guard excess > -745 else { continue }
                let mass = Foundation.exp(excess)
                masses[k] += mass
                pulls[k] += mass * variances[k] / (variances[k] + scale.v)
            }
        }
        let total = masses.reduce(0, +)
        return x.indices.map { d in
            means.indices.reduce(0) { $0 + masses[$1] * means[$1][d] + pulls[$1] * (x[d] - means[$1][d]) } / total
        }
    }
}
