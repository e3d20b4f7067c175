import Genera

/// The U-Net of Song et al. (2021) in its DDPM++ and NCSN++ forms: `[N, C, H, W]`, a noise condition `[N]` or `[1]`, and labels
/// `[N, labels]` give `[N, out, H, W]`.
final class SongUNet: UNet {
    private enum Module {
        case plain(ResamplingConv2d)
        case block(UNetBlock)
        case auxiliaryDown(ResamplingConv2d)
        case auxiliarySkip(ResamplingConv2d)
        case auxiliaryResidual(ResamplingConv2d)
        case auxiliaryUp(ResamplingConv2d)
        case auxiliaryOutput(GroupNorm, ResamplingConv2d)
    }

    private let configuration: NetworkConfiguration
    private let positional: PositionalEmbedding?
    private let fourier: FourierEmbedding?
    private let mapLabel: Linear?
    private let mapAugment: Linear?
    private let mapLayer0: Linear
    private let mapLayer1: Linear
    private let encoder: [Module]
    private let decoder: [Module]

    init(_ c: NetworkConfiguration, outputs: Int, in scope: ParameterScope) throws {
        configuration = c
        let noiseWidth = c.modelChannels * c.channelMultNoise
        let embeddingWidth = c.modelChannels * c.channelMultEmb
        if c.embeddingType == "fourier" {
            fourier = try FourierEmbedding(noiseWidth, in: scope["map_noise"])
            positional = nil
        } else {
            fourier = nil
            positional = PositionalEmbedding(noiseWidth, endpoint: true)
        }
        func dense(_ a: Int, _ b: Int, bias: Bool = true, _ name: String) throws -> Linear {
            try Linear(
                a, b, bias: bias, weightInit: .xavierUniform(fanIn: a, fanOut: b), biasInit: .zeros, in: scope[name])
        }
        mapLabel = c.labelDim > 0 ? try dense(c.labelDim, noiseWidth, "map_label") : nil
        mapAugment = c.augmentDim > 0 ? try dense(c.augmentDim, noiseWidth, bias: false, "map_augment") : nil
        mapLayer0 = try dense(noiseWidth, embeddingWidth, "map_layer0")
        mapLayer1 = try dense(embeddingWidth, embeddingWidth, "map_layer1")
        let style = UNetBlock.Style(
            embeddingWidth: embeddingWidth, heads: 1, dropout: c.dropout, skipScale: 0.5.squareRoot(), epsilon: 1e-6,
            filter: c.resampleFilter, projectsResampledSkip: true, isAdaptive: false, initializers: Self.initializers)
        var builder = Builder(c, outputs: outputs, style: style, scope: scope)
        encoder = try builder.encoder()
        decoder = try builder.decoder()
    }

    private static let initializers = UNetBlock.Initializers(
        weight: { .xavierUniform(fanIn: $0, fanOut: $1) },
        last: { .xavierUniform(fanIn: $0, fanOut: $1, gain: 1e-5) },
        attention: { .xavierUniform(fanIn: $0, fanOut: $1, gain: 0.2.squareRoot()) })

    /// Builds the two halves and keeps the bookkeeping of channels between them.
    private struct Builder {
        let c: NetworkConfiguration
        let outputs: Int
        let style: UNetBlock.Style
        let scope: ParameterScope
        var width: Int
        var skips: [Int] = []

        init(_ c: NetworkConfiguration, outputs: Int, style: UNetBlock.Style, scope: ParameterScope) {
            (self.c, self.outputs, self.style, self.scope, width) = (c, outputs, style, scope, c.imgChannels)
        }

        func name(_ half: String, _ level: Int, _ part: String) -> ParameterScope {
            let resolution = c.imgResolution >> level
            return scope[half]["\(resolution)x\(resolution)_\(part)"]
        }

        func conv(
            _ a: Int, _ b: Int, kernel k: Int, up: Bool = false, down: Bool = false, fused: Bool = false,
            gain: Double = 1,
            in scope: ParameterScope
        ) throws -> ResamplingConv2d {
            try ResamplingConv2d(
                a, b, kernel: k, .init(up: up, down: down, filter: c.resampleFilter, fused: fused),
                weightInit: .xavierUniform(fanIn: max(1, a * k * k), fanOut: max(1, b * k * k), gain: gain), in: scope)
        }

        mutating func block(
            _ outputs: Int, from inputs: Int? = nil, up: Bool = false, down: Bool = false,
            attention: Bool = false, in scope: ParameterScope
        ) throws -> Module {
            defer { width = outputs }
            return .block(
                try UNetBlock(
                    .init(inputs: inputs ?? width, outputs: outputs, up: up, down: down, attention: attention),
                    style: style,
                    in: scope))
        }

        mutating func encoder() throws -> [Module] {
            var modules: [Module] = []
            var auxiliary = c.imgChannels
            for (level, multiplier) in c.channelMult.enumerated() {
                if level == 0 {
                    modules.append(
                        .plain(try conv(width, c.modelChannels, kernel: 3, in: name("enc", level, "conv"))))
                    width = c.modelChannels
                } else {
                    modules.append(try block(width, down: true, in: name("enc", level, "down")))
                    if c.encoderType == "skip" {
                        modules.append(
                            .auxiliaryDown(
                                try conv(
                                    auxiliary, auxiliary, kernel: 0, down: true, in: name("enc", level, "aux_down"))))
                        modules.append(
                            .auxiliarySkip(try conv(auxiliary, width, kernel: 1, in: name("enc", level, "aux_skip"))))
                    }
                    if c.encoderType == "residual" {
                        let scope = name("enc", level, "aux_residual")
                        modules.append(
                            .auxiliaryResidual(
                                try conv(auxiliary, width, kernel: 3, down: true, fused: true, in: scope)))
                        auxiliary = width
                    }
                }
                skips.append(width)
                let attends = c.attnResolutions.contains(c.imgResolution >> level)
                for index in 0..<c.numBlocks {
                    let scope = name("enc", level, "block\(index)")
                    modules.append(try block(c.modelChannels * multiplier, attention: attends, in: scope))
                    skips.append(width)
                }
            }
            return modules
        }

        mutating func decoder() throws -> [Module] {
            var modules: [Module] = []
            for (level, multiplier) in c.channelMult.enumerated().reversed() {
                if level == c.channelMult.count - 1 {
                    modules.append(try block(width, attention: true, in: name("dec", level, "in0")))
                    modules.append(try block(width, in: name("dec", level, "in1")))
                } else {
                    modules.append(try block(width, up: true, in: name("dec", level, "up")))
                }
                let attends = c.attnResolutions.contains(c.imgResolution >> level)
                for index in 0...c.numBlocks {
                    let inputs = width + (skips.popLast() ?? 0)
                    modules.append(
                        try block(
                            c.modelChannels * multiplier, from: inputs, attention: index == c.numBlocks && attends,
                            in: name("dec", level, "block\(index)")))
                }
                if c.decoderType == "skip" || level == 0 { modules += try output(level) }
            }
            return modules
        }

        private func output(_ level: Int) throws -> [Module] {
            var modules: [Module] = []
            if c.decoderType == "skip", level < c.channelMult.count - 1 {
                modules.append(
                    .auxiliaryUp(try conv(outputs, outputs, kernel: 0, up: true, in: name("dec", level, "aux_up"))))
            }
            let norm = try GroupNorm(
                width, groups: min(32, width / 4), epsilon: 1e-6, in: name("dec", level, "aux_norm"))
            let last = try conv(width, outputs, kernel: 3, gain: 1e-5, in: name("dec", level, "aux_conv"))
            return modules + [.auxiliaryOutput(norm, last)]
        }
    }

    func embedding(_ condition: Condition) -> Tensor {
        let raw = fourier.map { $0(condition.noise) } ?? positional!(condition.noise)
        let halves = raw.chunked(2, axis: 1)
        var e = Tensor.concatenated([halves[1], halves[0]], axis: 1).to(mapLayer0.weight.dtype)
        if let mapLabel, let labels = condition.labels {
            e = e + mapLabel((labels * Double(configuration.labelDim).squareRoot()).to(e.dtype))
        }
        if let mapAugment, let augment = condition.augment { e = e + mapAugment(augment.to(e.dtype)) }
        return mapLayer1(mapLayer0(e).silu()).silu()
    }

    func callAsFunction(_ x: Tensor, embedding: Tensor, dropout: Dropout?) -> Tensor {
        var (h, skips) = encoded(x, embedding, dropout)
        var auxiliary: Tensor?
        for module in decoder {
            switch module {
            case let .block(block):
                if h.shape[1] != block.inputs, let skip = skips.popLast() { h = .concatenated([h, skip], axis: 1) }
                h = block(h, embedding, dropout: dropout)
            case let .auxiliaryUp(up): auxiliary = auxiliary.map { up($0) }
            case let .auxiliaryOutput(norm, conv):
                let term = conv.output(of: h, normalizedBy: norm)
                auxiliary = auxiliary.map { term + $0 } ?? term
            default: break
            }
        }
        return auxiliary ?? h
    }

    private func encoded(_ x: Tensor, _ embedding: Tensor, _ dropout: Dropout?) -> (Tensor, [Tensor]) {
        var (h, auxiliary) = (x, x)
        var skips: [Tensor] = []
        for module in encoder {
            switch module {
            case let .auxiliaryDown(down): auxiliary = down(auxiliary)
            case let .auxiliarySkip(conv):
                h = h + conv(auxiliary)
                skips[skips.count - 1] = h
            case let .auxiliaryResidual(conv):
                h = (h + conv(auxiliary)) * 0.5.squareRoot()
                skips[skips.count - 1] = h
                auxiliary = h
            case let .plain(conv):
                h = conv(h)
                skips.append(h)
            case let .block(block):
                h = block(h, embedding, dropout: dropout)
                skips.append(h)
            default: break
            }
        }
        return (h, skips)
    }
}
