import Genera

extension PFGMPPSamplingOptions {
    /// The sampler that the options describe.
    func sampler(_ context: RunContext) throws -> any Sampler {
        guard model != .checkpoint else { return try networkSampler(context) }
        let kernel = StudentT(D: D?.value ?? .infinity)
        let model: ToyModel = model == .analyticPoints ? .circleOfPoints(kernel) : .circleOfGaussians(kernel)
        return PointSampler(model: model, kernel: kernel, path: try path(within: 0...Double.infinity))
    }

    private func networkSampler(_ context: RunContext) throws -> any Sampler {
        let checkpoint = try context.model(of: PFGMPP.self)
        let file = checkpoint.path
        let configuration = try NetworkConfiguration(json: checkpoint.configuration, file: file)
        try check(configuration, file: file)
        let network = try network(configuration, checkpoint.tensors(), file: file, context)
        let kernel = StudentT(D: D?.value ?? configuration.D ?? .infinity)
        let sampler = makeSampler(
            of: network, kernel: kernel, path: try path(within: network.preconditioning.range),
            labels: label.map { .fixed($0) } ?? .random, device: context.device)
        guard var images = sampler as? PFGMPPSampler else { return sampler }
        images.guidance = guidance
        if seedCompat {
            let c = configuration
            let draws = ReferenceReplay(
                shape: [c.imgChannels, c.imgResolution, c.imgResolution], D: kernel.D, classes: c.labelDim)
            images.replay = (context.seed, draws)
        }
        return images
    }

    /// Refuses options that do not go with the model.
    private func check(_ configuration: NetworkConfiguration, file: String) throws {
        func need(_ holds: Bool, _ text: String) throws { if !holds { throw GeneraError.usage(text) } }
        if let label {
            try need(configuration.labelDim > 0, "--label was given, but \(file) is a model without classes.")
            try need(
                label < configuration.labelDim,
                "--label must be from 0 to \(configuration.labelDim - 1) for \(file), got \(label).")
        }
        if let D, let trained = configuration.D, !overrideD {
            try need(
                D.value == trained,
                "\(file) was trained with D = \(AugmentationDimension(trained)), not \(D). Leave out --D, or add --override-D."
            )
        }
        try need(
            guidance == 1 || configuration.labelDim > 0,
            "--guidance was given, but \(file) is a model without classes.")
        try need(
            guidance == 1 || configuration.labelDropout > 0,
            "\(file) was trained without --label-dropout, so that it has not learned to draw without a class, which --guidance needs."
        )
        guard configuration.isOfPoints else { return }
        try need(!seedCompat, "--seed-compat does not go with \(file), a model of points.")
    }

    private func network(
        _ configuration: NetworkConfiguration, _ weights: [(name: String, tensor: Tensor)], file: String,
        _ context: RunContext
    ) throws -> NetworkDenoiser {
        let rounded = try bits.map { bits in
            try WeightQuantization(bits: bits)(weights.map { ($0.name, $0.tensor.to(.float32)) })
        }
        if int8 { try checkInt8(configuration, context) }
        do {
            return try NetworkDenoiser(
                configuration, weights: rounded ?? weights, precision: context.precision, inWholeNumbers: int8,
                device: context.device)
        } catch let error as KeyMismatch {
            throw GeneraError.badData(file: file, reason: "\(error)", advice: "")
        }
    }

    private func checkInt8(_ configuration: NetworkConfiguration, _ context: RunContext) throws {
        guard context.precision == .bf16, context.device == .cpu, !configuration.isOfPoints else {
            throw GeneraError.usage("--int8 is for models of images with --precision bf16 and --device cpu.")
        }
        guard PackedConvolution.isAvailable(.int8) else {
            throw GeneraError.unavailable(
                "--int8 needs a processor with AVX-512's products of bytes and bfloat16, without matrix registers.")
        }
    }

    /// The way from noise to data within the levels that a model takes.
    func path(within range: ClosedRange<Double>) throws -> SamplingPath {
        if isAblation { return .ablation(try ablation(range)) }
        if let listed = try listedLevels() {
            let levels = levelCount.map { NoiseLevels.interpolated(listed, count: $0) } ?? listed
            guard let high = levels.first, let low = levels.last, range.lowerBound <= low, high <= range.upperBound
            else {
                throw GeneraError.usage(
                    "The model works from sigma \(range.lowerBound) to \(range.upperBound); the levels listed lie outside."
                )
            }
            return .levels(makeSolver(), levels + [0])
        }
        let low = max(sigmaMin ?? 0.002, range.lowerBound)
        let high = min(sigmaMax ?? 80, range.upperBound)
        guard low < high else {
            throw GeneraError.usage(
                "The model works from sigma \(range.lowerBound) to \(range.upperBound); --sigma-min and --sigma-max lie outside."
            )
        }
        return .levels(makeSolver(), levels(levelCount ?? 18, low: low, high: high) + [0])
    }

    private func levels(_ count: Int, low: Double, high: Double) -> [Double] {
        switch schedule?.rule ?? .rho {
        case .logLinear: NoiseLevels.logLinear(count, low: low, high: high)
        case .cosine: NoiseLevels.cosine(count, low: low, high: high)
        case .vp: NoiseLevels.variancePreserving(count, low: low, high: high)
        case .ays: NoiseLevels.alignYourSteps(count, low: low, high: high)
        case .rho, .ve, .linear: NoiseLevels.rho(count, low: low, high: high, rho: rho ?? 7)
        }
    }

    private func ablation(_ range: ClosedRange<Double>) throws -> AblationSampler {
        let sigma: AblationSampler.Schedule =
            switch schedule?.rule {
            case .vp: .vp
            case .ve: .ve
            default: .linear
            }
        return try AblationSampler(
            steps: levelCount ?? 18, solver: solver == .euler ? .euler : .heun, discretization: disc ?? .edm,
            schedule: sigma, scaling: scaling ?? .none, alpha: rkAlpha ?? 1, churn: churn, low: sigmaMin,
            high: sigmaMax, limits: range, rho: rho ?? 7, constants: ablationConstants)
    }

    private var churn: Churn {
        Churn(amount: sChurn, minimum: sMin, maximum: sMax ?? .infinity, inflation: sNoise)
    }

    private func makeSolver() -> any DenoisingSolver {
        func disturbed<Solver: DenoisingSolver>(_ solver: Solver) -> any DenoisingSolver {
            guard let alpha, alpha > 0 else { return solver }
            return AlphaNoise(solver, alpha: alpha)
        }
        return disturbed(plainSolver)
    }

    private var plainSolver: any DenoisingSolver {
        let variant: UniPC.Variant = unipcVariant == .bh1 ? .bh1 : .bh2
        return switch solver {
        case .euler: Euler()
        case .heun: Heun(churn: churn)
        case .dpmpp2m: DPMSolverPP(.secondOrder)
        case .dpmpp3m: DPMSolverPP(.thirdOrderPublished)
        case .dpmpp3mFull: DPMSolverPP(.thirdOrderConsistent)
        case .dpmpp2mSDE: DPMSolverPPSDE(eta: eta, inflation: sNoise)
        case .unipc1: UniPC(order: 1, variant: variant)
        case .unipc2: UniPC(order: 2, variant: variant)
        case .unipc3: UniPC(order: 3, variant: variant)
        case .eulerAncestral: AncestralEuler(eta: eta)
        }
    }
}
