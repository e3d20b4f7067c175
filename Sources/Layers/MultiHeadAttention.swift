import Tensors

/// Attention of several heads (Vaswani et al., 2017) of a set to itself or to another: `[..., tokens, width] -> [..., tokens, width]`.
///
///     Q, K, V = x W_q + b_q, y W_k + b_k, y W_v + b_v, cut into heads of width c = width / heads;  y is x unless given
///     output  = [softmax(Q_h K_hᵀ / sqrt(c)) V_h for each head h] W_o + b_o
///
/// Nothing in it knows the order of tokens, unless a rotary embedding is given: tokens in another order come out in that order.
///
/// Keys are those of PyTorch's module: `in_proj_weight` `[3·width, width]` (rows of queries, keys, values), `in_proj_bias`,
/// `out_proj.weight` `[width, width]`, `out_proj.bias`; or those of two linear layers.
public final class MultiHeadAttention: Sendable {
    /// How the parameters are named.
    public enum Keys: Sendable {
        /// `in_proj_weight`, `in_proj_bias`, `out_proj.weight`, `out_proj.bias`.
        case torch
        /// Linear layers of these names, one for queries, keys and values together, and one for the output.
        case linears(input: String, output: String)
    }

    /// The number of heads.
    public let heads: Int
    /// Of queries, keys and values: `[3·width, width]`.
    public let inputWeight: Tensor
    /// `[3·width]`, or nil.
    public let inputBias: Tensor?
    /// The map of the heads' results.
    public let output: Linear

    /// Takes the parameters from `scope`. `heads` must divide `width`.
    ///
    /// Drawn as PyTorch draws them: Glorot's uniform law over the `[3·width, width]` as one map, `Initializer.standard` for the output's
    /// weight, zero biases; under the names of linear layers, `Initializer.standard` for all.
    ///
    /// - Throws: what the scope throws.
    public init(
        _ width: Int, heads: Int, bias: Bool = true, keys: Keys = .torch, in scope: ParameterScope
    ) throws {
        self.heads = heads
        let rows = 3 * width
        switch keys {
        case .torch:
            let law = Initializer.xavierUniform(fanIn: width, fanOut: rows)
            inputWeight = try scope.parameter("in_proj_weight", [rows, width], law)
            inputBias = bias ? try scope.parameter("in_proj_bias", [rows], .zeros) : nil
            output = try Linear(width, width, bias: bias, biasInit: .zeros, in: scope["out_proj"])
        case let .linears(input, output):
            let first = try Linear(width, rows, bias: bias, in: scope[input])
            (inputWeight, inputBias) = (first.weight, first.bias)
            self.output = try Linear(width, width, bias: bias, in: scope[output])
        }
    }

    /// Attends.
    ///
    /// - Parameters:
    ///   - x: `[..., tokens, width]`, what asks.
    ///   - context: `[..., others, width]`, what answers; `x` itself if nil.
    ///   - mask: which token may look at which, truth values that fit `[..., heads, tokens, others]` by broadcasting. A token that may
    ///     look at none gets zeros from its heads.
    ///   - rotary: turns queries and keys by their positions.
    public func callAsFunction(
        _ x: Tensor, context: Tensor? = nil, mask: Tensor? = nil, rotary: RotaryEmbedding? = nil
    ) -> Tensor {
        var (q, k, v) = projected(x, context)
        if let rotary { (q, k) = (rotary(q), rotary(k)) }
        return output(Self.joined(.attention(q, k, v, mask: mask)))
    }

    /// Queries of `x`, keys and values of the context (or of `x`), each `[..., heads, tokens, width / heads]`.
    public func projected(_ x: Tensor, _ context: Tensor? = nil) -> (q: Tensor, k: Tensor, v: Tensor) {
        let width = inputWeight.shape[1]
        guard let context else {
            let parts = x.linear(inputWeight, bias: inputBias).chunked(3, axis: -1).map { Self.split($0, heads) }
            return (parts[0], parts[1], parts[2])
        }
        func part(_ t: Tensor, _ rows: Range<Int>) -> Tensor {
            t.linear(inputWeight.narrowed(axis: 0, rows), bias: inputBias?.narrowed(axis: 0, rows))
        }
        let pair = part(context, width..<3 * width).chunked(2, axis: -1).map { Self.split($0, heads) }
        return (Self.split(part(x, 0..<width), heads), pair[0], pair[1])
    }

    /// `[..., tokens, width] -> [..., heads, tokens, width / heads]`.
    static func split(_ x: Tensor, _ heads: Int) -> Tensor {
        let shape = x.shape.sizes
        guard let width = shape.last else { return x }
        return x.reshaped(shape.dropLast() + [heads, width / heads]).transposed(-3, -2)
    }

    /// `[..., heads, tokens, c] -> [..., tokens, heads·c]`.
    static func joined(_ x: Tensor) -> Tensor {
        let swapped = x.transposed(-3, -2)
        let shape = swapped.shape
        return swapped.reshaped(shape.dropLast(2) + [shape[-2] * shape[-1]])
    }
}

extension Tensor {
    /// softmax(q kᵀ / sqrt(c)) v over the pairs that `mask` allows, for q `[..., tokens, c]`, k and v `[..., others, c]`.
    ///
    /// - Parameter mask: truth values that fit `[..., tokens, others]` by broadcasting; a row of none gives zeros. Nil allows all.
    public static func attention(_ q: Tensor, _ k: Tensor, _ v: Tensor, mask: Tensor?) -> Tensor {
        guard let mask else { return attention(q, k, v) }
        // A row without any pair would be 0/0, here and in the derivatives: it looks at all, and its result is dropped.
        let some = ops.any([.tensor(mask), .int(-1), .bool(true)])
        let open = ops.or([.tensor(mask), .tensor(ops.not([.tensor(some)]))])
        let mixed: Tensor
        if ops.attention.exists {
            mixed = ops.attention([.tensor(q), .tensor(k), .tensor(v), .tensor(open)])
        } else {
            let logits = q.matmul(k.transposed()) / Double(q.shape[-1]).squareRoot()
            let closed = Tensor.full([], -.infinity, dtype: logits.dtype, device: logits.device)
            mixed = closed.replaced(where: open, with: logits).softmax().matmul(v)
        }
        return mixed * some.to(mixed.dtype)
    }
}
