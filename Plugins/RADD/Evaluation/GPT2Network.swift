import Genera

/// GPT-2 (Radford et al., 2019) in plain tensors: a transformer from left to right with learned positions, whose head is the table of
/// its tokens.
package struct GPT2Network: Sendable {
    /// The sizes of a network.
    package struct Geometry: Sendable, Equatable {
        /// Tokens, V.
        package var tokens: Int
        /// The longest sequence, P.
        package var positions: Int
        /// Width of a token, d.
        package var width: Int
        /// Blocks.
        package var blocks: Int
        /// Heads of attention.
        package var heads: Int
    }

    /// Its sizes.
    package let geometry: Geometry
    private let tokenTable: Tensor
    private let positionTable: Tensor
    private let blocks: [Block]
    private let norm: LayerNorm
    private let device: Device

    /// A linear map whose weight is kept as [inputs, outputs].
    private struct Map {
        let weight: Tensor
        let bias: Tensor

        init(_ inputs: Int, _ outputs: Int, in scope: ParameterScope) throws {
            weight = try scope.parameter("weight", [inputs, outputs])
            bias = try scope.parameter("bias", [outputs])
        }

        func callAsFunction(_ x: Tensor) -> Tensor { x.matmul(weight) + bias }
    }

    private struct Block {
        let norm1: LayerNorm
        let attention: Map
        let mixing: Map
        let norm2: LayerNorm
        let inner: Map
        let outer: Map
        let heads: Int

        init(_ width: Int, heads: Int, in scope: ParameterScope) throws {
            self.heads = heads
            norm1 = try LayerNorm(width, in: scope["ln_1"])
            attention = try Map(width, 3 * width, in: scope["attn"]["c_attn"])
            mixing = try Map(width, width, in: scope["attn"]["c_proj"])
            norm2 = try LayerNorm(width, in: scope["ln_2"])
            inner = try Map(width, 4 * width, in: scope["mlp"]["c_fc"])
            outer = try Map(4 * width, width, in: scope["mlp"]["c_proj"])
        }

        /// [B, L, d] -> [B, L, d]; `mask` [L, L] says which token sees which.
        func callAsFunction(_ x: Tensor, mask: Tensor) -> Tensor {
            let sizes = x.shape.sizes
            let parts = attention(norm1(x)).chunked(3, axis: -1).map {
                $0.reshaped([sizes[0], sizes[1], heads, sizes[2] / heads]).transposed(1, 2)
            }
            let mixed = Tensor.attention(parts[0], parts[1], parts[2], mask: mask).transposed(1, 2).reshaped(sizes)
            let y = x + mixing(mixed)
            return y + outer(Activation.geluTanh(inner(norm2(y))))
        }
    }

    /// Builds the network over parameters named as in its files, without `transformer.`.
    ///
    /// - Throws: what the scope throws.
    init(_ geometry: Geometry, device: Device = .cpu, in scope: ParameterScope) throws {
        (self.geometry, self.device) = (geometry, device)
        tokenTable = try scope["wte"].parameter("weight", [geometry.tokens, geometry.width])
        positionTable = try scope["wpe"].parameter("weight", [geometry.positions, geometry.width])
        blocks = try (0..<geometry.blocks).map {
            try Block(geometry.width, heads: geometry.heads, in: scope["h"]["\($0)"])
        }
        norm = try LayerNorm(geometry.width, in: scope["ln_f"])
    }

    /// The numbers of each token before the head: B sequences of one length L, at most P -> [B, L, d].
    func hidden(_ sequences: [[Int32]]) -> Tensor {
        let length = sequences.first?.count ?? 0
        var x = tokenTable.gathered(rows: sequences.flatMap { $0.map(Int.init) })
            .reshaped([sequences.count, length, geometry.width])
        x = x + positionTable.narrowed(axis: 0, 0..<length)
        let places = Tensor.arange(0, Double(length))
        let mask = (places.reshaped([1, length]) - places.reshaped([length, 1])).isLess(than: 0.5).to(device)
        for block in blocks { x = block(x, mask: mask) }
        return norm(x)
    }

    /// Logits of the next token behind each: [B, L] -> [B, L, V], all at once.
    package func logits(_ sequences: [[Int32]]) -> Tensor { hidden(sequences).linear(tokenTable) }

    /// -log p of each token but the first given those before it: B sequences of one length L -> B rows of L - 1.
    ///
    /// - Parameter largest: numbers of logits that are there at a time.
    package func likelihoods(_ sequences: [[Int32]], largest: Int = 1 << 25) throws -> [[Double]] {
        let length = sequences.first?.count ?? 0
        guard length > 1 else { return sequences.map { _ in [] } }
        let rows = hidden(sequences).narrowed(axis: 1, 0..<length - 1).reshaped([-1, geometry.width])
        let next = sequences.flatMap { $0.dropFirst().map(Int64.init) }
        let step = max(1, largest / geometry.tokens)
        var values: [Float] = []
        for start in stride(from: 0, to: next.count, by: step) {
            let end = min(start + step, next.count)
            let logits = rows.narrowed(axis: 0, start..<end).linear(tokenTable).to(.float32)
            let targets = Tensor(Array(next[start..<end]), shape: [end - start, 1]).to(device)
            let own = Operator("gather")([.tensor(logits), .int(1), .tensor(targets), .bool(false)])
            let losses = logits.logSumExp(axes: [1]) - own.reshaped([end - start])
            values += try losses.to(.cpu).array(of: Float.self)
        }
        return sequences.indices.map { values[$0 * (length - 1)..<($0 + 1) * (length - 1)].map(Double.init) }
    }
}
