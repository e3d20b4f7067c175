import Genera

extension UNetPlan {
    /// The U-Net of Dhariwal and Nichol (2021), ADM: heads of 64 channels at every block of the resolutions that attend, norms scaled and
    /// shifted by the embedding.
    static func dhariwal(_ c: NetworkConfiguration, outputs: Int) -> UNetPlan {
        let style = UNetBlock.Style(
            embeddingWidth: c.embeddingWidth, dropout: c.dropout, initializers: DhariwalMapping.initializers)
        // Integer division, as in the reference: blocks of fewer than 64 channels do not attend.
        let form = Form(
            firstWidth: c.modelChannels * (c.channelMult.first ?? 1), attendsThroughoutDecoder: true,
            heads: { $0 / 64 },
            outputName: { _ in "out" })
        return UNetPlan(c, outputs: outputs, style: style, form: form)
    }
}

/// The embedding of `UNetPlan.dhariwal`, with cosines c first:
///
///     e = [c, s](noise) + map_augment(augment);  silu(map_layer1(silu(map_layer0(e))) + map_label(labels))
final class DhariwalMapping: NoiseMapping {
    private let positional: PositionalEmbedding
    private let mapAugment: Linear?
    private let mapLayer0: Linear
    private let mapLayer1: Linear
    private let mapLabel: Linear?

    private static let third = (1.0 / 3).squareRoot()
    static let initializers = UNetBlock.Initializers(
        weight: { i, _ in .kaimingUniform(fanIn: i, gain: third) },
        bias: { i, _ in .kaimingUniform(fanIn: i, gain: third) })

    init(_ c: NetworkConfiguration, in scope: ParameterScope) throws {
        func dense(_ a: Int, _ b: Int, _ name: String) throws -> Linear {
            let law = Self.initializers.weight(a, b)
            return try Linear(a, b, weightInit: law, biasInit: law, in: scope[name])
        }
        positional = PositionalEmbedding(c.modelChannels)
        mapAugment =
            c.augmentDim > 0
            ? try Linear(c.augmentDim, c.modelChannels, bias: false, weightInit: .zeros, in: scope["map_augment"]) : nil
        mapLayer0 = try dense(c.modelChannels, c.embeddingWidth, "map_layer0")
        mapLayer1 = try dense(c.embeddingWidth, c.embeddingWidth, "map_layer1")
        let law = Initializer.kaimingNormal(fanIn: max(1, c.labelDim), gain: Double(c.labelDim).squareRoot())
        mapLabel =
            c.labelDim > 0
            ? try Linear(c.labelDim, c.embeddingWidth, bias: false, weightInit: law, in: scope["map_label"]) : nil
    }

    func callAsFunction(_ condition: Condition) -> Tensor {
        var e = positional(condition.noise).to(mapLayer0.weight.dtype)
        if let mapAugment, let augment = condition.augment { e = e + mapAugment(augment.to(e.dtype)) }
        e = mapLayer1(mapLayer0(e).silu())
        if let mapLabel, let labels = condition.labels { e = e + mapLabel(labels.to(e.dtype)) }
        return e.silu()
    }
}
