import Tensors

/// Turns the two halves of a vector against each other by angles that grow with its position (Su et al., 2021), so that products of two
/// such vectors depend on the difference of their positions. Shapes stay: `[..., tokens, width]`.
///
/// With f_j = base^(-2j / width), j < width / 2, and the angles a_j = p f_j of position p, the halves (u, v) become
/// (u cos a - v sin a, v cos a + u sin a). Key `inv_freq` `[width / 2]`, a buffer, for those that keep it in files.
public struct RotaryEmbedding: Sendable {
    /// f, `[width / 2]`, float32.
    public let frequencies: Tensor

    /// The frequencies of vectors of an even `width`. There is nothing in files.
    public init(_ width: Int, base: Double = 10_000) {
        // In float32, as models were trained.
        let exponents = Tensor.arange(0, Double(width), device: .cpu).reshaped([width / 2, 2]).selected(axis: 1, 0)
        frequencies = 1 / Operator.powScalar([.double(base), .tensor(exponents / Double(width))])
    }

    /// The same, kept in files as the buffer `inv_freq` of `scope`.
    ///
    /// - Throws: what the scope throws.
    public init(_ width: Int, base: Double = 10_000, in scope: ParameterScope) throws {
        frequencies = try scope.buffer("inv_freq", constant: RotaryEmbedding(width, base: base).frequencies)
    }

    /// Turns vectors `[..., tokens, width]` at the positions 0, 1, 2, ...
    public func callAsFunction(_ x: Tensor) -> Tensor {
        self(x, positions: .arange(0, Double(x.shape[-2]), device: x.device))
    }

    /// Turns vectors `[..., tokens, width]` at positions of their own, `[tokens]` or what fits `[..., tokens]` by broadcasting. They
    /// need not be whole.
    public func callAsFunction(_ x: Tensor, positions: Tensor) -> Tensor {
        let angles = positions.to(.float32).unsqueezed(-1) * frequencies.to(.float32).to(x.device)
        let (c, s) = (angles.cos().to(x.dtype), angles.sin().to(x.dtype))
        let halves = x.chunked(2, axis: -1)
        return .concatenated([halves[0] * c - halves[1] * s, halves[1] * c + halves[0] * s], axis: -1)
    }
}
