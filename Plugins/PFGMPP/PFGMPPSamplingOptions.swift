import ArgumentParser
import Genera

/// What stands behind the sampler.
public enum PFGMPPModel: String, ExpressibleByArgument, CaseIterable, Sendable {
    /// A trained network.
    case checkpoint
    /// The closed form for eight points on a circle.
    case analyticPoints = "analytic-points"
    /// The closed form for a mixture of eight Gaussians on a circle.
    case analyticGMM = "analytic-gmm"
}

/// Solvers by the names used in the literature.
public enum PFGMPPSolver: String, ExpressibleByArgument, CaseIterable, Sendable {
    /// First order.
    case euler
    /// Second order, with churn if asked for.
    case heun
    /// Second order, two guesses.
    case dpmpp2m = "dpmpp-2m"
    /// Three guesses as published.
    case dpmpp3m = "dpmpp-3m"
    /// Three guesses, third order.
    case dpmpp3mFull = "dpmpp-3m-full"
    /// Second order with fresh noise.
    case dpmpp2mSDE = "dpmpp-2m-sde"
    /// Predictor and corrector of one guess.
    case unipc1 = "unipc-1"
    /// Of two guesses.
    case unipc2 = "unipc-2"
    /// Of three guesses.
    case unipc3 = "unipc-3"
    /// First order with fresh noise.
    case eulerAncestral = "euler-a"
}

/// How the noise levels between the highest and the lowest are spaced.
public enum PFGMPPSchedule: String, ExpressibleByArgument, CaseIterable, Sendable {
    /// By a power, 7 unless stated.
    case rho
    /// Equal steps of ln sigma.
    case logLinear = "log-linear"
    /// Equal steps of atan(sigma).
    case cosine
    /// Equal steps of variance-preserving time.
    case vp
    /// The optimum for Gaussian data.
    case ays
}

/// Options of `genera sample pfgmpp`, beside those that all families share.
public struct PFGMPPSamplingOptions: ParsableArguments, Sendable {
    @Option(help: "What denoises: a trained checkpoint, or the closed form for points or Gaussians on a circle.")
    var model = PFGMPPModel.checkpoint

    @Option(
        name: .customLong("D"),
        help: ArgumentHelp(
            "Dimension of the augmentation, above 0 or 'inf' (default: the checkpoint's).", valueName: "D"))
    var D: AugmentationDimension?

    @Option(help: "How the differential equation is solved.")
    var solver = PFGMPPSolver.heun

    @Option(help: "Noise levels before the final 0. Heun asks the network 2n-1 times, the others n times.")
    var steps = 18

    @Option(help: "How noise levels are spaced.")
    var schedule = PFGMPPSchedule.rho

    @Option(help: "Lowest noise level above 0.")
    var sigmaMin = 0.002

    @Option(help: "Highest noise level.")
    var sigmaMax = 80.0

    @Option(help: "Exponent of the rho schedule.")
    var rho = 7.0

    @Option(name: .customLong("S-churn"), help: "Amount of noise added along the way (Heun only).")
    var sChurn = 0.0

    @Option(name: .customLong("S-min"), help: "Lowest noise level with added noise.")
    var sMin = 0.0

    @Option(
        name: .customLong("S-max"),
        help: ArgumentHelp("Highest noise level with added noise (default: no bound).", valueName: "S-max"))
    var sMax: Double?

    @Option(name: .customLong("S-noise"), help: "Standard deviation of added noise.")
    var sNoise = 1.0

    @Option(help: "How much noise the stochastic solvers put back, 0 to 1.")
    var eta = 1.0

    @Option(help: ArgumentHelp("Class of all samples (default: drawn from the seed).", valueName: "class"))
    var label: Int?

    @Option(
        help: "Strength of classifier-free guidance; 1 is none. The model must have been trained with --label-dropout.")
    var guidance = 1.0

    /// All defaults; filled by parsing.
    public init() {}

    /// Refuses values that make no sense, naming the option.
    public func validate() throws {
        func need(_ holds: Bool, _ text: String) throws { if !holds { throw ValidationError(text) } }
        if let D { try need(D.value > 0, "--D must be above 0, or 'inf', got \(D).") }
        try need((1...100_000).contains(steps), "--steps must be from 1 to 100000, got \(steps).")
        try need(sigmaMin > 0 && sigmaMin.isFinite, "--sigma-min must be above 0, got \(sigmaMin).")
        try need(
            sigmaMax.isFinite && sigmaMin < sigmaMax,
            "--sigma-min (\(sigmaMin)) must be below --sigma-max (\(sigmaMax)).")
        try need(rho > 0 && rho.isFinite, "--rho must be above 0, got \(rho).")
        try need(sChurn >= 0 && sChurn.isFinite, "--S-churn must not be negative, got \(sChurn).")
        try need(sNoise >= 0 && sNoise.isFinite, "--S-noise must not be negative, got \(sNoise).")
        try need((0...1).contains(eta), "--eta must be from 0 to 1, got \(eta).")
        try need(guidance.isFinite, "--guidance must be a finite number, got \(guidance).")
        try need(label ?? 0 >= 0, "--label must not be negative, got \(label ?? 0).")
        try need(
            sChurn == 0 || solver == .heun, "--S-churn works with --solver heun only, not with \(solver.rawValue).")
    }

    /// The noise levels with the final 0.
    func nodes(_ range: ClosedRange<Double>) -> [Double] {
        let low = max(sigmaMin, range.lowerBound)
        let high = min(sigmaMax, range.upperBound)
        let levels =
            switch schedule {
            case .rho: NoiseLevels.rho(steps, low: low, high: high, rho: rho)
            case .logLinear: NoiseLevels.logLinear(steps, low: low, high: high)
            case .cosine: NoiseLevels.cosine(steps, low: low, high: high)
            case .vp: NoiseLevels.variancePreserving(steps, low: low, high: high)
            case .ays: NoiseLevels.alignYourSteps(steps, low: low, high: high)
            }
        return levels + [0]
    }

    func makeSolver() -> any DenoisingSolver {
        switch solver {
        case .euler: Euler()
        case .heun: Heun(churn: Churn(amount: sChurn, minimum: sMin, maximum: sMax ?? .infinity, inflation: sNoise))
        case .dpmpp2m: DPMSolverPP(.secondOrder)
        case .dpmpp3m: DPMSolverPP(.thirdOrderPublished)
        case .dpmpp3mFull: DPMSolverPP(.thirdOrderConsistent)
        case .dpmpp2mSDE: DPMSolverPPSDE(eta: eta, inflation: sNoise)
        case .unipc1: UniPC(order: 1, variant: .bh2)
        case .unipc2: UniPC(order: 2, variant: .bh2)
        case .unipc3: UniPC(order: 3, variant: .bh2)
        case .eulerAncestral: AncestralEuler(eta: eta)
        }
    }

    func sampler(_ context: RunContext) throws -> any Sampler {
        switch model {
        case .checkpoint: try imageSampler(context)
        case .analyticPoints, .analyticGMM: try toySampler()
        }
    }

    private func imageSampler(_ context: RunContext) throws -> any Sampler {
        let checkpoint = try context.model(of: PFGMPP.self)
        let configuration = try NetworkConfiguration(json: checkpoint.configuration, file: checkpoint.path)
        if let label {
            guard configuration.labelDim > 0 else {
                throw GeneraError.usage("--label was given, but \(checkpoint.path) is a model without classes.")
            }
            guard label < configuration.labelDim else {
                throw GeneraError.usage(
                    "--label must be from 0 to \(configuration.labelDim - 1) for \(checkpoint.path), got \(label).")
            }
        }
        let narrow = context.precision == .bf16
        let scope = ParameterScope.loading(
            checkpoint.weights, dtype: narrow ? .bfloat16 : .float32, channelsLast: narrow, device: context.device)
        let network: NetworkDenoiser
        do {
            network = try NetworkDenoiser(configuration, in: scope, channelsLast: narrow)
            try scope.finish()
        } catch let error as KeyMismatch {
            throw GeneraError.badData(file: checkpoint.path, reason: "\(error)", advice: "")
        }
        let range = network.preconditioning.range
        guard sigmaMin < range.upperBound, sigmaMax > range.lowerBound else {
            throw GeneraError.usage(
                "The model works from sigma \(range.lowerBound) to \(range.upperBound); --sigma-min and --sigma-max lie outside."
            )
        }
        return PFGMPPSampler(
            network: network, kernel: StudentT(D: D?.value ?? configuration.D ?? .infinity), solver: makeSolver(),
            nodes: nodes(range), labels: label.map { .fixed($0) } ?? .random, guidance: guidance, device: context.device
        )
    }

    private func toySampler() throws -> any Sampler {
        let kernel = StudentT(D: D?.value ?? .infinity)
        let model: ToyModel = model == .analyticPoints ? .circleOfPoints(kernel) : .circleOfGaussians(kernel)
        return ToySampler(model: model, kernel: kernel, solver: makeSolver(), nodes: nodes(0...Double.infinity))
    }
}
