import Genera

// What networks do where nothing is learned and the processor has kernels of ours: images with channels last, weights packed once, and
// sums, factors and activations folded into the operations before them. The plain layers are the formula; these give the same but for
// rounding.

/// The twin of `UNetBlock` for inference.
struct PackedBlock: Sendable {
    private let layers: UNetBlock.Layers
    private let style: UNetBlock.Style
    private let conv0, conv1: PackedConvolution
    private let attention: Attention?

    private struct Attention {
        let norm: GroupNorm
        /// The rows of its weights ordered by query, key, value, then head, then channel.
        let qkv: PackedConvolution
        let proj: PackedConvolution
        let heads: Int
    }

    /// The twin of a block's layers; nil unless all of them are packed.
    init?(_ layers: UNetBlock.Layers, _ style: UNetBlock.Style, products: DType) {
        guard let first = layers.conv0.packed, let second = layers.conv1.packed,
            (layers.conv0.inputs | layers.conv0.outputs) % 16 == 0
        else { return nil }
        (self.layers, self.style, conv0, conv1) = (layers, style, first, second)
        guard let plain = layers.attention else {
            attention = nil
            return
        }
        guard let qkv = Self.ordered(plain.qkv, heads: plain.heads, products), let proj = plain.proj.packed
        else { return nil }
        attention = Attention(norm: plain.norm, qkv: qkv, proj: proj, heads: plain.heads)
    }

    private static func ordered(_ conv: ResamplingConv2d, heads: Int, _ dtype: DType) -> PackedConvolution? {
        guard let weight = conv.weight, let bias = conv.bias else { return nil }
        let (rows, inputs) = (conv.outputs, conv.inputs)
        func ordered(_ t: Tensor, _ width: Int) -> Tensor {
            t.reshaped([heads, rows / heads / 3, 3, width]).permuted([2, 0, 1, 3])
        }
        return PackedConvolution(
            weight: ordered(weight, inputs).reshaped([rows, inputs, 1, 1]), bias: ordered(bias, 1).reshaped([rows]),
            dtype: dtype)
    }

    func callAsFunction(_ x: Tensor, _ embedding: Tensor) -> Tensor {
        var h = layers.conv0.resampled(layers.norm0.packed(x))
        let (modulation, norm1) = (layers.affine(embedding), layers.norm1)
        if style.isAdaptive {
            let parts = modulation.chunked(2, axis: 1)
            let gain = parts[0] + 1
            h = conv0(h).packedGroupNorm(
                groups: norm1.groups, weight: norm1.weight * gain, bias: norm1.bias * gain + parts[1],
                epsilon: norm1.epsilon, activates: true)
        } else {
            h = norm1.packed(conv0(h, addend: modulation))
        }
        h = conv1(h, residual: layers.skip.map { $0(x) } ?? x, scale: style.skipScale)
        return attention.map { attended(h, $0) } ?? h
    }

    private func attended(_ h: Tensor, _ attention: Attention) -> Tensor {
        let shape = h.shape
        let (channels, heads) = (shape[1], attention.heads)
        let split = attention.qkv(attention.norm.packed(h, activates: false)).permuted([0, 2, 3, 1]).reshaped(
            [shape[0], shape[2] * shape[3], 3, heads, channels / heads])
        let parts = (0..<3).map { split.selected(axis: 2, $0).permuted([0, 2, 1, 3]) }
        let mixed = Tensor.attention(parts[0], parts[1], parts[2]).permuted([0, 2, 1, 3])
        let images = mixed.reshaped([shape[0], shape[2], shape[3], channels]).permuted([0, 3, 1, 2])
        return attention.proj(images, residual: h, scale: style.skipScale)
    }
}

extension GroupNorm {
    /// The layer, and SiLU after it, in one operation.
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

extension ParameterScope {
    /// A convolution packed for inference; nil where the scope does not ask for it, or the processor or the kernel does not allow it.
    func packed(_ weight: Tensor, _ bias: Tensor) -> PackedConvolution? {
        guard packs else { return nil }
        // The first and the last layer, which have few channels and little to do, keep the type of the activations.
        let isSmall = min(weight.shape[0], weight.shape[1]) < 16
        return PackedConvolution(weight: weight, bias: bias, dtype: isSmall ? activations : products)
    }
}
