import Tensors

/// Normalises each of `groups` groups of channels to mean 0 and (biased) variance 1, then scales and shifts channels
/// (Wu and He, 2018). Shapes: `[N, C, ...] -> [N, C, ...]`. Keys `weight` `[C]`, `bias` `[C]`.
public final class GroupNorm: Sendable {
    /// `[C]`.
    public let weight: Tensor
    /// `[C]`.
    public let bias: Tensor
    /// The number of groups.
    public let groups: Int
    /// Added to the variance.
    public let epsilon: Double

    /// Takes the layer's parameters from `scope`. `groups` must divide `channels`.
    ///
    /// - Throws: what the scope throws.
    public init(_ channels: Int, groups: Int, epsilon: Double = 1e-5, in scope: ParameterScope) throws {
        self.groups = groups
        self.epsilon = epsilon
        weight = try scope.parameter("weight", [channels], .ones)
        bias = try scope.parameter("bias", [channels], .zeros)
    }

    /// Applies the layer.
    public func callAsFunction(_ x: Tensor) -> Tensor {
        x.groupNorm(groups: groups, weight: weight, bias: bias, epsilon: epsilon)
    }
}
