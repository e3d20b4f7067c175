import Tensors

/// The Fréchet distance of the Gaussians fitted to two sets; on features of the Inception network it is the FID of Heusel et
/// al., "GANs trained by a two time-scale update rule", NeurIPS 2017, eq. 6.
///
/// With `components` the sets are first projected on the leading principal components of the second set, which makes it
/// quick for images and honest for fewer vectors than pixels. It is too large by order d/N: compare equal counts only.
/// - Complexity: O((N + M) d^2 + d^3) time, with the components' number for d after the projection.
public struct FrechetDistance: SetDistance {
    /// How many principal components are kept; nil for all dimensions.
    public let components: Int?

    /// The distance over so many leading principal components of the second set; over all dimensions unless stated.
    public init(components: Int? = nil) { self.components = components }

    /// The distance of each part.
    ///
    /// - Throws: `MetricError` for sets that differ in width or hold NaN, or parts of fewer than two vectors.
    public func values(_ x: Tensor, _ y: Tensor, over parts: [Parts]) throws -> [Double] {
        let pair = try SetPair(x, y)
        try pair.check(parts, least: 2)
        var (x, y) = pair.centred()
        if let components, components < x.shape[1] {
            let axes = try PrincipalComponents.leading(components, of: y)
            (x, y) = (x.matmul(axes), y.matmul(axes))
        }
        return try parts.map { part in
            let first = part.first.count == x.shape[0] ? x : x.gathered(rows: part.first)
            let second = part.second.count == y.shape[0] ? y : y.gathered(rows: part.second)
            return try GaussianFit(matrix: first).frechetDistance(to: GaussianFit(matrix: second))
        }
    }
}

/// The directions in which a set is widest.
public enum PrincipalComponents {
    /// The most rows that the components of very wide vectors are found from.
    static let rowLimit = 1024

    /// The `count` leading components of a set `[M, d]` as orthonormal columns, `[d, at most count]`, float64.
    ///
    /// For vectors of more than 1024 numbers they are found from at most 1024 vectors, evenly spaced; any fixed axes make a
    /// fair comparison, and these need no matrix as wide as the vectors.
    /// - Throws: errors of tensors.
    public static func leading(_ count: Int, of set: Tensor) throws -> Tensor {
        let matrix = set.to(.float64).reshaped([set.shape[0], -1])
        let (rows, width) = (matrix.shape[0], matrix.shape[1])
        let centred = matrix - matrix.mean(axes: [0], keeping: true)
        guard width > rowLimit else {
            let vectors = SymmetricEigen(centred.transposed().matmul(centred)).vectors
            return try vectors.narrowed(axis: 1, max(width - count, 0)..<width).flipped(axes: [1]).checked()
        }
        let kept = min(rows, rowLimit)
        let some = kept == rows ? centred : centred.gathered(rows: (0..<kept).map { $0 * rows / kept })
        let eigen = SymmetricEigen(some.matmul(some.transposed()))
        let values = try eigen.values.array(of: Double.self)
        let limit = 1e-10 * max(values.last ?? 0, 1e-300)
        let rank = max(min(count, values.count { $0 > limit }), 1)
        let axes = some.transposed().matmul(eigen.vectors.narrowed(axis: 1, kept - rank..<kept)).flipped(axes: [1])
        return try (axes / axes.norm(axes: [0], keeping: true).clamp(1e-150, .infinity)).checked()
    }
}
