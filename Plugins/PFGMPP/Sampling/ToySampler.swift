import Foundation
import Genera

/// A denoiser in closed form for points in the plane.
enum ToyModel: Sendable {
    case points(PointsDenoiser)
    case mixture(MixtureDenoiser)

    private static let centres = (0..<8).map { [cos(Double($0) * .pi / 4), sin(Double($0) * .pi / 4)] }

    static func circleOfPoints(_ kernel: StudentT) -> ToyModel {
        .points(PointsDenoiser(points: Tensor(centres.flatMap { $0 }, shape: [8, 2]), kernel: kernel))
    }

    /// Eight Gaussians of deviation 0.1. Five hundred nodes are plenty for a picture.
    static func circleOfGaussians(_ kernel: StudentT) -> ToyModel {
        var denoiser = MixtureDenoiser(
            weights: [Double](repeating: 0.125, count: 8), means: centres,
            variances: [Double](repeating: 0.01, count: 8),
            kernel: kernel)
        denoiser.nodeCount = 500
        return .mixture(denoiser)
    }

    /// Draws of the law itself, one for each of the noise's samples: `[N, 2]`, float64.
    func draw(_ noise: Noise) throws -> Tensor {
        let chosen = try noise.integers(below: Self.centres.count, at: .start).map { Self.centres[$0] }
        let points = Tensor(chosen.flatMap { $0 }, shape: [chosen.count, 2])
        guard case let .mixture(denoiser) = self else { return points }
        return points + (try noise.normal([2], at: .start(draw: 1), dtype: .float64))
            * (denoiser.variances[0].squareRoot())
    }

    func denoise(_ x: Tensor, _ sigma: Double) throws -> Tensor {
        switch self {
        case let .points(denoiser): denoiser(x, sigma: sigma)
        case let .mixture(denoiser): try denoiser(x, sigma: sigma)
        }
    }
}

/// Draws points in the plane with an exact denoiser: the sampler alone, without a network's error.
struct ToySampler: Sampler {
    typealias Sample = PointSet

    let model: ToyModel
    let kernel: StudentT
    let solver: any DenoisingSolver
    let nodes: [Double]

    var stepCount: Int { nodes.count - 1 }
    var laneCount: Int { 256 }

    func evaluations(step: Int) -> Int { solver.evaluations(index: step, nodes: nodes) }
    func describe(step: Int) -> String? { "sigma \(nodes[step]) to \(nodes[step + 1])" }

    func start(noise: Noise) throws -> PFGMPPState {
        PFGMPPState(solving: DenoisingState(x: try kernel.draw([2], noise: noise, at: .start) * nodes[0]), labels: nil)
    }

    func advance(_ state: inout PFGMPPState, step: Int, noise: Noise) throws {
        try solver.step(
            &state.solving, index: step, nodes: nodes,
            noise: { try noise.normal([2], at: .step(step, draw: $0)).to(.float64) }, denoise: model.denoise)
    }

    func finish(_ state: PFGMPPState) throws -> [PointSet] { try PointSet.rows(of: state.solving.x) }
    func reference(noise: Noise) throws -> [PointSet]? { try PointSet.rows(of: model.draw(noise)) }
}
