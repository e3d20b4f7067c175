import Tensors

/// A function applied to each element between the layers of a network. Shapes stay.
public enum Activation: Sendable, Hashable {
    /// x · sigmoid(x) (Elfwing et al., 2018).
    case silu
    /// x · Phi(x) with the normal distribution function Phi (Hendrycks and Gimpel, 2016).
    case gelu
    /// x/2 · (1 + tanh(sqrt(2/pi) (x + 0.044715 x³))), which `gelu` is often replaced by.
    case geluTanh
    /// max(x, 0).
    case relu
    /// x above 0, alpha (exp(x) - 1) below (Clevert et al., 2016).
    case elu(alpha: Double = 1)
    /// 1.0507… times `elu` with alpha 1.6732…, which keeps mean 0 and variance 1 (Klambauer et al., 2017).
    case selu
    /// x above 0, `slope` · x below.
    case leakyRelu(slope: Double = 0.01)
    /// The hyperbolic tangent.
    case tanh
    /// 1 / (1 + exp(-x)).
    case sigmoid
    /// log(1 + exp(beta x)) / beta; x itself where beta x is above 20.
    case softplus(beta: Double = 1)

    /// Applies the function.
    public func callAsFunction(_ x: Tensor) -> Tensor {
        switch self {
        case .silu: x.silu()
        case .gelu: x.gelu()
        case .geluTanh: ops.gelu([.tensor(x), .string("tanh")])
        case .relu: x.relu()
        case let .elu(alpha): ops.elu([.tensor(x), .double(alpha)])
        case .selu: ops.elu([.tensor(x), .double(Self.seluAlpha), .double(Self.seluScale)])
        case let .leakyRelu(slope): ops.leakyRelu([.tensor(x), .double(slope)])
        case .tanh: x.tanh()
        case .sigmoid: x.sigmoid()
        case let .softplus(beta): ops.softplus([.tensor(x), .double(beta), .double(20)])
        }
    }

    private static let seluAlpha = 1.673263242354377284817042991671
    private static let seluScale = 1.050700987355480493419334985294
}
