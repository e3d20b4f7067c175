import Genera

/// A convolution that may also double or halve the resolution with a separable filter.
///
/// Shapes: `[N, in, H, W] -> [N, out, H·2 or H/2 or H, ...]`. Keys `weight` `[out, in, k, k]`, `bias` `[out]`,
/// `resample_filter` `[1, 1, m, m]`, each only where the layer has it; kernel 0 resamples only.
final class ResamplingConv2d: Sendable {
    let inputs: Int
    let outputs: Int
    let kernel: Int
    let up: Bool
    let down: Bool
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

    struct Resampling {
        var up = false
        var down = false
        var filter: [Double] = [1, 1]
        var fused = false
    }

    init(
        _ inputs: Int, _ outputs: Int, kernel: Int, _ resampling: Resampling = .init(), weightInit: Initializer? = nil,
        biasInit: Initializer = .zeros, in scope: ParameterScope
    ) throws {
        (self.inputs, self.outputs, self.kernel) = (inputs, outputs, kernel)
        (up, down, fused) = (resampling.up, resampling.down, resampling.fused)
        if kernel > 0 {
            let standard = Initializer.kaimingNormal(fanIn: inputs * kernel * kernel)
            let weight = try scope.parameter("weight", [outputs, inputs, kernel, kernel], weightInit ?? standard)
            let bias = try scope.parameter("bias", [outputs], biasInit)
            // The first and the last layer, which have few channels and little to do, keep the type of the activations.
            let products = min(inputs, outputs) < 16 ? scope.activations : scope.products
            packed = scope.packs && !fused ? PackedConvolution(weight: weight, bias: bias, dtype: products) : nil
            let isPlain = scope.packs && packed == nil
            self.weight = isPlain ? weight.to(scope.activations).channelsLast() : weight
            self.bias = isPlain ? bias.to(scope.activations) : bias
        } else {
            (weight, bias, packed) = (nil, nil, nil)
        }
        guard up || down else {
            (filter, channelFilter, isBox) = (nil, nil, false)
            return
        }
        let taps = resampling.filter
        isBox = taps.count == 2 && taps[0] == taps[1]
        let sum = taps.reduce(0, +)
        let square = taps.flatMap { a in taps.map { b in Float(a * b / (sum * sum)) } }
        let filter = try scope.buffer(
            "resample_filter", constant: Tensor(square, shape: [1, 1, taps.count, taps.count]))
        self.filter = filter
        let gain = up ? 4.0 : 1.0
        channelFilter = (filter.to(.float32) * gain).to(scope.activations).expanded(
            [inputs, 1, taps.count, taps.count]
        ).contiguous()
    }

    func callAsFunction(_ input: Tensor) -> Tensor {
        var x = input
        let weightPadding = kernel / 2
        let filterPadding = ((filter?.shape[-1] ?? 0) - 1) / 2
        if fused, up, let weight, let channelFilter {
            // Padding as in the reference, which loses border pixels here; no published configuration uses this path.
            x = x.convTranspose2d(channelFilter, stride: 2, padding: weightPadding + filterPadding, groups: inputs)
            return x.conv2d(weight, bias: bias)
        }
        if fused, down, let weight {
            x = x.conv2d(weight, padding: weightPadding + filterPadding)
            return added(bias, to: x.conv2d(depthwise(outputs), stride: 2, groups: outputs))
        }
        x = resampled(x)
        if let packed { return packed(x) }
        if let weight { x = x.conv2d(weight, bias: bias, padding: weightPadding) }
        return x
    }

    /// What the layer does before it convolves.
    func resampled(_ x: Tensor) -> Tensor {
        guard let channelFilter else { return x }
        let padding = (channelFilter.shape[-1] - 1) / 2
        if isBox { return up ? x.repeatedPixels() : x.averagedPixels() }
        return up
            ? x.convTranspose2d(channelFilter, stride: 2, padding: padding, groups: inputs)
            : x.conv2d(channelFilter, stride: 2, padding: padding, groups: inputs)
    }

    private func depthwise(_ channels: Int) -> Tensor {
        let size = filter!.shape[-1]
        return filter!.to(weight!.dtype).expanded([channels, 1, size, size])
    }

    private func added(_ bias: Tensor?, to x: Tensor) -> Tensor {
        bias.map { x + $0.reshaped([1, -1, 1, 1]) } ?? x
    }
}
