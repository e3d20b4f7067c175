import Foundation
import Genera

/// The laws that the closed forms of the command line know: eight places on the unit circle, as points or as Gaussians around them.
enum CircleOfEight: Sendable {
    case points
    case gaussians

    /// The places.
    static let centres = (0..<8).map { [cos(Double($0) * .pi / 4), sin(Double($0) * .pi / 4)] }
    /// The standard deviation of the Gaussians.
    static let deviation = 0.1

    /// E[y | x] under a kernel.
    func denoiser(_ kernel: StudentT) -> any Denoiser {
        let centres = Self.centres
        switch self {
        case .points:
            return PointsDenoiser(points: Tensor(centres.flatMap { $0 }, shape: [8, 2]), kernel: kernel)
        case .gaussians:
            var denoiser = MixtureDenoiser(
                weights: [Double](repeating: 0.125, count: 8), means: centres,
                variances: [Double](repeating: Self.deviation * Self.deviation, count: 8), kernel: kernel)
            // Five hundred nodes are plenty for a picture.
            denoiser.nodeCount = 500
            return denoiser
        }
    }

    /// Draws of the law itself, one for each of the noise's samples: `[N, 2]`, float64.
    ///
    /// - Throws: what the noise throws.
    func draw(_ noise: Noise) throws -> Tensor {
        let chosen = try noise.integers(below: Self.centres.count, at: .start).map { Self.centres[$0] }
        let points = Tensor(chosen.flatMap { $0 }, shape: [chosen.count, 2])
        guard self == .gaussians else { return points }
        return points + (try noise.normal([2], at: .start(draw: 1), dtype: .float64)) * Self.deviation
    }
}
