import Genera

/// A convolution that may also double or halve the resolution with a separable filter.
///
/// Shapes: `[N, in, H, W] -> [N, out, H·2 or H/2 or H, ...]`. Keys `weight` `[out, in, k, k]`, `bias` `[out]`,
/// `resample_filter` `[1, 1, m, m]`, each only where the layer has it; kernel 0 resamples only.
final class ResamplingConv2d: Sendable {
    enum Direction: Sendable {
        /// To twice the size.
        case up
        /// To half the size.
        case down
    }

    let inputs: Int
    let outputs: Int
    let kernel: Int
    let direction: Direction?
    /// Whether the filter comes after the convolution (down), or both are padded together (up).
    let fused: Bool
    let weight: Tensor?
    let bias: Tensor?
    let filter: Tensor?
    /// The filter once for each input channel, `[in, 1, m, m]`, in the type of the activations.
    private let channelFilter: Tensor?
    /// The weights packed for inference, where the scope asks for that and the shape allows it.
    let packed: PackedConvolution?
    /// Whether the filter is the two-tap box, so that resampling is repetition and averaging of pixels, which is far faster.
    private let isBox: Bool

    /// Takes the layer's parameters from `scope`.
    ///
    /// - Parameter taps: the filter along one axis; its scale does not matter.
    /// - Throws: what the scope throws.
    init(
        _ inputs: Int, _ outputs: Int, kernel: Int, _ direction: Direction? = nil, filter taps: [Double] = [1, 1],
        fused: Bool = false, weightInit: Initializer? = nil, biasInit: Initializer = .zeros, in scope: ParameterScope
    ) throws {
        (self.inputs, self.outputs, self.kernel) = (inputs, outputs, kernel)
        (self.direction, self.fused) = (direction, fused)
        if kernel > 0 {
            let standard = Initializer.kaimingNormal(fanIn: inputs * kernel * kernel)
            let weight = try scope.parameter("weight", [outputs, inputs, kernel, kernel], weightInit ?? standard)
            let bias = try scope.parameter("bias", [outputs], biasInit)
            packed = fused ? nil : scope.packed(weight, bias)
            let isPlain = scope.packs && packed == nil
            self.weight = isPlain ? weight.to(scope.activations).channelsLast() : weight
            self.bias = isPlain ? bias.to(scope.activations) : bias
        } else {
            (weight, bias, packed) = (nil, nil, nil)
        }
        guard let direction else {
            (filter, channelFilter, isBox) = (nil, nil, false)
            return
        }
        isBox = taps.count == 2 && taps[0] == taps[1]
        let sum = taps.reduce(0, +)
        let square = taps.flatMap { a in taps.map { b in Float(a * b / (sum * sum)) } }
        let filter = try scope.buffer(
            "resample_filter", constant: Tensor(square, shape: [1, 1, taps.count, taps.count]))
        self.filter = filter
        let gain = direction == .up ? 4.0 : 1.0
        channelFilter = (filter.to(.float32) * gain).to(scope.activations).expanded(
            [inputs, 1, taps.count, taps.count]
        ).contiguous()
    }

    func callAsFunction(_ input: Tensor) -> Tensor {
        var x = input
        let weightPadding = kernel / 2
        let filterPadding = ((filter?.shape[-1] ?? 0) - 1) / 2
        if fused, direction == .up, let weight, let channelFilter {
            // Padding as in the reference, which loses border pixels here; no published configuration uses this path.
            x = x.convTranspose2d(channelFilter, stride: 2, padding: weightPadding + filterPadding, groups: inputs)
            return x.conv2d(weight, bias: bias)
        }
        if fused, direction == .down, let weight, let filter {
            x = x.conv2d(weight, padding: weightPadding + filterPadding)
            let size = filter.shape[-1]
            x = x.conv2d(filter.to(weight.dtype).expanded([outputs, 1, size, size]), stride: 2, groups: outputs)
            return bias.map { x + $0.reshaped([1, -1, 1, 1]) } ?? x
        }
        x = resampled(x)
        if let packed { return packed(x) }
        if let weight { x = x.conv2d(weight, bias: bias, padding: weightPadding) }
        return x
    }

    /// What the layer does before it convolves.
    func resampled(_ x: Tensor) -> Tensor {
        guard let channelFilter, let direction else { return x }
        let padding = (channelFilter.shape[-1] - 1) / 2
        switch direction {
        case .up where isBox: return x.repeatedPixels()
        case .down where isBox: return x.averagedPixels()
        case .up: return x.convTranspose2d(channelFilter, stride: 2, padding: padding, groups: inputs)
        case .down: return x.conv2d(channelFilter, stride: 2, padding: padding, groups: inputs)
        }
    }
}
