import Genera

extension UNetPlan {
    /// The U-Net of Song et al. (2021) in its DDPM++ and NCSN++ forms: one head, halved sums, and side paths if asked for.
    static func song(_ c: NetworkConfiguration, outputs: Int) -> UNetPlan {
        let style = UNetBlock.Style(
            embeddingWidth: c.embeddingWidth, dropout: c.dropout, skipScale: 0.5.squareRoot(), epsilon: 1e-6,
            filter: c.resampleFilter, projectsResampledSkip: true, isAdaptive: false,
            initializers: UNetBlock.Initializers(
                weight: { .xavierUniform(fanIn: $0, fanOut: $1) },
                last: { .xavierUniform(fanIn: $0, fanOut: $1, gain: 1e-5) },
                attention: { .xavierUniform(fanIn: $0, fanOut: $1, gain: 0.2.squareRoot()) }))
        let form = Form(
            firstWidth: c.modelChannels, encoder: c.encoderType, decoder: c.decoderType,
            attendsThroughoutDecoder: false,
            heads: { _ in 1 }, outputName: { "dec.\($0)x\($0)_aux" })
        return UNetPlan(c, outputs: outputs, style: style, form: form)
    }
}

/// The embedding of `UNetPlan.song`, with sines s first:
///
///     e = [s, c](noise) + map_label(labels · sqrt(count)) + map_augment(augment);  silu(map_layer1(silu(map_layer0(e))))
final class SongMapping: NoiseMapping {
    private enum Waves {
        case positional(PositionalEmbedding)
        case fourier(FourierEmbedding)
    }

    private let waves: Waves
    private let mapLabel: Linear?
    private let mapAugment: Linear?
    private let mapLayer0: Linear
    private let mapLayer1: Linear
    private let labelScale: Double

    init(_ c: NetworkConfiguration, in scope: ParameterScope) throws {
        let noiseWidth = c.modelChannels * c.channelMultNoise
        labelScale = Double(c.labelDim).squareRoot()
        waves =
            switch c.embeddingType {
            case .fourier: .fourier(try FourierEmbedding(noiseWidth, in: scope["map_noise"]))
            case .positional: .positional(PositionalEmbedding(noiseWidth, endpoint: true))
            }
        func dense(_ a: Int, _ b: Int, bias: Bool = true, _ name: String) throws -> Linear {
            try Linear(
                a, b, bias: bias, weightInit: .xavierUniform(fanIn: a, fanOut: b), biasInit: .zeros, in: scope[name])
        }
        mapLabel = c.labelDim > 0 ? try dense(c.labelDim, noiseWidth, "map_label") : nil
        mapAugment = c.augmentDim > 0 ? try dense(c.augmentDim, noiseWidth, bias: false, "map_augment") : nil
        mapLayer0 = try dense(noiseWidth, c.embeddingWidth, "map_layer0")
        mapLayer1 = try dense(c.embeddingWidth, c.embeddingWidth, "map_layer1")
    }

    func callAsFunction(_ condition: Condition) -> Tensor {
        let halves = cosinesFirst(condition.noise).chunked(2, axis: 1)
        var e = Tensor.concatenated([halves[1], halves[0]], axis: 1).to(mapLayer0.weight.dtype)
        if let mapLabel, let labels = condition.labels { e = e + mapLabel((labels * labelScale).to(e.dtype)) }
        if let mapAugment, let augment = condition.augment { e = e + mapAugment(augment.to(e.dtype)) }
        return mapLayer1(mapLayer0(e).silu()).silu()
    }

    private func cosinesFirst(_ noise: Tensor) -> Tensor {
        switch waves {
        case let .positional(embedding): embedding(noise)
        case let .fourier(embedding): embedding(noise)
        }
    }
}
