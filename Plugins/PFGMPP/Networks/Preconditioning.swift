import Foundation
import Genera

/// How a network's raw output becomes a denoiser: D(x; sigma) = c_skip x + c_out F(c_in x; c_noise) (Karras et al., 2022, table 1).
struct Preconditioning: Sendable {
    /// The coefficients at one noise level.
    struct Coefficients {
        var skip, out, input, noise: Double
    }

    /// Which of the wrappers.
    let wrapper: String
    let sigmaData: Double
    /// Noise levels of iDDPM, `u[0...1000]`; empty for the other wrappers. A checkpoint has its own, which the network's
    /// noise condition counts.
    var levels: [Double]

    init(_ configuration: NetworkConfiguration) {
        wrapper = configuration.wrapper
        sigmaData = configuration.sigmaData
        levels = wrapper == "iDDPMPrecond" ? Self.iddpmLevels() : []
    }

    /// Lowest and highest noise level that the wrapper accepts.
    var range: ClosedRange<Double> {
        switch wrapper {
        case "VPPrecond": Self.vpSigma(1e-5)...Self.vpSigma(1)
        case "VEPrecond": 0.02...100
        case "iDDPMPrecond": Self.iddpmRange
        default: 0...Double.infinity
        }
    }

    /// Channels that the network puts out for `channels` image channels.
    func outputs(_ channels: Int) -> Int { wrapper == "iDDPMPrecond" ? channels * 2 : channels }

    /// The coefficients at `sigma`, in double precision from the level rounded to float32, as the reference rounds it.
    func coefficients(_ level: Double) -> Coefficients {
        let s = Double(Float(level))
        switch wrapper {
        case "VPPrecond":
            return Coefficients(
                skip: 1, out: -s, input: 1 / (s * s + 1).squareRoot(), noise: Self.vpNoise(Float(level)))
        case "ToyPrecond":
            // The notebook multiplies its skip path by c_in too.
            let d = sigmaData
            let norm = (s * s + d * d).squareRoot()
            return Coefficients(
                skip: d * d / (s * s + d * d) / norm, out: s * d / norm, input: 1 / norm, noise: log(s) / 4)
        case "VEPrecond":
            return Coefficients(skip: 1, out: s, input: 1, noise: log(0.5 * s))
        case "iDDPMPrecond":
            let nearest = levels.indices.min { abs(levels[$0] - s) < abs(levels[$1] - s) } ?? 0
            return Coefficients(skip: 1, out: -s, input: 1 / (s * s + 1).squareRoot(), noise: Double(999 - nearest))
        default:
            let d = sigmaData
            let norm = (s * s + d * d).squareRoot()
            return Coefficients(skip: d * d / (s * s + d * d), out: s * d / norm, input: 1 / norm, noise: log(s) / 4)
        }
    }

    /// sqrt(exp(beta_d t²/2 + beta_min t) - 1), in float32 as in the reference (which loses digits at small t).
    static func vpSigma(_ t: Float) -> Double { Double((exp(0.5 * 19.9 * (t * t) + 0.1 * t) - 1).squareRoot()) }

    /// 999 times the time of a noise level, in float32 as in the reference: the network sees the rounding.
    private static func vpNoise(_ s: Float) -> Double {
        let root = (Float(0.1 * 0.1) + Float(2 * 19.9) * log(1 + s * s)).squareRoot()
        return Double(999 * ((root - 0.1) / 19.9))
    }

    private static let iddpmRange: ClosedRange<Double> = {
        let u = iddpmLevels()
        return u[999]...u[0]
    }()

    /// u[M] = 0, u[j-1] = sqrt((u[j]² + 1) / max(abar(j-1)/abar(j), 0.001) - 1) with M = 1000.
    static func iddpmLevels() -> [Double] {
        func abar(_ j: Int) -> Double {
            let s = sin(0.5 * Double.pi * Double(j) / 1000 / 1.008)
            return s * s
        }
        var u = [Double](repeating: 0, count: 1001)
        for j in stride(from: 1000, to: 0, by: -1) {
            u[j - 1] = ((u[j] * u[j] + 1) / max(abar(j - 1) / abar(j), 0.001) - 1).squareRoot()
        }
        return u
    }
}

/// A preconditioned network: what checkpoints hold and samplers ask.
public final class NetworkDenoiser: Sendable {
    /// The network's configuration.
    public let configuration: NetworkConfiguration
    let preconditioning: Preconditioning
    let network: any UNet
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
        if !preconditioning.levels.isEmpty {
            preconditioning.levels = try scope.buffer("u", constant: Tensor(preconditioning.levels.map(Float.init)))
                .array()
        }
        self.preconditioning = preconditioning
        let outputs = preconditioning.outputs(configuration.imgChannels)
        network = try makeUNet(configuration, outputs: outputs, in: scope["model"])
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
