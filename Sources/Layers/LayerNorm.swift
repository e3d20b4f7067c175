import Tensors

/// Normalises the last axes of each sample to mean 0 and (biased) variance 1, then scales and shifts (Ba et al., 2016).
///
/// y = (x - mean) / sqrt(variance + epsilon) · weight + bias, the mean over the last axes together. Shapes stay. Keys `weight`, `bias`
/// of the shape of those axes, each only where the layer has it.
public final class LayerNorm: Sendable {
    /// The sizes of the last axes, or nil without a scale.
    public let weight: Tensor?
    /// The sizes of the last axes, or nil without a shift.
    public let bias: Tensor?
    /// The axes that are normalised, the last ones of the input.
    public let sizes: [Int]
    /// Added to the variance.
    public let epsilon: Double

    /// Normalises the last axis, of `width` elements.
    ///
    /// - Parameters:
    ///   - isAffine: whether there is a scale.
    ///   - bias: whether there is a shift beside the scale.
    /// - Throws: what the scope throws.
    public convenience init(
        _ width: Int, epsilon: Double = 1e-5, isAffine: Bool = true, bias: Bool = true, biasInit: Initializer = .zeros,
        in scope: ParameterScope
    ) throws {
        try self.init(over: [width], epsilon: epsilon, isAffine: isAffine, bias: bias, biasInit: biasInit, in: scope)
    }

    /// Normalises the last axes together; `sizes` are theirs.
    ///
    /// - Throws: what the scope throws.
    public init(
        over sizes: [Int], epsilon: Double = 1e-5, isAffine: Bool = true, bias: Bool = true,
        biasInit: Initializer = .zeros, in scope: ParameterScope
    ) throws {
        (self.sizes, self.epsilon) = (sizes, epsilon)
        weight = isAffine ? try scope.parameter("weight", sizes, .ones) : nil
        self.bias = isAffine && bias ? try scope.parameter("bias", sizes, biasInit) : nil
    }

    /// Applies the layer.
    public func callAsFunction(_ x: Tensor) -> Tensor {
        ops.layerNorm([.tensor(x), .ints(sizes), .optional(weight), .optional(bias), .double(epsilon), .bool(false)])
    }
}
