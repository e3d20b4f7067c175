import Genera

extension PFGMPP {
    /// A trained model, ready to draw.
    ///
    ///     let model = try PFGMPP.load("emoji32")
    ///     let pictures = try model.sample(16, seed: 7, .init(solver: .unipc(order: 2), levels: .rho(steps: 10)))
    public struct Model: Sendable {
        /// The preconditioned network.
        public let denoiser: NetworkDenoiser
        /// The file it was read from, for messages.
        public let file: String
        let device: Device

        /// The network's shape and what it was trained with.
        public var configuration: NetworkConfiguration { denoiser.configuration }
    }

    /// Loads a model: the family's own, one that the folders of models hold under a name, or a file, also one of the reference
    /// implementation's own.
    ///
    /// - Parameter bits: rounds the weights to so many bits, a robustness experiment.
    /// - Parameter inWholeNumbers: whether convolutions multiply whole numbers of 8 bits; for `Precision.bf16` on the processor.
    /// - Throws: `GeneraError` or `FormatError` for a model that cannot be found or read.
    public static func load(
        _ name: String? = nil, precision: Precision = .exact, bits: Int? = nil, inWholeNumbers: Bool = false,
        device: Device = .cpu
    ) throws -> Model {
        let run = RunContext(device: device, precision: precision)
        return try Model(run.model(of: PFGMPP.self, named: name), run, bits: bits, inWholeNumbers: inWholeNumbers)
    }

    /// Draws points by any denoiser of points, such as a closed form.
    ///
    /// - Throws: `SamplingError`, and what the denoiser throws.
    public static func points(
        _ count: Int, by denoiser: any Denoiser, seed: UInt64 = 0, _ sampling: Sampling = Sampling()
    ) throws -> [PointCloud] {
        let kernel = StudentT(D: sampling.D ?? .infinity)
        let path = try sampling.way.path(for: denoiser)
        let numbers = try sampling.numbers(of: denoiser, kernel, path, seed: seed)
        let sampler = PFGMPPSampler(denoiser: denoiser, kernel: kernel, path: path, numbers: numbers) {
            try PointCloud.rows(of: $0)
        }
        return try draw(sampler, count, seed)
    }

    private static func draw<S: Sampler>(_ sampler: S, _ count: Int, _ seed: UInt64) throws -> [S.Sample] {
        try SamplingDriver().run(sampler, SamplingRequest(indices: Array(0..<count), seed: seed)).samples
    }
}

extension PFGMPP.Model {
    /// Builds the network of a checkpoint.
    ///
    /// - Throws: `GeneraError.badData` for weights or a configuration that do not fit.
    init(_ checkpoint: ModelCheckpoint, _ run: RunContext, bits: Int? = nil, inWholeNumbers: Bool = false) throws {
        let configuration = try NetworkConfiguration(json: checkpoint.configuration, file: checkpoint.path)
        let weights = try checkpoint.tensors()
        let rounded = try bits.map { bits in
            try WeightQuantization(bits: bits)(weights.map { ($0.name, $0.tensor.to(.float32)) })
        }
        do {
            denoiser = try NetworkDenoiser(
                configuration, weights: rounded ?? weights, precision: run.precision,
                inWholeNumbers: inWholeNumbers, device: run.device)
        } catch let error as KeyMismatch {
            throw GeneraError.badData(file: checkpoint.path, reason: "\(error)", advice: "")
        }
        (file, device) = (checkpoint.path, run.device)
    }

    /// Draws pictures: sample i of a seed is the same whatever the count.
    ///
    /// - Throws: `SamplingError` for a way of sampling that does not go with the model.
    public func sample(_ count: Int, seed: UInt64 = 0, _ sampling: PFGMPP.Sampling = PFGMPP.Sampling()) throws
        -> [Image]
    {
        try draw(count, seed, sampling)
    }

    /// Draws points of a model of points.
    ///
    /// - Throws: `SamplingError` for a way of sampling that does not go with the model.
    public func points(_ count: Int, seed: UInt64 = 0, _ sampling: PFGMPP.Sampling = PFGMPP.Sampling()) throws
        -> [PointCloud]
    {
        try draw(count, seed, sampling)
    }

    private func draw<Sample>(_ count: Int, _ seed: UInt64, _ sampling: PFGMPP.Sampling) throws -> [Sample] {
        func run<S: Sampler>(_ sampler: S) throws -> [Sample] {
            guard S.Sample.self == Sample.self else {
                throw SamplingError.otherKind(isOfPoints: configuration.isOfPoints)
            }
            let request = SamplingRequest(indices: Array(0..<count), seed: seed)
            return try SamplingDriver().run(sampler, request).samples.compactMap { $0 as? Sample }
        }
        return try run(sampler(sampling, seed: seed))
    }

    /// The sampler, for drivers and evaluations. `seed` is needed for the reference's random numbers alone.
    ///
    /// - Throws: `SamplingError` for a way of sampling that does not go with the model.
    public func sampler(_ sampling: PFGMPP.Sampling = PFGMPP.Sampling(), seed: UInt64 = 0) throws -> any Sampler {
        let c = configuration
        if case let .fixed(label) = sampling.labels {
            guard c.labelDim > 0 else { throw SamplingError.noClasses }
            guard (0..<c.labelDim).contains(label) else { throw SamplingError.classOutside(label, count: c.labelDim) }
        }
        guard sampling.guidance == 1 || c.labelDropout > 0 && c.labelDim > 0 else {
            throw SamplingError.unguidable(hasClasses: c.labelDim > 0)
        }
        let kernel = StudentT(D: sampling.D ?? c.D ?? .infinity)
        let path = try sampling.way.path(for: denoiser)
        return denoiser.sampler(
            kernel, path, labels: sampling.labels, guidance: sampling.guidance,
            numbers: try sampling.numbers(of: denoiser, kernel, path, seed: seed), device: device)
    }
}

extension PFGMPP.Sampling {
    /// Where the numbers come from, for a model and a path that they go with.
    ///
    /// - Throws: `SamplingError.noReferenceNumbers`, `.noMotion`.
    func numbers(
        of denoiser: any Denoiser, _ kernel: StudentT, _ path: SamplingPath, seed: UInt64
    ) throws -> SampleNumbers {
        switch numbers {
        case .own: return .own
        case .motion:
            guard path.solver.clock(1) != nil else { throw SamplingError.noMotion }
            return .motion
        case .reference:
            guard denoiser.shape.count == 3 else { throw SamplingError.noReferenceNumbers }
            return .reference(
                first: seed, ReferenceReplay(shape: denoiser.shape, D: kernel.D, classes: denoiser.classCount))
        }
    }
}
