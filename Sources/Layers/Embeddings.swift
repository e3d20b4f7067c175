import Tensors

/// Sines and cosines of geometrically spaced frequencies (Vaswani et al., 2017): `[N] -> [N, channels]`.
///
/// With h = channels / 2 and f_i = longest^(-i / h), or longest^(-i / (h - 1)) with an `endpoint`, the row of x is
/// [cos(x f_0), ..., cos(x f_{h-1}), sin(x f_0), ...], or the sines first.
public struct PositionalEmbedding: Sendable {
    /// The width of the result.
    public let channels: Int
    /// The longest wavelength divided by 2π.
    public let longest: Double
    /// Whether the last frequency is exactly `1 / longest`.
    public let endpoint: Bool
    /// Whether the sines come before the cosines.
    public let sinesFirst: Bool

    /// Describes an embedding; it has no parameters.
    public init(_ channels: Int, longest: Double = 10_000, endpoint: Bool = false, sinesFirst: Bool = false) {
        (self.channels, self.longest, self.endpoint, self.sinesFirst) = (channels, longest, endpoint, sinesFirst)
    }

    /// Embeds each number of `x`.
    public func callAsFunction(_ x: Tensor) -> Tensor {
        let half = channels / 2
        // float32 arithmetic as in the reference, whose frequencies are `(1 / longest) ** (arange / divisor)`.
        let steps = Tensor.arange(0, Double(half), device: x.device) / Double(half - (endpoint ? 1 : 0))
        let frequencies = Operator.powScalar([.double(1 / longest), .tensor(steps)])
        let angles = x.to(.float32).unsqueezed(1) * frequencies.unsqueezed(0)
        return .concatenated(sinesFirst ? [angles.sin(), angles.cos()] : [angles.cos(), angles.sin()], axis: 1)
    }
}

/// Cosines and sines of random frequencies (Tancik et al., 2020): `[N] -> [N, channels]`. Key `freqs` `[channels / 2]`.
public final class FourierEmbedding: Sendable {
    /// The frequencies, already scaled.
    public let frequencies: Tensor

    /// Takes the frequencies from `scope`, or draws them with deviation `scale`.
    ///
    /// - Throws: what the scope throws.
    public init(_ channels: Int, scale: Double = 16, in scope: ParameterScope) throws {
        frequencies = try scope.buffer("freqs", [channels / 2], .normal(deviation: scale))
    }

    /// Embeds each number of `x`.
    public func callAsFunction(_ x: Tensor) -> Tensor {
        let angles = x.to(.float32).unsqueezed(1) * (frequencies.to(.float32) * (2 * Double.pi)).unsqueezed(0)
        return .concatenated([angles.cos(), angles.sin()], axis: 1)
    }
}
