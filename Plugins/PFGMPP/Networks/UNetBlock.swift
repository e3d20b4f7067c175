import Genera

/// The residual block that both U-Nets are made of: two normalised convolutions, the noise level's embedding between them,
/// and optionally self-attention. Shapes: `[N, in, H, W]` and `[N, emb] -> [N, out, H', W']`.
final class UNetBlock: Sendable {
    /// What differs between the blocks of one network.
    struct Shape {
        var inputs: Int
        var outputs: Int
        var up = false
        var down = false
        var attention = false
    }

    /// What all blocks of one network share.
    struct Style: Sendable {
        var embeddingWidth: Int
        var heads: Int? = nil
        var channelsPerHead = 64
        var dropout = 0.0
        var skipScale = 1.0
        var epsilon = 1e-5
        var filter: [Double] = [1, 1]
        var projectsResampledSkip = false
        var isAdaptive = true
        var initializers = Initializers()
    }

    /// Laws for new weights, as functions of a layer's fans.
    struct Initializers: Sendable {
        var weight: @Sendable (_ fanIn: Int, _ fanOut: Int) -> Initializer = { i, _ in .kaimingNormal(fanIn: i) }
        var bias: @Sendable (_ fanIn: Int, _ fanOut: Int) -> Initializer = { _, _ in .zeros }
        var last: @Sendable (_ fanIn: Int, _ fanOut: Int) -> Initializer = { _, _ in .zeros }
        var attention: (@Sendable (_ fanIn: Int, _ fanOut: Int) -> Initializer)? = nil
    }

    let inputs: Int
    let outputs: Int
    let heads: Int
    private let style: Style
    private let norm0: GroupNorm
    private let conv0: ResamplingConv2d
    private let affine: Linear
    private let norm1: GroupNorm
    private let conv1: ResamplingConv2d
    private let skip: ResamplingConv2d?
    private let attention: (norm: GroupNorm, qkv: ResamplingConv2d, proj: ResamplingConv2d)?

    init(_ shape: Shape, style: Style, in scope: ParameterScope) throws {
        let (cin, cout) = (shape.inputs, shape.outputs)
        (inputs, outputs, self.style) = (cin, cout, style)
        heads = shape.attention ? style.heads ?? cout / style.channelsPerHead : 0
        let make = style.initializers
        func conv(
            _ a: Int, _ b: Int, kernel k: Int, _ name: String, resampling: ResamplingConv2d.Resampling = .init(),
            law: (@Sendable (Int, Int) -> Initializer)? = nil
        ) throws -> ResamplingConv2d {
            let (i, o) = (a * k * k, b * k * k)
            return try ResamplingConv2d(
                a, b, kernel: k, resampling, weightInit: (law ?? make.weight)(i, o),
                biasInit: law == nil ? make.bias(i, o) : .zeros, in: scope[name])
        }
        func norm(_ channels: Int, _ name: String) throws -> GroupNorm {
            let groups = min(32, channels / 4)
            guard groups > 0, channels % groups == 0 else {
                let reason = "makes a block of \(channels) channels, which \(groups) groups do not divide"
                throw ConfigurationError(field: "channel_mult", reason: reason)
            }
            return try GroupNorm(channels, groups: groups, epsilon: style.epsilon, in: scope[name])
        }
        let resampling = ResamplingConv2d.Resampling(up: shape.up, down: shape.down, filter: style.filter)
        norm0 = try norm(cin, "norm0")
        conv0 = try conv(cin, cout, kernel: 3, "conv0", resampling: resampling)
        let width = cout * (style.isAdaptive ? 2 : 1)
        affine = try Linear(
            style.embeddingWidth, width, weightInit: make.weight(style.embeddingWidth, width),
            biasInit: make.bias(style.embeddingWidth, width), in: scope["affine"])
        norm1 = try norm(cout, "norm1")
        conv1 = try conv(cout, cout, kernel: 3, "conv1", law: make.last)
        if cout != cin || shape.up || shape.down {
            let kernel = style.projectsResampledSkip || cout != cin ? 1 : 0
            skip = try conv(cin, cout, kernel: kernel, "skip", resampling: resampling)
        } else {
            skip = nil
        }
        guard heads > 0 else {
            attention = nil
            return
        }
        attention = (
            try norm(cout, "norm2"), try conv(cout, cout * 3, kernel: 1, "qkv", law: make.attention),
            try conv(cout, cout, kernel: 1, "proj", law: make.last)
        )
    }

    /// What the block adds (or multiplies by and adds) for an embedding `[N, emb]`; it does not depend on the image.
    func modulation(_ embedding: Tensor) -> Tensor { affine(embedding).unsqueezed(2).unsqueezed(3) }

    func callAsFunction(_ x: Tensor, _ embedding: Tensor, dropout: Dropout? = nil) -> Tensor {
        var h = conv0(norm0(x).silu())
        let params = modulation(embedding)
        if style.isAdaptive {
            let parts = params.chunked(2, axis: 1)
            h = (parts[1] + norm1(h) * (parts[0] + 1)).silu()
        } else {
            h = norm1(h + params).silu()
        }
        if let dropout { h = dropout(h, probability: style.dropout) }
        h = conv1(h) + (skip.map { $0(x) } ?? x)
        if style.skipScale != 1 { h = h * style.skipScale }
        guard let attention else { return h }
        h = attention.proj(attended(attention.qkv(attention.norm(h)))) + h
        return style.skipScale == 1 ? h : h * style.skipScale
    }

    /// `[N, 3·C, H, W] -> [N, C, H, W]`. The channels are ordered by head, then channel, then query, key, value.
    private func attended(_ qkv: Tensor) -> Tensor {
        let shape = qkv.shape
        let tokens = shape[2] * shape[3]
        let split = qkv.reshaped([shape[0], heads, outputs / heads, 3, tokens])
        let parts = (0..<3).map { split.selected(axis: 3, $0).transposed() }
        let mixed = Tensor.attention(parts[0], parts[1], parts[2])
        return mixed.transposed().reshaped([shape[0], outputs, shape[2], shape[3]])
    }
}
