import Tensors

/// Operators of LibTorch that layers call by name; all of them stand in `Operator.required`.
enum ops {
    static let gelu = Operator("gelu")
    static let elu = Operator("elu")
    static let leakyRelu = Operator("leaky_relu")
    static let softplus = Operator("softplus")
    static let conv1d = Operator("conv1d")
    static let convTranspose1d = Operator("conv_transpose1d")
    static let layerNorm = Operator("layer_norm")
    static let batchNorm = Operator("batch_norm")
    static let embedding = Operator("embedding")
    static let attention = Operator("scaled_dot_product_attention")
    static let any = Operator("any", "dim")
    static let or = Operator("logical_or")
    static let not = Operator("logical_not")
    static let maxPool1d = Operator("max_pool1d")
    static let maxPool2d = Operator("max_pool2d")
}

extension Operator.Argument {
    /// A tensor, or no value.
    static func optional(_ tensor: Tensor?) -> Operator.Argument { tensor.map { .tensor($0) } ?? .none }
}
