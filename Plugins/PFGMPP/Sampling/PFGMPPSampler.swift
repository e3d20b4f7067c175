import Genera

/// What a PFGM++ sampler carries: the solver's state, and the labels of the batch.
public struct PFGMPPState: BatchState {
    /// The solver's state; `x` is `[N, C, H, W]` in float64.
    public var solving: DenoisingState
    /// Class weights `[N, labels]`, or nil.
    public let labels: Tensor?
    /// The last guess of the clean images, which previews show.
    var guess: Tensor?

    /// The noisy images.
    public var tensors: [Tensor] { [solving.x] }
}

/// Which class each sample is to be of.
enum LabelChoice: Sendable, Equatable {
    /// The model has no classes, or the null label is meant.
    case none
    /// The same class for all.
    case fixed(Int)
    /// Sample i is of class i modulo the number of classes.
    case cycling
    /// Drawn from the seed.
    case random
}

/// Draws images by solving the PFGM++ ODE from a Student-t prior at the highest noise level down to 0.
struct PFGMPPSampler: Sampler {
    typealias Sample = Image

    let network: NetworkDenoiser
    let kernel: StudentT
    let solver: any DenoisingSolver
    let nodes: [Double]
    let labels: LabelChoice
    var guidance = 1.0
    var device = Device.cpu

    var stepCount: Int { nodes.count - 1 }

    /// Small networks spend more time in starting operations than in doing them, so several images go together. In groups
    /// of four or more every kernel gives an image the same bits whatever its place and neighbours, provided that rows fill
    /// whole vectors. The number is part of what makes a seed's picture: changing it changes last bits.
    var laneCount: Int {
        let channels = network.configuration.modelChannels
        guard channels % 16 == 0 else { return 1 }
        return channels <= 64 ? 8 : 4
    }

    func evaluations(step: Int) -> Int {
        solver.evaluations(index: step, nodes: nodes) * (guidance == 1 ? 1 : 2)
    }

    func describe(step: Int) -> String? { "sigma \(nodes[step]) to \(nodes[step + 1])" }

    private var shape: [Int] {
        let c = network.configuration
        return [c.imgChannels, c.imgResolution, c.imgResolution]
    }

    func start(noise: Noise) throws -> PFGMPPState {
        let prior = try kernel.draw(shape, noise: noise, at: .start) * nodes[0]
        return PFGMPPState(solving: DenoisingState(x: prior.to(device)), labels: try chosenLabels(noise))
    }

    private func chosenLabels(_ noise: Noise) throws -> Tensor? {
        let width = network.configuration.labelDim
        guard width > 0 else { return nil }
        let count = noise.samples.count
        switch labels {
        case .none: return nil
        case let .fixed(label): return .oneHot([Int](repeating: label, count: count), classes: width, device: device)
        case .cycling: return .oneHot(noise.samples.map { $0 % width }, classes: width, device: device)
        case .random:
            return .oneHot(try noise.integers(below: width, at: .start(draw: 4)), classes: width, device: device)
        }
    }

    func advance(_ state: inout PFGMPPState, step: Int, noise: Noise) throws {
        let labels = state.labels
        var guess: Tensor?
        try solver.step(
            &state.solving, index: step, nodes: nodes,
            noise: { try noise.normal(shape, at: .step(step, draw: $0)).to(.float64).to(device) },
            denoise: { x, sigma in
                let denoised = denoise(x, sigma, labels)
                guess = denoised
                return denoised
            })
        if let guess { state.guess = guess }
    }

    private func denoise(_ x: Tensor, _ sigma: Double, _ labels: Tensor?) -> Tensor {
        let conditional = network(x, sigma: sigma, labels: labels)
        guard guidance != 1, labels != nil else { return conditional.to(.float64) }
        let unconditional = network(x, sigma: sigma, labels: nil)
        return (unconditional + (conditional - unconditional) * guidance).to(.float64)
    }

    func finish(_ state: PFGMPPState) throws -> [Image] { try Image.rows(of: state.solving.x) }

    func preview(_ state: PFGMPPState, step: Int) throws -> [Image] {
        try Image.rows(of: step == stepCount - 1 ? state.solving.x : state.guess ?? state.solving.x)
    }
}
