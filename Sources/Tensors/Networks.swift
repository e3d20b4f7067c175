import CEngine

// The operators that networks are made of. Weights may be absent where the operator allows it.
extension Tensor {
    /// x Wᵀ + b: `[..., in] -> [..., out]` with `weight` `[out, in]` and `bias` `[out]`.
    public func linear(
        _ weight: Tensor, bias: Tensor? = nil, file: StaticString = #fileID, line: UInt = #line
    ) -> Tensor {
        if let bias, bias.error != nil { return bias }
        return make("linear", self, weight, file, line) { api.linear($0, $1, bias?.box.handle, $2) }
    }

    /// Convolution: `[N, in, H, W] -> [N, out, H', W']` with `weight` `[out, in / groups, k, k]` and `bias` `[out]`.
    public func conv2d(
        _ weight: Tensor, bias: Tensor? = nil, stride: Int = 1, padding: Int = 0, groups: Int = 1,
        file: StaticString = #fileID, line: UInt = #line
    ) -> Tensor {
        if let bias, bias.error != nil { return bias }
        return make("conv2d", self, weight, file, line) {
            api.conv2d($0, $1, bias?.box.handle, Int64(stride), Int64(padding), Int64(groups), $2)
        }
    }

    /// Transposed convolution: `[N, in, H, W] -> [N, out, H', W']` with `weight` `[in, out / groups, k, k]`.
    public func convTranspose2d(
        _ weight: Tensor, bias: Tensor? = nil, stride: Int = 1, padding: Int = 0, groups: Int = 1,
        file: StaticString = #fileID, line: UInt = #line
    ) -> Tensor {
        ops.convTranspose2d(
            [
                .tensor(self), .tensor(weight), bias.map { .tensor($0) } ?? .none, .ints([stride, stride]),
                .ints([padding, padding]), .ints([0, 0]), .int(groups),
            ], file: file, line: line)
    }

    /// Each pixel repeated to a square of `factor` by `factor`: `[N, C, H, W] -> [N, C, factor·H, factor·W]`.
    public func repeatedPixels(_ factor: Int = 2, file: StaticString = #fileID, line: UInt = #line) -> Tensor {
        ops.upsampleNearest2d([.tensor(self), .ints([shape[2] * factor, shape[3] * factor])], file: file, line: line)
    }

    /// The mean of each square of `factor` by `factor` pixels: `[N, C, H, W] -> [N, C, H / factor, W / factor]`.
    public func averagedPixels(_ factor: Int = 2, file: StaticString = #fileID, line: UInt = #line) -> Tensor {
        ops.avgPool2d([.tensor(self), .ints([factor, factor])], file: file, line: line)
    }

    /// Normalises groups of channels to mean 0 and variance 1 (biased), then scales and shifts each channel.
    public func groupNorm(
        groups: Int, weight: Tensor?, bias: Tensor?, epsilon: Double, file: StaticString = #fileID, line: UInt = #line
    ) -> Tensor {
        if let weight, weight.error != nil { return weight }
        if let bias, bias.error != nil { return bias }
        return make("group_norm", self, file, line) {
            api.group_norm($0, Int64(groups), weight?.box.handle, bias?.box.handle, epsilon, $1)
        }
    }

    /// Normalises the last axis to mean 0 and variance 1 (biased), then scales and shifts.
    public func layerNorm(
        weight: Tensor?, bias: Tensor?, epsilon: Double = 1e-5, file: StaticString = #fileID, line: UInt = #line
    ) -> Tensor {
        if let weight, weight.error != nil { return weight }
        if let bias, bias.error != nil { return bias }
        let width = shape[-1]
        return make("layer_norm", self, file, line) {
            api.layer_norm($0, Int64(width), weight?.box.handle, bias?.box.handle, epsilon, $1)
        }
    }
}
