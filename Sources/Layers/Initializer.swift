import Tensors

/// How a new parameter's elements are chosen.
public enum Initializer: Sendable {
    /// All zero.
    case zeros
    /// All one.
    case ones
    /// Uniform in ±`bound`.
    case uniform(bound: Double)
    /// Normal with standard deviation `deviation`.
    case normal(deviation: Double)

    /// PyTorch's law for new linear maps and convolutions, weights and biases alike: uniform in ±1 / sqrt(fanIn).
    public static func standard(fanIn: Int) -> Initializer { .uniform(bound: 1 / Double(fanIn).squareRoot()) }

    /// Glorot's uniform law: variance 2 / (fanIn + fanOut), times `gain` squared.
    public static func xavierUniform(fanIn: Int, fanOut: Int, gain: Double = 1) -> Initializer {
        .uniform(bound: gain * (6 / Double(fanIn + fanOut)).squareRoot())
    }

    /// Glorot's normal law: variance 2 / (fanIn + fanOut), times `gain` squared.
    public static func xavierNormal(fanIn: Int, fanOut: Int, gain: Double = 1) -> Initializer {
        .normal(deviation: gain * (2 / Double(fanIn + fanOut)).squareRoot())
    }

    /// He's uniform law without the rectifier's gain: bound sqrt(3 / fanIn), times `gain`.
    public static func kaimingUniform(fanIn: Int, gain: Double = 1) -> Initializer {
        .uniform(bound: gain * (3 / Double(fanIn)).squareRoot())
    }

    /// He's normal law without the rectifier's gain: deviation sqrt(1 / fanIn), times `gain`.
    public static func kaimingNormal(fanIn: Int, gain: Double = 1) -> Initializer {
        .normal(deviation: gain * (1 / Double(fanIn)).squareRoot())
    }

    func fill(_ shape: [Int], draw: ParameterScope.Draw, ordinal: inout Int) throws -> Tensor {
        switch self {
        case .zeros: return Tensor.zeros(shape)
        case .ones: return Tensor.ones(shape)
        case let .uniform(bound):
            defer { ordinal += 1 }
            return try draw(.uniform, shape, ordinal) * bound
        case let .normal(deviation):
            defer { ordinal += 1 }
            return try draw(.normal, shape, ordinal) * deviation
        }
    }
}
