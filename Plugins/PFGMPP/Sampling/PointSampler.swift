import Foundation
import Genera

/// What denoises points.
enum ToyModel: Sendable {
    case points(PointsDenoiser)
    case mixture(MixtureDenoiser)
    case network(NetworkDenoiser)

    /// Eight places on the unit circle.
    static let centres = (0..<8).map { [cos(Double($0) * .pi / 4), sin(Double($0) * .pi / 4)] }
    /// The standard deviation of the Gaussians around them.
    static let deviation = 0.1

    static func circleOfPoints(_ kernel: StudentT) -> ToyModel {
        .points(PointsDenoiser(points: Tensor(centres.flatMap { $0 }, shape: [8, 2]), kernel: kernel))
    }

    /// Five hundred nodes are plenty for a picture.
    static func circleOfGaussians(_ kernel: StudentT) -> ToyModel {
        var denoiser = MixtureDenoiser(
            weights: [Double](repeating: 0.125, count: 8), means: centres,
            variances: [Double](repeating: deviation * deviation, count: 8),
            kernel: kernel)
        denoiser.nodeCount = 500
        return .mixture(denoiser)
    }

    /// The number of coordinates.
    var dimension: Int {
        switch self {
        case let .points(denoiser): denoiser.points.shape[1]
        case let .mixture(denoiser): denoiser.means.first?.count ?? 0
        case let .network(network): network.configuration.imgChannels
        }
    }

    /// Draws of the law itself, one for each of the noise's samples: `[N, 2]`, float64. Nil for a network.
    func draw(_ noise: Noise) throws -> Tensor? {
        if case .network = self { return nil }
        let chosen = try noise.integers(below: Self.centres.count, at: .start).map { Self.centres[$0] }
        let points = Tensor(chosen.flatMap { $0 }, shape: [chosen.count, 2])
        guard case .mixture = self else { return points }
        return points + (try noise.normal([2], at: .start(draw: 1), dtype: .float64)) * Self.deviation
    }

    /// `[N, dimension] -> [N, dimension]`, float64.
    func denoise(_ x: Tensor, _ sigma: Double) throws -> Tensor {
        switch self {
        case let .points(denoiser): return denoiser(x, sigma: sigma)
        case let .mixture(denoiser): return try denoiser(x, sigma: sigma)
        case let .network(network):
            return network(x.unsqueezed(2).unsqueezed(3), sigma: sigma).reshaped(x.shape.sizes).to(.float64)
        }
    }
}

/// Draws points, with an exact denoiser or a small network.
struct PointSampler: PathSampler {
    let model: ToyModel
    let kernel: StudentT
    var path: SamplingPath
    var device = Device.cpu

    var laneCount: Int { 256 }

    func evaluations(step: Int) -> Int { path.evaluations(step: step) }
    func start(noise: Noise) throws -> PFGMPPState {
        let prior = try kernel.draw([model.dimension], noise: noise, at: .start) * path.startScale
        return PFGMPPState(solving: DenoisingState(x: prior.to(device)), labels: nil)
    }

    func advance(_ state: inout PFGMPPState, step: Int, noise: Noise) throws {
        try path.advance(
            &state.solving, step: step,
            noise: { try noise.normal([model.dimension], at: .step(step, draw: $0)).to(.float64).to(device) },
            denoise: model.denoise)
    }

    func finish(_ state: PFGMPPState) throws -> [PointCloud] { try PointCloud.rows(of: state.solving.x) }

    func reference(noise: Noise) throws -> [PointCloud]? { try model.draw(noise).map { try PointCloud.rows(of: $0) } }
}
