import ArgumentParser
import Genera

/// Options of `genera sample pfgmpp`, beside those that all families share. Those of the reference implementation have its names
/// too.
public struct PFGMPPSamplingOptions: ParsableArguments, Sendable {
    @Option(help: "What denoises: a trained checkpoint, or the closed form for points or Gaussians on a circle.")
    var model = PFGMPPModel.checkpoint

    @Option(
        name: [.customLong("D"), .customLong("aug_dim")],
        help: ArgumentHelp(
            "Dimension of the augmentation, above 0 or 'inf' (default: the checkpoint's).", valueName: "D"))
    var D: AugmentationDimension?

    @Flag(name: .customLong("override-D"), help: "Draw with another D than the checkpoint was trained with.")
    var overrideD = false

    @Option(help: "How the differential equation is solved.")
    var solver = PFGMPPSolver.heun

    @Option(help: ArgumentHelp("Which B(h) UniPC uses (default: bh2).", valueName: "bh1|bh2"))
    var unipcVariant: PFGMPPUniPCVariant?

    @Option(
        help: ArgumentHelp(
            "Noise levels before the final 0 (default: 18, or as many as are listed). Heun asks the network 2n-1 times, the others n times.",
            valueName: "n"))
    var steps: Int?

    @Option(
        help: ArgumentHelp(
            "Evaluations of the network for each sample, in place of --steps; odd for Heun's method, even for --guidance.",
            valueName: "n"))
    var nfe: Int?

    @Option(
        help: ArgumentHelp(
            "How noise levels are spaced: rho, loglinear, cosine, vp, ays, or a file of `genera optimise-schedule` (default: rho). With --disc or --scaling the sigma(t) of the generalised sampler: vp, ve or linear.",
            valueName: "rule|file"))
    var schedule: PFGMPPSchedule?

    @Option(
        help: ArgumentHelp(
            "The noise levels themselves, falling, with commas between them.", valueName: "list"))
    var sigmas: String?

    @Option(
        name: [.long, .customLong("sigma_min")],
        help: ArgumentHelp("Lowest noise level above 0 (default: 0.002).", valueName: "sigma"))
    var sigmaMin: Double?

    @Option(
        name: [.long, .customLong("sigma_max")],
        help: ArgumentHelp("Highest noise level (default: 80).", valueName: "sigma"))
    var sigmaMax: Double?

    @Option(help: ArgumentHelp("Exponent of the rho schedule (default: 7).", valueName: "rho"))
    var rho: Double?

    @Option(
        name: [.customLong("S-churn"), .customLong("S_churn")],
        help: "Amount of noise added along the way (Heun and the generalised sampler only).")
    var sChurn = 0.0

    @Option(name: [.customLong("S-min"), .customLong("S_min")], help: "Lowest noise level with added noise.")
    var sMin = 0.0

    @Option(
        name: [.customLong("S-max"), .customLong("S_max")],
        help: ArgumentHelp("Highest noise level with added noise (default: no bound).", valueName: "S-max"))
    var sMax: Double?

    @Option(name: [.customLong("S-noise"), .customLong("S_noise")], help: "Standard deviation of added noise.")
    var sNoise = 1.0

    @Option(help: "How much noise the stochastic solvers put back, 0 to 1.")
    var eta = 1.0

    @Flag(
        help:
            "What a stochastic solver adds along the way is one Brownian motion a sample, so that more steps refine the same sample."
    )
    var brownian = false

    @Option(
        help: ArgumentHelp(
            "The generalised sampler of EDM: its discretisation, vp, ve, iddpm or edm.", valueName: "name"))
    var disc: PFGMPPDiscretization?

    @Option(help: ArgumentHelp("The generalised sampler of EDM: its scaling s(t), vp or none.", valueName: "name"))
    var scaling: PFGMPPScaling?

    @Option(
        help: ArgumentHelp(
            "The generalised sampler of EDM: where its second evaluation is; 1 is Heun's method, 0.5 the midpoint.",
            valueName: "alpha"))
    var rkAlpha: Double?

    @Option(
        name: [.customLong("epsilon-s"), .customLong("epsilon_s")],
        help: ArgumentHelp(
            "The generalised sampler of EDM: the time of its lowest vp level (default: 0.001).", valueName: "t"))
    var epsilonS: Double?

    @Option(
        name: [.customLong("C-1"), .customLong("C_1")],
        help: ArgumentHelp("The generalised sampler of EDM: C_1 of --disc iddpm (default: 0.001).", valueName: "C"))
    var c1: Double?

    @Option(
        name: [.customLong("C-2"), .customLong("C_2")],
        help: ArgumentHelp("The generalised sampler of EDM: C_2 of --disc iddpm (default: 0.008).", valueName: "C"))
    var c2: Double?

    @Option(
        name: .customLong("M"),
        help: ArgumentHelp(
            "The generalised sampler of EDM: how many levels --disc iddpm chooses from (default: 1000).", valueName: "n"
        ))
    var iddpmLevels: Int?

    @Option(
        help: ArgumentHelp(
            "Robustness experiment: noise of so many noise levels is added before every step.", valueName: "alpha"))
    var alpha: Double?

    @Option(help: ArgumentHelp("Robustness experiment: round the weights to so many bits.", valueName: "bits"))
    var bits: Int?

    @Flag(help: "Experiment: convolutions multiply whole numbers of 8 bits. Needs --precision bf16.")
    var int8 = false

    @Option(
        name: [.customLong("label"), .customLong("class")],
        help: ArgumentHelp("Class of all samples (default: drawn from the seed).", valueName: "class"))
    var label: Int?

    @Option(
        help: "Strength of classifier-free guidance; 1 is none. The model must have been trained with --label-dropout.")
    var guidance = 1.0

    @Flag(
        help:
            "Sample i starts from the very numbers that the reference implementation draws on the CPU for its seed --seed + i."
    )
    var seedCompat = false

    /// All defaults; filled by parsing.
    public init() {}

    /// Whether the generalised sampler is asked for.
    var isAblation: Bool {
        disc != nil || scaling != nil || rkAlpha != nil || schedule?.rule == .ve || schedule?.rule == .linear
    }

    /// The levels that are listed, if any are.
    func listedLevels() throws -> [Double]? {
        guard let sigmas else { return schedule?.levels }
        do { return try ScheduleFile.levels(sigmas) } catch { throw ValidationError("--sigmas \(sigmas): \(error).") }
    }

    /// Refuses values that make no sense, naming the option.
    public func validate() throws {
        func need(_ holds: Bool, _ text: String) throws { if !holds { throw ValidationError(text) } }
        if let D { try need(D.value > 0, "--D must be above 0, or 'inf', got \(D).") }
        try need((1...100_000).contains(steps ?? 1), "--steps must be from 1 to 100000, got \(steps ?? 0).")
        try need(steps == nil || nfe == nil, "--steps and --nfe exclude each other.")
        try need(
            nfe.map { Self.steps(evaluations: $0, solver, isGuided: guidance != 1) != nil } ?? true,
            "--nfe \(nfe ?? 0) is not what --solver \(solver.rawValue) can do: it takes \(evaluationRule).")
        let (low, high) = (sigmaMin ?? 0.002, sigmaMax ?? 80)
        try need(low > 0 && low.isFinite, "--sigma-min must be above 0, got \(low).")
        try need(high.isFinite && low < high, "--sigma-min (\(low)) must be below --sigma-max (\(high)).")
        try need(rho ?? 7 > 0 && (rho ?? 7).isFinite, "--rho must be above 0, got \(rho ?? 7).")
        try need(sChurn >= 0 && sChurn.isFinite, "--S-churn must not be negative, got \(sChurn).")
        try need(sNoise >= 0 && sNoise.isFinite, "--S-noise must not be negative, got \(sNoise).")
        try need((0...1).contains(eta), "--eta must be from 0 to 1, got \(eta).")
        try need(guidance.isFinite, "--guidance must be a finite number, got \(guidance).")
        try need(label ?? 0 >= 0, "--label must not be negative, got \(label ?? 0).")
        try need(
            alpha ?? 0 >= 0 && (alpha ?? 0).isFinite, "--alpha must not be negative, got \(alpha ?? 0).")
        try need((1...24).contains(bits ?? 8), "--bits must be from 1 to 24, got \(bits ?? 0).")
        try need(
            rkAlpha ?? 1 > 0 && rkAlpha ?? 1 <= 1, "--rk-alpha must be above 0 and at most 1, got \(rkAlpha ?? 0).")
        if case let .refused(reason)? = schedule?.content { throw ValidationError("--schedule: \(reason).") }
        try checkLevels(need)
        try checkSolver(need)
        try checkModel(need)
    }

    /// How many noise levels above 0 were asked for, if so: by themselves, or by the evaluations that they cost.
    var levelCount: Int? {
        steps ?? nfe.flatMap { Self.steps(evaluations: $0, solver, isGuided: guidance != 1) }
    }

    /// The steps that cost so many evaluations, nil if no number of steps does.
    private static func steps(evaluations: Int, _ solver: PFGMPPSolver, isGuided: Bool) -> Int? {
        guard (1...100_000).contains(evaluations), !isGuided || evaluations.isMultiple(of: 2) else { return nil }
        let asked = isGuided ? evaluations / 2 : evaluations
        guard solver == .heun else { return asked }
        return asked.isMultiple(of: 2) ? nil : (asked + 1) / 2
    }

    private var evaluationRule: String {
        let (ours, theirs) =
            solver == .heun ? ("an odd number", "twice an odd number") : ("1 or more", "an even number")
        return guidance == 1 ? ours : "\(theirs), with --guidance"
    }

    private func checkLevels(_ need: (Bool, String) throws -> Void) throws {
        try need(sigmas == nil || schedule == nil, "--sigmas and --schedule exclude each other.")
        guard try listedLevels() != nil else { return }
        let option = sigmas == nil ? "--schedule with a file" : "--sigmas"
        try need(
            sigmaMin == nil && sigmaMax == nil && rho == nil,
            "\(option) lists the noise levels: leave out --sigma-min, --sigma-max and --rho.")
    }

    private func checkSolver(_ need: (Bool, String) throws -> Void) throws {
        try need(
            sChurn == 0 || solver == .heun || isAblation,
            "--S-churn works with --solver heun only, not with \(solver.rawValue).")
        try need(
            unipcVariant == nil || solver.isUniPC,
            "--unipc-variant works with --solver unipc-1, unipc-2 and unipc-3, not with \(solver.rawValue).")
        try need(
            alpha ?? 0 == 0 || !solver.isUniPC,
            "--alpha does not go with --solver \(solver.rawValue), which keeps the guess of the step before.")
        try checkAblationConstants(need)
        guard isAblation else { return }
        let cause = disc != nil ? "--disc" : scaling != nil ? "--scaling" : rkAlpha != nil ? "--rk-alpha" : "--schedule"
        try need(
            solver == .euler || solver == .heun,
            "\(cause) is of the generalised sampler, which takes --solver euler or heun, not \(solver.rawValue).")
        try need(
            try listedLevels() == nil, "\(cause) is of the generalised sampler, which takes no list of noise levels.")
        let rule = schedule?.rule ?? .linear
        try need(
            [.vp, .ve, .linear].contains(rule),
            "\(cause) is of the generalised sampler, whose --schedule is vp, ve or linear, not \(rule.rawValue).")
        try need(alpha ?? 0 == 0, "--alpha does not go with the generalised sampler (\(cause)).")
    }

    private func checkAblationConstants(_ need: (Bool, String) throws -> Void) throws {
        let constants = [("--C-1", c1 != nil), ("--C-2", c2 != nil), ("--M", iddpmLevels != nil)].filter(\.1).map(\.0)
        try need(
            constants.isEmpty || disc == .iddpm,
            "\(constants.first ?? "") is a constant of --disc iddpm, which is not given.")
        try need(
            epsilonS == nil || disc == .vp || (isAblation && schedule?.rule == .vp),
            "--epsilon-s is a constant of --disc vp and of the generalised sampler's --schedule vp, which are not given."
        )
        func isPart(_ x: Double?) -> Bool { x.map { $0 > 0 && $0 < 1 } ?? true }
        try need(isPart(epsilonS), "--epsilon-s must be above 0 and below 1, got \(epsilonS ?? 0).")
        try need(isPart(c1), "--C-1 must be above 0 and below 1, got \(c1 ?? 0).")
        try need(c2 ?? 0 >= 0 && (c2 ?? 0).isFinite, "--C-2 must not be negative, got \(c2 ?? 0).")
        try need((1...1_000_000).contains(iddpmLevels ?? 1), "--M must be from 1 to 1000000, got \(iddpmLevels ?? 0).")
    }

    private func checkModel(_ need: (Bool, String) throws -> Void) throws {
        if seedCompat {
            try need(
                solver != .eulerAncestral && solver != .dpmpp2mSDE,
                "--seed-compat does not go with --solver \(solver.rawValue), which the reference does not have.")
            try need(
                alpha ?? 0 == 0,
                "--seed-compat does not go with --alpha: the reference's noise there does not depend on the seed.")
        }
        guard model != .checkpoint else { return }
        let given = [
            ("--label", label != nil), ("--guidance", guidance != 1), ("--bits", bits != nil), ("--int8", int8),
            ("--seed-compat", seedCompat), ("--override-D", overrideD),
        ].first { $0.1 }
        try need(given == nil, "\(given?.0 ?? "") does not go with --model \(model.rawValue), which has no network.")
    }
}
