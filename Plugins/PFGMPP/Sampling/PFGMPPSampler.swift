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
struct PFGMPPSampler: PathSampler {
    typealias Sample = Image

    let network: NetworkDenoiser
    let kernel: StudentT
    var path: SamplingPath
    let labels: LabelChoice
    var guidance = 1.0
    var device = Device.cpu
    /// In place of our own noise, the reference implementation's under the seeds `first`, `first` + 1, ... of the samples.
    var replay: (first: UInt64, draws: ReferenceReplay)?

    /// Small networks spend more time in starting operations than in doing them, so several images go together. In groups
    /// of four or more every kernel gives an image the same bits whatever its place and neighbours, provided that rows fill
    /// whole vectors. The number is part of what makes a seed's picture: changing it changes last bits.
    var laneCount: Int {
        let channels = network.configuration.modelChannels
        guard channels % 16 == 0 else { return 1 }
        return channels <= 64 ? 8 : 4
    }

    func evaluations(step: Int) -> Int { path.evaluations(step: step) * (guidance == 1 ? 1 : 2) }

    private var shape: [Int] {
        let c = network.configuration
        return [c.imgChannels, c.imgResolution, c.imgResolution]
    }

    func start(noise: Noise) throws -> PFGMPPState {
        PFGMPPState(
            solving: DenoisingState(x: try prior(noise).to(device)), labels: try chosenLabels(noise))
    }

    private func prior(_ noise: Noise) throws -> Tensor {
        guard let replay else { return try kernel.draw(shape, noise: noise, at: .start) * path.startScale }
        // The reference's prior is at its own highest level, whatever level the steps begin at.
        let sigma = ReferenceReplay.priorLevel
        let latents = try noise.samples.map { sample in
            try replay.draws.latents(seed: replay.first &+ UInt64(sample), sigma: sigma).to(.float64)
        }
        let all = Tensor.concatenated(latents)
        switch path {
        case .levels: return kernel.isGaussian ? all * path.startScale : all
        case .ablation: return (kernel.isGaussian ? all : all / sigma) * path.startScale
        }
    }

    func classes(noise: Noise) throws -> [Int]? {
        let width = network.configuration.labelDim
        guard width > 0 else { return nil }
        switch labels {
        case .none: return nil
        case let .fixed(label): return [Int](repeating: label, count: noise.samples.count)
        case .cycling: return noise.samples.map { $0 % width }
        case .random:
            return try replay.map { replay in
                try noise.samples.map { try replay.draws.label(seed: replay.first &+ UInt64($0)) }
            } ?? noise.integers(below: width, at: .start(draw: 4))
        }
    }

    private func chosenLabels(_ noise: Noise) throws -> Tensor? {
        try classes(noise: noise).map { .oneHot($0, classes: network.configuration.labelDim, device: device) }
    }

    private func added(_ noise: Noise, step: Int, draw: Int) throws -> Tensor {
        guard let replay else { return try noise.normal(shape, at: .step(step, draw: draw)).to(.float64).to(device) }
        let rows = try noise.samples.map { try replay.draws.noise(seed: replay.first &+ UInt64($0), step: step) }
        return Tensor.concatenated(rows).to(device)
    }

    func advance(_ state: inout PFGMPPState, step: Int, noise: Noise) throws {
        let labels = state.labels
        var guess: Tensor?
        try path.advance(
            &state.solving, step: step, noise: { try added(noise, step: step, draw: $0) },
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

/// The sampler of a network: of images, or of points.
func makeSampler(
    of network: NetworkDenoiser, kernel: StudentT, path: SamplingPath, labels: LabelChoice, device: Device
) -> any Sampler {
    network.configuration.isOfPoints
        ? PointSampler(model: .network(network), kernel: kernel, path: path, device: device)
        : PFGMPPSampler(network: network, kernel: kernel, path: path, labels: labels, device: device)
}
