import Genera

/// The exact likelihood of texts that are revealed one token at a time in an order: L looks of the network each.
package enum OrderedLikelihood {
    /// -sum_i log p(x_{o_i} | x_{o_0}, ..., x_{o_{i-1}}) in nats, for each text.
    ///
    /// - Parameters:
    ///   - orders: of the places of each text, each place once.
    ///   - after: is told after some looks how many they were; what it throws ends the work.
    package static func losses(
        _ conditional: any TokenConditional, _ sequences: [[Int32]], orders: [[Int]],
        after: (Int) throws -> Void = { _ in }
    ) throws -> [Double] {
        let mask = Int32(conditional.vocabulary)
        return try zip(sequences, orders).map { sequence, order in
            var tokens = sequence.map { _ in mask }
            var sum = 0.0
            // Some looks together, so that the table of texts stays small.
            for start in stride(from: 0, to: order.count, by: 16) {
                let part = Array(order[start..<min(start + 16, order.count)])
                let queries = part.map { place in
                    defer { tokens[place] = sequence[place] }
                    return TokenQuery(tokens, rows: [place])
                }
                let losses = try conditional.map(queries) { query, _, logits in
                    let real = UnsafeBufferPointer(rebasing: logits[..<(logits.count - 1)])
                    return try -CategoricalDraw.logProbability(of: sequence[part[query]], in: real)
                }
                sum += losses.reduce(0) { $0 + $1.reduce(0, +) }
                try after(part.count)
            }
            return sum
        }
    }
}
