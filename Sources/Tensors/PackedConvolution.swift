import CEngine

/// A convolution whose weights are rearranged once for inference with channels last, in float32 or bfloat16, on processors whose
/// vector units serve it (AVX-512, and its bfloat16 product). Stride 1, the border padded with zeros so that the size stays.
/// Kernels of 3 are computed in the transformed domain of Lavin and Gray (2016), with less than half the multiplications.
///
/// Weights can also be held as whole numbers of 8 bits, for activations in bfloat16: each row of a product (a pixel, or a point of
/// a transformed tile) and each column (an output) has a scale of its own, found as the row comes.
///
/// An image's result depends on nothing else in the batch, nor on the number of threads. There are no derivatives.
public struct PackedConvolution: Sendable {
    private let weight: Tensor
    private let bias: Tensor?
    private let outputs: Int
    private let kernel: Int

    /// Whether this processor has the kernels and gains by them.
    public static func isAvailable(_ dtype: DType) -> Bool {
        [.float32, .bfloat16, .int8].contains(dtype)
            && Engine.loaded.map { $0.api.has_packed_kernels(dtype.rawValue) != 0 } ?? false
    }

    /// Packs `weight` `[out, in, k, k]` as `dtype` and `bias` `[out]`. The result is nil where the processor, the kernel's size (1
    /// and 3 are served) or the device does not allow it.
    public init?(weight: Tensor, bias: Tensor?, dtype: DType) {
        let shape = weight.shape
        guard Self.isAvailable(dtype), weight.device == .cpu, shape.count == 4, [1, 3].contains(shape[2])
        else { return nil }
        self.weight = make("pack", weight, #fileID, #line) { api.pack_convolution($0, dtype.rawValue, $1) }
        self.bias = bias?.to(.float32)
        (outputs, kernel) = (shape[0], shape[2])
    }

    /// (conv(x) + bias + addend + residual) · scale: `[N, in, H, W] -> [N, out, H, W]` with channels last.
    ///
    /// - Parameters:
    ///   - addend: `[1, out]` or `[N, out]`, added to every pixel.
    ///   - residual: like the result.
    ///   - isWide: whether the result is float32.
    public func callAsFunction(
        _ x: Tensor, addend: Tensor? = nil, residual: Tensor? = nil, scale: Double = 1, isWide: Bool = false,
        file: StaticString = #fileID, line: UInt = #line
    ) -> Tensor {
        var bias = bias
        if let addend { bias = bias.map { $0 + addend.to(.float32) } ?? addend }
        if let bias, bias.error != nil { return bias }
        if let residual, residual.error != nil { return residual }
        return make("packed_conv2d", x, weight, file, line) {
            api.packed_convolution(
                $0, $1, Int64(outputs), Int64(kernel), bias?.box.handle, residual?.box.handle, scale, isWide ? 1 : 0, $2
            )
        }
    }
}

extension Tensor {
    /// `groupNorm`, and `silu` afterwards if wished, of images with channels last, in one operation without derivatives.
    /// `weight` and `bias` are `[C]`, or `[N, C]` for factors of each image. Needs `PackedConvolution.isAvailable` for the
    /// type of the images, and channels in a multiple of 16.
    public func packedGroupNorm(
        groups: Int, weight: Tensor, bias: Tensor, epsilon: Double, activates: Bool,
        file: StaticString = #fileID, line: UInt = #line
    ) -> Tensor {
        if weight.error != nil { return weight }
        if bias.error != nil { return bias }
        return make("packed_group_norm", self, file, line) {
            api.packed_group_norm(
                $0, Int64(groups), weight.box.handle, bias.box.handle, epsilon, activates ? 1 : 0, $1)
        }
    }
}
