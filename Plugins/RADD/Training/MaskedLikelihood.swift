import Genera

/// -log p of some tokens, with the head of the network in it, in pieces: the table of all logits is never there.
package enum MaskedLikelihood {
    /// Numbers of the table of logits that are there at a time.
    package static let largestPiece = 1 << 24

    /// The negative log-likelihood of each target among the real tokens: [K].
    ///
    /// What the pieces' logits were is worked out again on the way back, so that only `rows` are kept.
    ///
    /// - Parameters:
    ///   - rows: the network's last numbers at the masked places, [K, d].
    ///   - head: from them to the classes, of which the first `tokens` are real.
    ///   - targets: what stood there, K numbers below `tokens`.
    ///   - products: in which numbers rows meet the head; sums are in float32.
    static func losses(
        _ rows: Tensor, head: Linear, tokens: Int, targets: [Int64], products: DType = .float32,
        largestPiece: Int = MaskedLikelihood.largestPiece
    ) throws -> Tensor {
        guard let bias = head.bias else { throw GeneraError.software("The head has no bias.") }
        let (weight, count) = (head.weight, targets.count)
        let step = max(largestPiece / (tokens + 1), 1)
        let pieces = stride(from: 0, to: count, by: step).map { $0..<min($0 + step, count) }
        @Sendable func logits(_ piece: Range<Int>) -> Tensor {
            rows.detached().narrowed(axis: 0, piece).to(products).linear(weight.detached().to(products)).to(.float32)
                .narrowed(axis: 1, 0..<tokens) + bias.detached().narrowed(axis: 0, 0..<tokens)
        }
        @Sendable func places(_ piece: Range<Int>) -> Tensor {
            Tensor(Array(targets[piece]), shape: [piece.count, 1], device: rows.device)
        }
        let losses = try withoutGradients {
            try pieces.map { piece in
                let all = logits(piece)
                let own = Operator("gather")([.tensor(all), .int(1), .tensor(places(piece)), .bool(false)])
                return try (all.logSumExp(axes: [1], keeping: true) - own).reshaped([piece.count]).checked()
            }
        }
        let output = losses.count == 1 ? losses[0] : Tensor.concatenated(losses)
        return .function(of: [rows, weight, bias], output: output, name: "masked likelihood") { gradients in
            withoutGradients {
                let given = gradients[0]
                var (byRows, byWeight, byBias): ([Tensor], Tensor?, Tensor?) = ([], nil, nil)
                for piece in pieces {
                    let scale = given.narrowed(axis: 0, piece).unsqueezed(1)
                    let slope = Operator("scatter_add")([
                        .tensor(logits(piece).softmax() * scale), .int(1), .tensor(places(piece)), .tensor(-scale),
                    ])
                    let narrow = slope.to(products)
                    let real = weight.detached().narrowed(axis: 0, 0..<tokens).to(products)
                    byRows.append(narrow.matmul(real).to(rows.dtype))
                    let part = narrow.transposed(0, 1)
                        .matmul(rows.detached().narrowed(axis: 0, piece).to(products)).to(weight.dtype)
                    byWeight = byWeight.map { $0 + part } ?? part
                    byBias = byBias.map { $0 + slope.sum(axes: [0]) } ?? slope.sum(axes: [0])
                }
                guard let byWeight, let byBias else { return [nil, nil, nil] }
                // The mask's row of the head touches no loss.
                let none = Tensor.zeros([1, weight.shape[1]], dtype: weight.dtype, device: weight.device)
                return [
                    byRows.count == 1 ? byRows[0] : .concatenated(byRows),
                    .concatenated([byWeight, none]),
                    .concatenated([byBias, .zeros([1], dtype: bias.dtype, device: bias.device)]),
                ]
            }
        }
    }
}
