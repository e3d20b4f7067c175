import Genera

/// The reference implementation's own way of drawing the kernel, kept for parity: a direction and a radius from a Beta draw, with
/// its clipping and its small constants.
public enum ReferenceRadius {
    /// Training radii from Beta(N/2, D/2) draws, one a sample: r·sqrt(B / (1 - B + 1e-8) + 1e-8), with B clipped to
    /// [1e-3, 1 - 1e-3] and r = sigma·sqrt(D).
    public static func training(beta: [Double], sigma: [Double], D: Double) -> [Double] {
        zip(beta, sigma).map { beta, sigma in
            let clipped = min(max(beta, 1e-3), 1 - 1e-3)
            return sigma * D.squareRoot() * (clipped / (1 - clipped + 1e-8) + 1e-8).squareRoot()
        }
    }

    /// Radii of the prior from Beta draws: sqrt(B / (1 - B))·sigma·sqrt(D), without the constants.
    public static func prior(beta: [Double], sigma: Double, D: Double) -> [Double] {
        beta.map { ($0 / (1 - $0)).squareRoot() * sigma * D.squareRoot() }
    }

    /// Float32 directions `[N, dimension]` scaled by float64 radii, as float64.
    public static func scaled(_ gaussian: Tensor, by radii: [Double]) -> Tensor {
        let flat = gaussian.reshaped([radii.count, -1])
        let norms = Operator.vectorNorm([.tensor(flat), .double(2), .ints([1]), .bool(true)])
        let unit = (flat / norms).to(.float64)
        return (unit * Tensor(radii, shape: [radii.count, 1])).reshaped(gaussian.shape.sizes)
    }
}

extension Operator {
    static let vectorNorm = Operator("linalg_vector_norm")
}
