import Tensors

/// y = x Wᵀ + b. Shapes: `[..., in] -> [..., out]`. Keys `weight` `[out, in]`, `bias` `[out]`.
public final class Linear: Sendable {
    /// `[out, in]`.
    public let weight: Tensor
    /// `[out]`, or nil.
    public let bias: Tensor?

    /// Takes the layer's parameters from `scope`. Laws left out are `Initializer.standard`.
    ///
    /// - Throws: what the scope throws.
    public init(
        _ inputs: Int, _ outputs: Int, bias: Bool = true, weightInit: Initializer? = nil, biasInit: Initializer? = nil,
        in scope: ParameterScope
    ) throws {
        let law = Initializer.standard(fanIn: inputs)
        weight = try scope.parameter("weight", [outputs, inputs], weightInit ?? law)
        self.bias = bias ? try scope.parameter("bias", [outputs], biasInit ?? law) : nil
    }

    /// Applies the layer.
    public func callAsFunction(_ x: Tensor) -> Tensor { x.linear(weight, bias: bias) }
}
