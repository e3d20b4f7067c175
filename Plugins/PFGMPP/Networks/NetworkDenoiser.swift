import Genera

/// A preconditioned network: what checkpoints hold and samplers ask.
public final class NetworkDenoiser: Sendable {
    /// The network's configuration.
    public let configuration: NetworkConfiguration
    let preconditioning: Preconditioning
    let network: any RawNetwork
    /// Every tensor under its key in files, `model.` and all.
    public let entries: [ParameterScope.Entry]
    /// The type that the network computes in.
    private let activations: DType
    private let channelsLast: Bool

    /// Builds the network of `configuration` from `scope`. Call the scope's `finish()` afterwards.
    ///
    /// - Throws: `ConfigurationError`, or what the scope throws.
    public init(_ configuration: NetworkConfiguration, in scope: ParameterScope, channelsLast: Bool = false) throws {
        try configuration.validate()
        self.configuration = configuration
        var preconditioning = Preconditioning(configuration)
        if case let .iddpm(levels) = preconditioning {
            preconditioning = .iddpm(
                levels: try scope.buffer("u", constant: Tensor(levels.map(Float.init))).array())
        }
        self.preconditioning = preconditioning
        let outputs = preconditioning.outputs(configuration.imgChannels)
        network = try configuration.network(outputs: outputs, in: scope["model"])
        entries = scope.entries
        activations = scope.activations
        self.channelsLast = channelsLast || scope.packs
    }

    /// Builds the network of `configuration` from its weights, to be asked and not trained.
    ///
    /// - Parameter inWholeNumbers: whether convolutions multiply whole numbers of 8 bits where its weights are packed for bfloat16.
    /// - Throws: `ConfigurationError`, or `KeyMismatch` for weights of another network.
    public convenience init(
        _ configuration: NetworkConfiguration, weights: [(name: String, tensor: Tensor)], precision: Precision,
        inWholeNumbers: Bool = false, device: Device = .cpu
    ) throws {
        let isNarrow = precision == .bf16
        let activations: DType = isNarrow ? .bfloat16 : .float32
        let packs =
            precision != .fast && device == .cpu && PackedConvolution.isAvailable(activations)
            && !configuration.isOfPoints
        let scope = ParameterScope.loading(
            weights, dtype: isNarrow && !packs ? .bfloat16 : .float32, channelsLast: isNarrow && !packs,
            packs: packs ? activations : nil, products: inWholeNumbers ? .int8 : nil, device: device)
        try self.init(configuration, in: scope, channelsLast: isNarrow)
        try scope.finish()
    }

    /// The raw network F with its noise condition `[N]` or `[1]`: `[N, C, H, W] -> [N, out, H, W]`.
    func raw(_ x: Tensor, _ condition: Condition, dropout: Dropout? = nil) -> Tensor {
        var condition = condition
        if configuration.labelDim > 0, condition.labels == nil {
            condition.labels = .zeros([1, configuration.labelDim], device: x.device)
        }
        var input = x.to(activations)
        if channelsLast { input = input.channelsLast() }
        return network(input, embedding: network.embedding(condition), dropout: dropout).to(.float32)
    }

    /// The raw network F with its noise condition `[N]` or `[1]`: `[N, C, H, W] -> [N, out, H, W]`, float32.
    public func raw(_ x: Tensor, noise: Tensor, labels: Tensor? = nil, augment: Tensor? = nil) -> Tensor {
        raw(x, Condition(noise: noise, labels: labels, augment: augment))
    }

    /// Lowest and highest noise level that the preconditioning takes.
    public var sigmaRange: ClosedRange<Double> { preconditioning.range }

    /// The denoiser at one noise level for the whole batch: `[N, C, H, W] -> [N, C, H, W]`, float32.
    public func callAsFunction(_ x: Tensor, sigma: Double, labels: Tensor? = nil, augment: Tensor? = nil) -> Tensor {
        let c = preconditioning.coefficients(sigma)
        let x = x.to(.float32)
        let condition = Condition(
            noise: Tensor([Float(c.noise)], device: x.device), labels: labels, augment: augment)
        return combined(x, raw(x * c.input, condition), skip: .number(c.skip), out: .number(c.out))
    }

    /// The denoiser with a noise level for each sample, as training needs it.
    func callAsFunction(
        _ x: Tensor, sigmas: [Double], labels: Tensor?, augment: Tensor? = nil, dropout: Dropout? = nil
    ) -> Tensor {
        let all = sigmas.map(preconditioning.coefficients)
        func column(_ value: (Preconditioning.Coefficients) -> Double) -> Tensor {
            Tensor(all.map { Float(value($0)) }, shape: [all.count, 1, 1, 1], device: x.device)
        }
        let x = x.to(.float32)
        let noise = Tensor(all.map { Float($0.noise) }, device: x.device)
        let condition = Condition(noise: noise, labels: labels, augment: augment)
        let F = raw(x * column(\.input), condition, dropout: dropout)
        return combined(x, F, skip: .column(column(\.skip)), out: .column(column(\.out)))
    }

    private enum Factor {
        case number(Double)
        case column(Tensor)

        func times(_ x: Tensor) -> Tensor {
            switch self {
            case let .number(value): x * value
            case let .column(tensor): x * tensor
            }
        }
    }

    private func combined(_ x: Tensor, _ F: Tensor, skip: Factor, out: Factor) -> Tensor {
        let channels = configuration.imgChannels
        let F = F.shape[1] == channels ? F : F.narrowed(axis: 1, 0..<channels)
        return skip.times(x) + out.times(F)
    }
}
