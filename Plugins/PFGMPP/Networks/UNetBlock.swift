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
    /// The layers packed for inference, where all of them are.
    private let packed: Packed?

    private struct Packed {
        let conv0, conv1: PackedConvolution
        /// The rows of its weights ordered by query, key, value, then head, then channel.
        let qkv: PackedConvolution?
    }

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
        let attention =
            heads > 0
            ? (
                try norm(cout, "norm2"), try conv(cout, cout * 3, kernel: 1, "qkv", law: make.attention),
                try conv(cout, cout, kernel: 1, "proj", law: make.last)
            ) : nil
        self.attention = attention
        let qkv = scope.packs ? attention.flatMap { [heads] in Self.qkv($0.1, heads: heads, scope.products) } : nil
        if (cin | cout) % 16 == 0, let first = conv0.packed, let second = conv1.packed,
            (qkv == nil) == (attention == nil)
        {
            packed = Packed(conv0: first, conv1: second, qkv: qkv)
        } else {
            packed = nil
        }
    }

    private static func qkv(_ conv: ResamplingConv2d, heads: Int, _ dtype: DType) -> PackedConvolution? {
        guard let weight = conv.weight, let bias = conv.bias else { return nil }
        let (rows, inputs) = (conv.outputs, conv.inputs)
        func ordered(_ t: Tensor, _ width: Int) -> Tensor {
            t.reshaped([heads, rows / heads / 3, 3, width]).permuted([2, 0, 1, 3])
        }
        return PackedConvolution(
            weight: ordered(weight, inputs).reshaped([rows, inputs, 1, 1]), bias: ordered(bias, 1).reshaped([rows]),
            dtype: dtype)
    }

    /// What the block adds (or multiplies by and adds) for an embedding `[N, emb]`; it does not depend on the image.
    private func modulation(_ embedding: Tensor, like x: Tensor) -> Tensor {
        affine(embedding).to(x.dtype).unsqueezed(2).unsqueezed(3)
    }

    func callAsFunction(_ x: Tensor, _ embedding: Tensor, dropout: Dropout? = nil) -> Tensor {
        if let packed, dropout == nil { return inferred(x, embedding, packed) }
        var h = conv0(norm0(x).silu())
        let params = modulation(embedding, like: x)
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

    /// The same with channels last, by packed layers, sums and factors folded into them.
    private func inferred(_ x: Tensor, _ embedding: Tensor, _ packed: Packed) -> Tensor {
        var h = conv0.resampled(norm0.packed(x))
        let params = affine(embedding)
        if style.isAdaptive {
            let parts = params.chunked(2, axis: 1)
            let gain = parts[0] + 1
            h = packed.conv0(h).packedGroupNorm(
                groups: norm1.groups, weight: norm1.weight * gain, bias: norm1.bias * gain + parts[1],
                epsilon: norm1.epsilon, activates: true)
        } else {
            h = norm1.packed(packed.conv0(h, addend: params))
        }
        h = packed.conv1(h, residual: skip.map { $0(x) } ?? x, scale: style.skipScale)
        guard let attention, let qkv = packed.qkv, let proj = attention.proj.packed else { return h }
        let shape = h.shape
        let split = qkv(attention.norm.packed(h, activates: false)).permuted([0, 2, 3, 1]).reshaped(
            [shape[0], shape[2] * shape[3], 3, heads, outputs / heads])
        let parts = (0..<3).map { split.selected(axis: 2, $0).permuted([0, 2, 1, 3]) }
        let mixed = Tensor.attention(parts[0], parts[1], parts[2]).permuted([0, 2, 1, 3])
        let images = mixed.reshaped([shape[0], shape[2], shape[3], outputs]).permuted([0, 3, 1, 2])
        return proj(images, residual: h, scale: style.skipScale)
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

extension GroupNorm {
    /// The layer, and SiLU after it, in one operation for inference.
    func packed(_ x: Tensor, activates: Bool = true) -> Tensor {
        x.packedGroupNorm(groups: groups, weight: weight, bias: bias, epsilon: epsilon, activates: activates)
    }
}

extension ResamplingConv2d {
    /// The end of a network: the convolution of SiLU of the normalised `x`.
    func output(of x: Tensor, normalizedBy norm: GroupNorm) -> Tensor {
        guard let packed, inputs % 16 == 0 else { return self(norm(x).silu()) }
        return packed(norm.packed(x), isWide: true)
    }
}
