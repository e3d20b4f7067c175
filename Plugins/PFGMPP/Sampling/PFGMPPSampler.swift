import Genera

/// What a PFGM++ sampler carries: the solver's state, and the labels of the batch.
public struct PFGMPPState: BatchState {
    /// The solver's state; `x` is `[N] + shape` in float64.
    public var solving: DenoisingState
    /// Class weights `[N, labels]`, or nil.
    public let labels: Tensor?
    /// The last guess of the clean samples, which previews of images show.
    var guess: Tensor?

    /// The noisy samples.
    public var tensors: [Tensor] { [solving.x] }
}

/// Where a sampler's random numbers come from.
enum SampleNumbers: Sendable {
    /// Addressed noise, a draw of its own for each step.
    case own
    /// Addressed noise; what steps add is one Brownian motion.
    case motion
    /// The reference implementation's under the seeds `first`, `first` + 1, ... of the samples.
    case reference(first: UInt64, ReferenceReplay)
}

/// Draws samples by solving the PFGM++ ODE from a Student-t prior at the highest noise level down to 0: pictures, or
/// points of any dimension, by whatever denoises them.
struct PFGMPPSampler<Sample: Drawable>: PathSampler {
    let denoiser: any Denoiser
    let kernel: StudentT
    var path: SamplingPath
    var labels = PFGMPP.Labels.none
    var device = Device.cpu
    var numbers = SampleNumbers.own
    /// Draws of the law itself, where it is known: `[N] + shape`.
    var law: (@Sendable (Noise) throws -> Tensor)?
    /// The samples in the rows of `[N] + shape`.
    let rows: @Sendable (Tensor) throws -> [Sample]

    var lanes: Lanes { .alike(denoiser.laneCount) }

    /// A network was made for its precision, and closed forms have but one.
    var appliesPrecision: Bool { true }

    func evaluations(step: Int) -> Int { path.evaluations(step: step) * denoiser.evaluations }

    func start(noise: Noise) throws -> PFGMPPState {
        PFGMPPState(
            solving: DenoisingState(x: try prior(noise).to(device)), labels: try chosenLabels(noise))
    }

    private func prior(_ noise: Noise) throws -> Tensor {
        guard case let .reference(first, draws) = numbers else {
            return try kernel.draw(denoiser.shape, noise: noise, at: .start) * path.startScale
        }
        // The reference's prior is at its own highest level, whatever level the steps begin at.
        let sigma = ReferenceReplay.priorLevel
        let latents = try noise.samples.map { sample in
            try draws.latents(seed: first &+ UInt64(sample), sigma: sigma).to(.float64)
        }
        let all = Tensor.concatenated(latents)
        if kernel.isGaussian { return all * path.startScale }
        return path.solver.nodesAreLevels ? all : all / sigma * path.startScale
    }

    func classes(noise: Noise) throws -> [Int]? {
        let width = denoiser.classCount
        guard width > 0 else { return nil }
        switch labels {
        case .none: return nil
        case let .fixed(label): return [Int](repeating: label, count: noise.samples.count)
        case .cycling: return noise.samples.map { $0 % width }
        case .random:
            guard case let .reference(first, draws) = numbers else {
                return try noise.integers(below: width, at: .start(draw: 4))
            }
            return try noise.samples.map { try draws.label(seed: first &+ UInt64($0)) }
        }
    }

    private func chosenLabels(_ noise: Noise) throws -> Tensor? {
        try classes(noise: noise).map { .oneHot($0, classes: denoiser.classCount, device: device) }
    }

    private func added(_ noise: Noise, step: Int, draw: Int) throws -> Tensor {
        switch numbers {
        case .own:
            return try noise.normal(denoiser.shape, at: .step(step, draw: draw)).to(.float64).to(device)
        case .motion:
            let (solver, start, end) = (path.solver, path.nodes[step], path.nodes[step + 1])
            func clock(_ sigma: Double) -> Double { solver.clock(sigma) ?? 0 }
            let motion = BrownianPath(noise, shape: denoiser.shape, clock: clock)
            return try (motion.increment(from: start, to: end) / (clock(end) - clock(start)).squareRoot()).to(device)
        case let .reference(first, draws):
            let rows = try noise.samples.map { try draws.noise(seed: first &+ UInt64($0), step: step) }
            return Tensor.concatenated(rows).to(device)
        }
    }

    func advance(_ state: inout PFGMPPState, step: Int, noise: Noise) throws {
        let labels = state.labels
        var guess: Tensor?
        try path.solver.carry(
            &state.solving, over: step..<step + 1, along: path.nodes, noise: { try added(noise, step: $0, draw: $1) },
            denoise: { x, sigma in
                let denoised = try denoiser.denoised(x, sigma: sigma, labels: labels).to(.float64)
                guess = denoised
                return denoised
            })
        if let guess { state.guess = guess }
    }

    func finish(_ state: PFGMPPState) throws -> [Sample] { try rows(state.solving.x) }

    func preview(_ state: PFGMPPState, step: Int) throws -> [Sample] {
        // Of points the way is worth seeing, of images what they will be.
        let shown = step < stepCount - 1 && denoiser.shape.count == 3 ? state.guess : nil
        return try rows(shown ?? state.solving.x)
    }

    func reference(noise: Noise) throws -> [Sample]? { try law.map { try rows($0(noise)) } }
}

extension NetworkDenoiser {
    /// The sampler of a network: of images, or of points.
    func sampler(
        _ kernel: StudentT, _ path: SamplingPath, labels: PFGMPP.Labels, guidance: Double = 1,
        numbers: SampleNumbers = .own, device: Device
    ) -> any Sampler {
        func make<Sample: Drawable>(_ rows: @escaping @Sendable (Tensor) throws -> [Sample]) -> any Sampler {
            PFGMPPSampler(
                denoiser: guidance == 1 ? self : GuidedDenoiser(base: self, strength: guidance), kernel: kernel,
                path: path, labels: labels, device: device, numbers: numbers, rows: rows)
        }
        return configuration.isOfPoints ? make { try PointCloud.rows(of: $0) } : make { try Image.rows(of: $0) }
    }
}
