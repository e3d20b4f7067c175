import Genera

// The one place where the words of `genera sample pfgmpp` become values, and where a value that does not go with the model becomes a
// sentence about a word.
extension PFGMPPSamplingOptions {
    /// The sampler that the words describe.
    func sampler(_ run: RunContext) throws -> any Sampler {
        guard let law = model.law else { return try networkSampler(run) }
        let kernel = StudentT(D: D?.value ?? .infinity)
        return try saying(file: model.rawValue) {
            let (denoiser, path) = (law.denoiser(kernel), try way.path(for: law.denoiser(kernel)))
            let numbers = try sampling.numbers(of: denoiser, kernel, path, seed: run.seed)
            return PFGMPPSampler(denoiser: denoiser, kernel: kernel, path: path, numbers: numbers, law: law.draw) {
                try PointCloud.rows(of: $0)
            }
        }
    }

    private func networkSampler(_ run: RunContext) throws -> any Sampler {
        let checkpoint = try run.model(of: PFGMPP.self)
        let configuration = try NetworkConfiguration(json: checkpoint.configuration, file: checkpoint.path)
        try check(configuration, file: checkpoint.path, run)
        let model = try PFGMPP.Model(checkpoint, run, bits: bits, inWholeNumbers: int8)
        return try saying(file: checkpoint.path) { try model.sampler(sampling, seed: run.seed) }
    }

    /// How samples are to be drawn.
    var sampling: PFGMPP.Sampling {
        PFGMPP.Sampling(
            way, labels: label.map { .fixed($0) } ?? .random, guidance: guidance, D: D?.value,
            numbers: seedCompat ? .reference : brownian ? .motion : .own)
    }

    /// The way from noise to data.
    var way: PFGMPP.Way { isAblation ? .generalized(generalized) : .solver(chosenSolver, chosenLevels) }

    private var chosenLevels: PFGMPP.Levels {
        if let listed = try? listedLevels() { return .listed(listed, steps: levelCount) }
        let bounds = PFGMPP.Bounds(low: sigmaMin ?? 0.002, high: sigmaMax ?? 80)
        let steps = levelCount ?? 18
        return switch schedule?.rule ?? .rho {
        case .logLinear: .logLinear(steps: steps, bounds: bounds)
        case .cosine: .cosine(steps: steps, bounds: bounds)
        case .vp: .variancePreserving(steps: steps, bounds: bounds)
        case .ays: .alignYourSteps(steps: steps, bounds: bounds)
        case .rho, .ve, .linear: .rho(steps: steps, rho: rho ?? 7, bounds: bounds)
        }
    }

    private var chosenSolver: PFGMPP.Solver {
        guard let alpha, alpha > 0 else { return plainSolver }
        return .disturbed(plainSolver, alpha: alpha)
    }

    private var plainSolver: PFGMPP.Solver {
        let variant: UniPC.Variant = unipcVariant == .bh1 ? .bh1 : .bh2
        return switch solver {
        case .euler: .euler
        case .heun: .heun(churn: churn)
        case .dpmpp2m: .dpmpp2m
        case .dpmpp3m: .dpmpp3m
        case .dpmpp3mFull: .dpmpp3mFull
        case .dpmpp2mSDE: .dpmpp2mSDE(eta: eta, inflation: sNoise)
        case .unipc1: .unipc(order: 1, variant: variant)
        case .unipc2: .unipc(order: 2, variant: variant)
        case .unipc3: .unipc(order: 3, variant: variant)
        case .eulerAncestral: .eulerAncestral(eta: eta)
        }
    }

    private var churn: Churn {
        Churn(amount: sChurn, minimum: sMin, maximum: sMax ?? .infinity, inflation: sNoise)
    }

    private var generalized: PFGMPP.Generalized {
        var choices = PFGMPP.Generalized()
        choices.method = solver == .euler ? .euler : .secondOrder(alpha: rkAlpha ?? 1)
        choices.discretization =
            switch disc ?? .edm {
            case .vp: .vp(epsilon: epsilonS ?? 1e-3)
            case .ve: .ve
            case .iddpm: .iddpm(c1: c1 ?? 0.001, c2: c2 ?? 0.008, count: iddpmLevels ?? 1000)
            case .edm: .edm(rho: rho ?? 7)
            }
        choices.schedule =
            switch schedule?.rule {
            case .vp: .vp(epsilon: epsilonS ?? 1e-3)
            case .ve: .ve
            default: .linear
            }
        (choices.scaling, choices.churn, choices.steps) = (scaling == .vp ? .vp : .none, churn, levelCount ?? 18)
        (choices.low, choices.high) = (sigmaMin, sigmaMax)
        return choices
    }
}

extension PFGMPPSamplingOptions {
    /// Refuses words that do not go with the model or the machine, before the network is built.
    private func check(_ configuration: NetworkConfiguration, file: String, _ run: RunContext) throws {
        if let D, let trained = configuration.D, !overrideD, D.value != trained {
            throw GeneraError.usage(
                "\(file) was trained with D = \(AugmentationDimension(trained)), not \(D). Leave out --D, or add --override-D."
            )
        }
        guard int8 else { return }
        guard run.precision == .bf16, run.device == .cpu, !configuration.isOfPoints else {
            throw GeneraError.usage("--int8 is for models of images with --precision bf16 and --device cpu.")
        }
        guard PackedConvolution.isAvailable(.int8) else {
            throw GeneraError.unavailable(
                "--int8 needs a processor with AVX-512's products of bytes and bfloat16, without matrix registers.")
        }
    }

    /// Runs `body`; what it says of values is said of the words that they come from.
    private func saying<Result>(file: String, _ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch let error as SamplingError {
            throw GeneraError.usage(sentence(error, file: file))
        }
    }

    private func sentence(_ error: SamplingError, file: String) -> String {
        switch error {
        case .noClasses: return "--label was given, but \(file) is a model without classes."
        case let .classOutside(label, count):
            return "--label must be from 0 to \(count - 1) for \(file), got \(label)."
        case .unguidable(hasClasses: false): return "--guidance was given, but \(file) is a model without classes."
        case .unguidable(hasClasses: true):
            return
                "\(file) was trained without --label-dropout, so that it has not learned to draw without a class, which --guidance needs."
        case let .levelsOutside(range, listed):
            let what = listed ? "the levels listed" : "--sigma-min and --sigma-max"
            return "The model works from sigma \(range.lowerBound) to \(range.upperBound); \(what) lie outside."
        case let .impossible(.noLevel(low, high)):
            return "The \((disc ?? .edm).rawValue) discretisation has no noise level from \(low) to \(high)."
        case let .impossible(.noTimes(low, high)):
            let rule = [.vp, .ve].contains(schedule?.rule) ? schedule?.rule : .linear
            return
                "No \((disc ?? .edm).rawValue) discretisation with the \((rule ?? .linear).rawValue) schedule goes from sigma "
                + "\(high) to \(low): give another --sigma-min or --sigma-max."
        case .noReferenceNumbers: return "--seed-compat does not go with \(file), a model of points."
        case .noMotion:
            return
                "--brownian works with --solver dpmpp-2m-sde, and with euler-a at --eta 1, not with \(solver.rawValue)\(solver == .eulerAncestral ? " at --eta \(eta)" : "")."
        case .otherKind, .levelsDoNotFall: return error.description
        }
    }
}
