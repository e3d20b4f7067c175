import Genera

/// The network of the paper in plain tensors, for training and to compare with: a transformer in both directions without time, whose
/// parameters have the names of the authors' checkpoints.
package final class AbsorbingTransformer: Sendable {
    /// What it is.
    package let configuration: RADDConfiguration
    private let embedding: Embedding
    private let rotary: RotaryEmbedding
    private let blocks: [Block]
    private let norm: LayerNorm
    /// From a token's numbers to its classes.
    package let head: Linear

    /// Attention and MLP, each on the normalised sum of all before.
    private struct Block {
        let norm1: LayerNorm
        let attention: MultiHeadAttention
        let norm2: LayerNorm
        let mlp: MLP

        init(_ c: RADDConfiguration.Network, biasInit: Initializer, in scope: ParameterScope) throws {
            norm1 = try LayerNorm(c.width, biasInit: biasInit, in: scope["norm1"])
            attention = try MultiHeadAttention(
                c.width, heads: c.heads, bias: false, keys: .linears(input: "attn_qkv", output: "attn_out"), in: scope)
            norm2 = try LayerNorm(c.width, biasInit: biasInit, in: scope["norm2"])
            mlp = try MLP([c.width, 4 * c.width, c.width], .geluTanh, in: scope["mlp"])
        }
    }

    /// Builds the network, drawing or loading its parameters.
    ///
    /// - Parameter normBias: what biases of norms begin with. The authors' code begins with 1.
    /// - Throws: what the scope throws for parameters that do not fit.
    package init(_ c: RADDConfiguration, normBias: Initializer = .ones, in scope: ParameterScope) throws {
        configuration = c
        let width = c.model.width
        let bound = 1 / Double(width).squareRoot()
        embedding = try Embedding(
            c.classes, width, weightInit: .uniform(bound: bound), key: "embedding", in: scope["vocab_embed"])
        rotary = try RotaryEmbedding(width / c.model.heads, in: scope["rotary_emb"])
        blocks = try (0..<c.model.blocks).map {
            try Block(c.model, biasInit: normBias, in: scope["blocks"]["\($0)"])
        }
        norm = try LayerNorm(width, biasInit: normBias, in: scope["output_layer"]["norm_final"])
        head = try Linear(
            width, c.classes, weightInit: .zeros, biasInit: .zeros, in: scope["output_layer"]["linear"])
    }

    /// The normalised numbers of each token before the head: tokens [B, L] -> [B, L, d].
    ///
    /// - Parameters:
    ///   - dropout: the masks of a training step; nil leaves nothing out.
    ///   - observe: is told each stage by its name, such as `block0.norm1`.
    package func hidden(
        _ tokens: Tensor, dropout: Dropout? = nil, observe: ((String, Tensor) -> Void)? = nil
    ) -> Tensor {
        let c = configuration.model
        let mask = c.isCausal == true ? Self.causalMask(tokens.shape[1]).to(tokens.device) : nil
        func thinned(_ x: Tensor) -> Tensor { dropout.map { $0(x, probability: c.dropout) } ?? x }
        var x = embedding(tokens)
        for (number, block) in blocks.enumerated() {
            let y = block.norm1(x)
            let mixed = block.attention(y, mask: mask, rotary: rotary)
            if let observe {
                observe("block\(number).norm1", y)
                observe("block\(number).attn_qkv", y.linear(block.attention.inputWeight))
                observe("block\(number).attn_out", mixed)
            }
            x += thinned(mixed)
            x += thinned(block.mlp(block.norm2(x)))
            observe?("block\(number)", x)
        }
        return norm(x)
    }

    /// Logits of all classes, the mask's last: tokens [B, L] -> [B, L, V + 1].
    package func logits(_ tokens: Tensor) -> Tensor { head(hidden(tokens)) }

    /// log p(x_i = v | x^UM) for the real tokens, and the mask's raw logit behind them: tokens [B, L] -> [B, L, V + 1].
    package func logCondition(_ tokens: Tensor) -> Tensor {
        let (all, V) = (logits(tokens).to(.float32), configuration.tokens)
        let real = all.narrowed(axis: -1, 0..<V)
        return .concatenated(
            [real - real.logSumExp(axes: [-1], keeping: true), all.narrowed(axis: -1, V..<V + 1)], axis: -1)
    }

    /// Which token may look at which, [L, L].
    private static func causalMask(_ length: Int) -> Tensor {
        let places = Tensor.arange(0, Double(length))
        return (places.reshaped([1, length]) - places.reshaped([length, 1])).isLess(than: 0.5)
    }
}

/// The network in plain tensors as what samplers ask.
package struct TensorConditional: TokenConditional {
    let network: AbsorbingTransformer

    package init(_ network: AbsorbingTransformer) { self.network = network }

    package var vocabulary: Int { network.configuration.tokens }

    /// One query at a time: rows do not touch each other, and sequences may differ in length.
    package func map<Value: Sendable>(
        _ queries: [TokenQuery], _ body: @Sendable (Int, Int, UnsafeBufferPointer<Float>) throws -> Value
    ) throws -> [[Value]] {
        try inferenceMode {
            try queries.enumerated().map { number, query in
                guard !query.rows.isEmpty else { return [] }
                let tokens = Tensor(query.tokens.map(Int64.init), shape: [1, query.tokens.count])
                let rows = network.hidden(tokens).selected(axis: 0, 0).gathered(rows: query.rows)
                let logits = network.head(rows).to(.float32).contiguous()
                let classes = network.configuration.classes
                return try logits.withElements(of: Float.self) { values in
                    try query.rows.indices.map { row in
                        try body(
                            number, row,
                            UnsafeBufferPointer(rebasing: values[row * classes..<(row + 1) * classes]))
                    }
                }
            }
        }
    }
}
