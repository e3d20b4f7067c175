import Genera

/// The U-Net of Dhariwal and Nichol (2021), ADM: `[N, C, H, W]`, a noise condition `[N]` or `[1]`, and labels `[N, labels]` give
/// `[N, out, H, W]`.
final class DhariwalUNet: UNet {
    private enum Module {
        case plain(ResamplingConv2d)
        case block(UNetBlock)
    }

    private let positional: PositionalEmbedding
    private let mapAugment: Linear?
    private let mapLayer0: Linear
    private let mapLayer1: Linear
    private let mapLabel: Linear?
    private let encoder: [Module]
    private let decoder: [UNetBlock]
    private let outNorm: GroupNorm
    private let outConv: ResamplingConv2d

    private static let third = (1.0 / 3).squareRoot()
    private static let initializers = UNetBlock.Initializers(
        weight: { i, _ in .kaimingUniform(fanIn: i, gain: third) },
        bias: { i, _ in .kaimingUniform(fanIn: i, gain: third) })

    init(_ c: NetworkConfiguration, outputs: Int, in scope: ParameterScope) throws {
        let embeddingWidth = c.modelChannels * c.channelMultEmb
        let law: @Sendable (Int, Int) -> Initializer = Self.initializers.weight
        func dense(_ a: Int, _ b: Int, _ name: String) throws -> Linear {
            try Linear(a, b, weightInit: law(a, b), biasInit: law(a, b), in: scope[name])
        }
        positional = PositionalEmbedding(c.modelChannels)
        mapAugment =
            c.augmentDim > 0
            ? try Linear(c.augmentDim, c.modelChannels, bias: false, weightInit: .zeros, in: scope["map_augment"]) : nil
        mapLayer0 = try dense(c.modelChannels, embeddingWidth, "map_layer0")
        mapLayer1 = try dense(embeddingWidth, embeddingWidth, "map_layer1")
        let labelLaw = Initializer.kaimingNormal(fanIn: max(1, c.labelDim), gain: Double(c.labelDim).squareRoot())
        mapLabel =
            c.labelDim > 0
            ? try Linear(c.labelDim, embeddingWidth, bias: false, weightInit: labelLaw, in: scope["map_label"]) : nil
        let style = UNetBlock.Style(
            embeddingWidth: embeddingWidth, channelsPerHead: 64, dropout: c.dropout, initializers: Self.initializers)

        var width = c.modelChannels * c.channelMult[0]
        var skips = [width]
        func part(_ half: String, _ level: Int, _ name: String) -> ParameterScope {
            let resolution = c.imgResolution >> level
            return scope[half]["\(resolution)x\(resolution)_\(name)"]
        }
        func attends(_ level: Int) -> Bool { c.attnResolutions.contains(c.imgResolution >> level) }
        func block(_ shape: UNetBlock.Shape, in scope: ParameterScope) throws -> UNetBlock {
            defer { width = shape.outputs }
            return try UNetBlock(shape, style: style, in: scope)
        }

        var encoder: [Module] = []
        for (level, multiplier) in c.channelMult.enumerated() {
            if level == 0 {
                let fan = c.imgChannels * 9
                let conv = try ResamplingConv2d(
                    c.imgChannels, width, kernel: 3, weightInit: law(fan, 0), biasInit: law(fan, 0),
                    in: part("enc", 0, "conv"))
                encoder.append(.plain(conv))
            } else {
                encoder.append(
                    .block(try block(.init(inputs: width, outputs: width, down: true), in: part("enc", level, "down"))))
                skips.append(width)
            }
            for index in 0..<c.numBlocks {
                let shape = UNetBlock.Shape(
                    inputs: width, outputs: c.modelChannels * multiplier, attention: attends(level))
                encoder.append(.block(try block(shape, in: part("enc", level, "block\(index)"))))
                skips.append(width)
            }
        }
        self.encoder = encoder

        var decoder: [UNetBlock] = []
        for (level, multiplier) in c.channelMult.enumerated().reversed() {
            if level == c.channelMult.count - 1 {
                let shape = UNetBlock.Shape(inputs: width, outputs: width, attention: true)
                decoder.append(try block(shape, in: part("dec", level, "in0")))
                decoder.append(try block(.init(inputs: width, outputs: width), in: part("dec", level, "in1")))
            } else {
                decoder.append(try block(.init(inputs: width, outputs: width, up: true), in: part("dec", level, "up")))
            }
            for index in 0...c.numBlocks {
                let shape = UNetBlock.Shape(
                    inputs: width + (skips.popLast() ?? 0), outputs: c.modelChannels * multiplier,
                    attention: attends(level))
                decoder.append(try block(shape, in: part("dec", level, "block\(index)")))
            }
        }
        self.decoder = decoder
        outNorm = try GroupNorm(width, groups: min(32, width / 4), in: scope["out_norm"])
        outConv = try ResamplingConv2d(width, outputs, kernel: 3, weightInit: .zeros, in: scope["out_conv"])
    }

    func embedding(_ condition: Condition) -> Tensor {
        var e = positional(condition.noise).to(mapLayer0.weight.dtype)
        if let mapAugment, let augment = condition.augment { e = e + mapAugment(augment.to(e.dtype)) }
        e = mapLayer1(mapLayer0(e).silu())
        if let mapLabel, let labels = condition.labels { e = e + mapLabel(labels.to(e.dtype)) }
        return e.silu()
    }

    func callAsFunction(_ x: Tensor, embedding: Tensor, dropout: Dropout?) -> Tensor {
        var h = x
        var skips: [Tensor] = []
        for module in encoder {
            switch module {
            case let .plain(conv): h = conv(h)
            case let .block(block): h = block(h, embedding, dropout: dropout)
            }
            skips.append(h)
        }
        for block in decoder {
            if h.shape[1] != block.inputs, let skip = skips.popLast() { h = .concatenated([h, skip], axis: 1) }
            h = block(h, embedding, dropout: dropout)
        }
        return outConv.output(of: h, normalizedBy: outNorm)
    }
}
