import Tensors

/// Mean and covariance of a set of vectors.
public struct GaussianFit: Sendable {
    /// The mean, `[d]`, float64.
    public let mean: Tensor
    /// The covariance with divisor N - 1, `[d, d]`, float64.
    public let covariance: Tensor

    /// Fits a set `[N, d]` of at least two vectors.
    ///
    /// - Throws: `MetricError` for a set without two vectors or with NaN; errors of tensors.
    public init(_ set: Tensor) throws {
        let pair = try SetPair(set, set)
        guard pair.x.shape[0] >= 2 else { throw MetricError("A covariance needs at least two vectors.") }
        self.init(matrix: pair.x)
    }

    /// Takes a mean `[d]` and a covariance `[d, d]`, such as are kept for large data sets.
    public init(mean: Tensor, covariance: Tensor) {
        (self.mean, self.covariance) = (mean.to(.float64), covariance.to(.float64))
    }

    init(matrix: Tensor) {
        mean = matrix.mean(axes: [0])
        let centred = matrix - mean.unsqueezed(0)
        covariance = centred.transposed().matmul(centred) * (1 / Double(matrix.shape[0] - 1))
    }

    /// |m1 - m2|^2 + tr(S1 + S2 - 2 (S1^(1/2) S2 S1^(1/2))^(1/2)), the squared 2-Wasserstein distance of two Gaussians.
    ///
    /// Dowson and Landau, "The Fréchet distance between multivariate normal distributions", Journal of Multivariate Analysis
    /// 12 (1982), eq. 4. Both roots are of symmetric matrices; eigenvalues that rounding has made negative count as 0, so
    /// that singular covariances, as of fewer vectors than dimensions, give numbers and never NaN.
    /// - Throws: errors of tensors.
    public func frechetDistance(to other: GaussianFit) throws -> Double {
        let shift = (mean - other.mean).squared().sum()
        let root = SymmetricEigen(covariance).squareRoot()
        let product = root.matmul(other.covariance).matmul(root)
        let cross = SymmetricEigen(product).values.clamp(0, .infinity).sqrt().sum()
        let trace = SymmetricEigen.trace(covariance) + SymmetricEigen.trace(other.covariance)
        return max(try (shift + trace - cross * 2).item(), 0)
    }
}

/// Eigenvalues and eigenvectors of a symmetric matrix.
struct SymmetricEigen {
    /// The eigenvalues, `[d]`, ascending.
    let values: Tensor
    /// The eigenvectors as columns, `[d, d]`.
    let vectors: Tensor

    /// Decomposes `matrix`, of which only the symmetric part counts.
    init(_ matrix: Tensor) {
        let results = Self.eigh.all([.tensor((matrix + matrix.transposed()) * 0.5)])
        (values, vectors) = (results[0], results[1])
    }

    /// The symmetric square root; negative eigenvalues count as 0.
    func squareRoot() -> Tensor {
        (vectors * values.clamp(0, .infinity).sqrt().unsqueezed(0)).matmul(vectors.transposed())
    }

    static func trace(_ matrix: Tensor) -> Tensor { traceOperator([.tensor(matrix)]) }

    private static let traceOperator = Operator("trace")

    private static let eigh = Operator("linalg_eigh")
}
