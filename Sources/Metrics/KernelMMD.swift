import Tensors

/// The squared maximum mean discrepancy E k(X,X') + E k(Y,Y') - 2 E k(X,Y).
///
/// Gretton et al., "A kernel two-sample test", Journal of Machine Learning Research 13 (2012), eq. 3.
/// - Complexity: O((N + M)^2 (d + parts)) time; pairs are made in blocks of 8 MB.
public struct KernelMMD: SetDistance {
    /// The function k(x, y) of two vectors, by which they count as near.
    public enum Kernel: Sendable, Equatable {
        /// The mean of exp(-|x-y|^2 / (2 s^2)) over the bandwidths s.
        case gaussian(bandwidths: [Double])
        /// Gaussians whose bandwidths are these multiples of the median distance between vectors of both sets together.
        case medianGaussian(multiples: [Double] = [0.25, 0.5, 1, 2, 4])
        /// (x . y / d + 1)^degree. Degree 3 gives the kernel Inception distance on features of that network: Bińkowski et
        /// al., "Demystifying MMD GANs", ICLR 2018, section 4.
        case polynomial(degree: Int = 3)
    }

    /// The function k(x, y) of two vectors.
    public let kernel: Kernel
    /// How means within a set are taken.
    public let estimator: PairEstimator

    /// The distance by a kernel, with means within a set taken in one of two ways.
    public init(_ kernel: Kernel = .medianGaussian(), _ estimator: PairEstimator = .unbiased) {
        (self.kernel, self.estimator) = (kernel, estimator)
    }

    /// The squared MMD of each part.
    ///
    /// - Throws: `MetricError` for sets that differ in width or hold NaN, or parts of fewer than two vectors.
    public func values(_ x: Tensor, _ y: Tensor, over parts: [Parts]) throws -> [Double] {
        let pair = try SetPair(x, y)
        try pair.check(parts, least: 2)
        let (x, y) = isPolynomial ? (pair.x, pair.y) : pair.centred()
        let means = PairMeans(function: try function(x, y))
        let isUnbiased = estimator == .unbiased
        let between = try means.between(x, y, parts)
        let (first, second) = (parts.map(\.first), parts.map(\.second))
        let (own, others) = (
            try means.within(x, first, isUnbiased: isUnbiased), try means.within(y, second, isUnbiased: isUnbiased)
        )
        return parts.indices.map { own[$0] + others[$0] - 2 * between[$0] }
    }

    private var isPolynomial: Bool { if case .polynomial = kernel { true } else { false } }

    private func function(_ x: Tensor, _ y: Tensor) throws -> @Sendable (Tensor, Tensor) -> Tensor {
        switch kernel {
        case let .gaussian(bandwidths): return Self.gaussian(bandwidths)
        case let .medianGaussian(multiples):
            let median = try Self.medianDistance(x, y)
            return Self.gaussian(multiples.map { $0 * median })
        case let .polynomial(degree):
            let width = Double(x.shape[1])
            return { (($0.matmul($1.transposed())) * (1 / width) + 1).pow(Double(degree)) }
        }
    }

    private static func gaussian(_ bandwidths: [Double]) -> @Sendable (Tensor, Tensor) -> Tensor {
        { a, b in
            let squares = PairMeans.squaredDistances(a, b)
            let sum = bandwidths.reduce(Tensor(0.0)) { $0 + (squares * (-0.5 / ($1 * $1))).exp() }
            return sum * (1 / Double(max(bandwidths.count, 1)))
        }
    }

    /// The median of the distances between different vectors of both sets together, of at most 500 vectors of each,
    /// evenly spaced. Where most distances are 0, their mean; 1 if all are.
    ///
    /// - Throws: errors of tensors.
    static func medianDistance(_ x: Tensor, _ y: Tensor) throws -> Double {
        func some(_ set: Tensor) -> Tensor {
            let (count, kept) = (set.shape[0], min(set.shape[0], 500))
            return count == kept ? set : set.gathered(rows: (0..<kept).map { $0 * count / kept })
        }
        let both = Tensor.concatenated([some(x), some(y)])
        let count = both.shape[0]
        let all = try PairMeans.squaredDistances(both, both).sqrt().array(of: Double.self)
        var distances = (0..<count).flatMap { row in all[row * count..<row * count + row] }
        distances.sort()
        let median = distances.isEmpty ? 0 : distances[distances.count / 2]
        let largest = distances.last ?? 0
        if median > 1e-7 * largest { return median }
        return largest > 0 ? distances.reduce(0, +) / Double(distances.count) : 1
    }
}
