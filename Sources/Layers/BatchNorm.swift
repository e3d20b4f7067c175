import Tensors

/// Normalises each channel over a whole batch, then scales and shifts it (Ioffe and Szegedy, 2015): `[N, C, ...] -> [N, C, ...]`.
///
/// One layer for PyTorch's `BatchNorm1d` (`[N, C]`, `[N, C, L]`) and `BatchNorm2d` (`[N, C, H, W]`). To be asked, it uses the running
/// statistics: y = (x - running mean) / sqrt(running variance + epsilon) · weight + bias. In training it uses the batch's own mean and
/// (biased) variance, and moves the running ones towards them.
///
/// Keys `weight`, `bias`, and as buffers `running_mean`, `running_var`, all `[C]`, and `num_batches_tracked`, a whole number.
public final class BatchNorm: Sendable {
    /// `[C]`.
    public let weight: Tensor
    /// `[C]`.
    public let bias: Tensor
    /// `[C]`.
    public let runningMean: Tensor
    /// `[C]`, with the divisor n - 1.
    public let runningVariance: Tensor
    /// How often the running statistics were moved.
    public let batchCount: Tensor
    /// Added to the variance.
    public let epsilon: Double
    /// How far the running statistics move towards those of a batch.
    public let momentum: Double

    /// Takes the layer's parameters and buffers from `scope`.
    ///
    /// - Throws: what the scope throws.
    public init(_ channels: Int, epsilon: Double = 1e-5, momentum: Double = 0.1, in scope: ParameterScope) throws {
        (self.epsilon, self.momentum) = (epsilon, momentum)
        weight = try scope.parameter("weight", [channels], .ones)
        bias = try scope.parameter("bias", [channels], .zeros)
        runningMean = try scope.buffer("running_mean", [channels], .zeros)
        runningVariance = try scope.buffer("running_var", [channels], .ones)
        batchCount = try scope.buffer("num_batches_tracked", constant: Tensor(0))
    }

    /// Applies the layer with the running statistics. A sample's result depends on nothing else in the batch.
    public func callAsFunction(_ x: Tensor) -> Tensor {
        normalized(x, mean: runningMean.to(x.dtype), variance: runningVariance.to(x.dtype))
    }

    /// Applies the layer with the batch's own statistics, and moves the running ones towards them. The batch must be whole: parts of
    /// it have other statistics, and parts on several threads would move the running ones in an order of chance.
    public func training(_ x: Tensor) -> Tensor {
        do {
            try withoutGradients { try track(x.detached()) }
        } catch let error as TensorError {
            return Tensor(poison: error)
        } catch {
            return Tensor(poison: TensorError(op: "batch_norm", message: "\(error)", file: #fileID, line: #line))
        }
        return normalized(x, mean: nil, variance: nil)
    }

    private func normalized(_ x: Tensor, mean: Tensor?, variance: Tensor?) -> Tensor {
        ops.batchNorm([
            .tensor(x), .tensor(weight.to(x.dtype)), .tensor(bias.to(x.dtype)), .optional(mean), .optional(variance),
            .bool(mean == nil), .double(0), .double(epsilon), .bool(false),
        ])
    }

    /// running += momentum · (batch's - running), the batch's variance with the divisor n - 1.
    private func track(_ x: Tensor) throws {
        let axes = (0..<x.rank).filter { $0 != 1 }
        let count = Double(axes.reduce(1) { $0 * x.shape[$1] })
        let wide = x.to(runningMean.dtype)
        let mean = wide.mean(axes: axes, keeping: true)
        let variance = (wide - mean).squared().sum(axes: axes) / max(1, count - 1)
        try runningMean.copy(from: runningMean * (1 - momentum) + mean.reshaped([-1]) * momentum)
        try runningVariance.copy(from: runningVariance * (1 - momentum) + variance * momentum)
        try batchCount.copy(from: batchCount + 1)
    }
}
