import Genera

/// The residual block that both U-Nets are made of: two normalised convolutions, the noise level's embedding e between them, and
/// self-attention if the plan has heads. Shapes: `[N, in, H, W]` and `[N, emb] -> [N, out, H', W']`.
///
///     h = conv0(silu(norm0(x)));  a, b = affine(e)
///     h = silu(norm1(h) (1 + a) + b), or silu(norm1(h + affine(e))) for blocks that are not adaptive
///     y = (conv1(dropout(h)) + skip(x)) s;  then, with attention, (proj(attention(qkv(norm2(y)))) + y) s
final class UNetBlock: Sendable {
    /// What all blocks of one network share.
    struct Style: Sendable {
        var embeddingWidth: Int
        /// Probability that an activation is dropped in training.
        var dropout = 0.0
        /// s, by which each sum is multiplied.
        var skipScale = 1.0
        /// Added to the norms' variances.
        var epsilon = 1e-5
        /// Taps of the filter that resamples.
        var filter: [Double] = [1, 1]
        /// Whether a skip that resamples has a convolution also where the channels stay.
        var projectsResampledSkip = false
        /// Whether the embedding scales and shifts after the second norm, or is added before it.
        var isAdaptive = true
        var initializers = Initializers()
    }

    /// Laws for new weights, as functions of a layer's fans.
    struct Initializers: Sendable {
        typealias Law = @Sendable (_ fanIn: Int, _ fanOut: Int) -> Initializer

        var weight: Law = { i, _ in .kaimingNormal(fanIn: i) }
        var bias: Law = { _, _ in .zeros }
        /// Of layers that a new network is to leave out nearly: the last before each sum.
        var last: Law = { _, _ in .zeros }
        /// Of queries, keys and values, if it is another.
        var attention: Law?
    }

    /// The layers of a block, in the order of their parameters.
    struct Layers: Sendable {
        let norm0: GroupNorm
        let conv0: ResamplingConv2d
        let affine: Linear
        let norm1: GroupNorm
        let conv1: ResamplingConv2d
        let skip: ResamplingConv2d?
        let attention: Attention?
    }

    /// The layers of a block's attention.
    struct Attention: Sendable {
        let norm: GroupNorm
        let qkv: ResamplingConv2d
        let proj: ResamplingConv2d
        let heads: Int
    }

    private let style: Style
    private let layers: Layers
    /// What does the same faster where nothing is learned, if the scope asked for it.
    private let twin: PackedBlock?

    /// Takes the block's parameters from `scope`.
    ///
    /// - Throws: what the scope throws, or `ConfigurationError` for channels that the norms cannot group.
    init(_ plan: UNetPlan.Block, style: Style, in scope: ParameterScope) throws {
        self.style = style
        layers = try Layers(plan, style, in: scope)
        twin = PackedBlock(layers, style, products: scope.products)
    }

    func callAsFunction(_ x: Tensor, _ embedding: Tensor, dropout: Dropout? = nil) -> Tensor {
        if let twin, dropout == nil { return twin(x, embedding) }
        var h = layers.conv0(layers.norm0(x).silu())
        // It does not depend on the image.
        let modulation = layers.affine(embedding).to(x.dtype).unsqueezed(2).unsqueezed(3)
        if style.isAdaptive {
            let parts = modulation.chunked(2, axis: 1)
            h = (parts[1] + layers.norm1(h) * (parts[0] + 1)).silu()
        } else {
            h = layers.norm1(h + modulation).silu()
        }
        if let dropout { h = dropout(h, probability: style.dropout) }
        h = layers.conv1(h) + (layers.skip.map { $0(x) } ?? x)
        if style.skipScale != 1 { h = h * style.skipScale }
        guard let attention = layers.attention else { return h }
        h = attention.proj(attention.mixed(attention.qkv(attention.norm(h)))) + h
        return style.skipScale == 1 ? h : h * style.skipScale
    }
}

extension UNetBlock.Attention {
    /// Attention of all pixels to all: `[N, 3·C, H, W] -> [N, C, H, W]`. The channels are ordered by head, then channel, then query, key,
    /// value.
    func mixed(_ qkv: Tensor) -> Tensor {
        let shape = qkv.shape
        let (channels, tokens) = (shape[1] / 3, shape[2] * shape[3])
        let split = qkv.reshaped([shape[0], heads, channels / heads, 3, tokens])
        let parts = (0..<3).map { split.selected(axis: 3, $0).transposed() }
        let mixed = Tensor.attention(parts[0], parts[1], parts[2])
        return mixed.transposed().reshaped([shape[0], channels, shape[2], shape[3]])
    }
}

extension UNetBlock.Layers {
    init(_ plan: UNetPlan.Block, _ style: UNetBlock.Style, in scope: ParameterScope) throws {
        let (inputs, outputs, laws) = (plan.inputs, plan.outputs, style.initializers)
        norm0 = try style.norm(inputs, in: scope["norm0"])
        conv0 = try style.conv(inputs, outputs, kernel: 3, plan.resampling, in: scope["conv0"])
        let width = outputs * (style.isAdaptive ? 2 : 1)
        affine = try Linear(
            style.embeddingWidth, width, weightInit: laws.weight(style.embeddingWidth, width),
            biasInit: laws.bias(style.embeddingWidth, width), in: scope["affine"])
        norm1 = try style.norm(outputs, in: scope["norm1"])
        conv1 = try style.conv(outputs, outputs, kernel: 3, law: laws.last, in: scope["conv1"])
        if outputs != inputs || plan.resampling != nil {
            let kernel = style.projectsResampledSkip || outputs != inputs ? 1 : 0
            skip = try style.conv(inputs, outputs, kernel: kernel, plan.resampling, in: scope["skip"])
        } else {
            skip = nil
        }
        guard plan.heads > 0 else {
            attention = nil
            return
        }
        attention = UNetBlock.Attention(
            norm: try style.norm(outputs, in: scope["norm2"]),
            qkv: try style.conv(outputs, outputs * 3, kernel: 1, law: laws.attention, in: scope["qkv"]),
            proj: try style.conv(outputs, outputs, kernel: 1, law: laws.last, in: scope["proj"]), heads: plan.heads)
    }
}

extension UNetBlock.Style {
    /// A convolution whose weights have the law of the style, or another law and no bias at first.
    func conv(
        _ inputs: Int, _ outputs: Int, kernel: Int, _ resampling: ResamplingConv2d.Direction? = nil,
        fused: Bool = false,
        law: UNetBlock.Initializers.Law? = nil, in scope: ParameterScope
    ) throws -> ResamplingConv2d {
        let (i, o) = (max(1, inputs * kernel * kernel), max(1, outputs * kernel * kernel))
        return try ResamplingConv2d(
            inputs, outputs, kernel: kernel, resampling, filter: filter, fused: fused,
            weightInit: (law ?? initializers.weight)(i, o), biasInit: law == nil ? initializers.bias(i, o) : .zeros,
            in: scope)
    }

    /// A norm of 32 groups, or of fewer that have four channels each.
    func norm(_ channels: Int, in scope: ParameterScope) throws -> GroupNorm {
        let groups = min(32, channels / 4)
        guard groups > 0, channels % groups == 0 else {
            let reason = "makes a block of \(channels) channels, which \(groups) groups do not divide"
            throw ConfigurationError(field: "channel_mult", reason: reason)
        }
        return try GroupNorm(channels, groups: groups, epsilon: epsilon, in: scope)
    }
}
