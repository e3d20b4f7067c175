import Genera

/// What a sampler asks of a network about one sequence.
package struct TokenQuery: Sendable {
    /// The whole sequence; what is not known is the mask, token V.
    package var tokens: [Int32]
    /// The places that are asked about, ascending.
    package var rows: [Int]
    /// The places that are worked out anew, ascending and with all of `rows` among them; at the others keys and values come from
    /// `cache`. Nil: all places.
    package var active: [Int]?
    /// Keys and values of an earlier look at the sequence, which are an approximation as soon as a token has changed. What is worked
    /// out is written into it. Nil: nothing is kept.
    package var cache: KeyValueCache?
    /// The total noise at which the text is, for networks that are told it; those of RADD are not.
    package var sigma = 0.0

    package init(_ tokens: [Int32], rows: [Int], active: [Int]? = nil, cache: KeyValueCache? = nil) {
        (self.tokens, self.rows, self.active, self.cache) = (tokens, rows, active, cache)
    }
}

/// Keys and values of every block at every place of one sequence. Networks define what is in it.
package final class KeyValueCache: @unchecked Sendable {
    /// Bytes, in the network's own layout; empty before the first look. One query at a time may use a cache.
    package var bytes: [UInt8] = []

    package init() {}
}

/// A law of each masked token given those that are there: p(x_i | x^UM), without time.
package protocol TokenConditional: Sendable {
    /// Real tokens, V; the mask is token V.
    var vocabulary: Int { get }

    /// Whether queries may name active places and a cache; those that cannot look at whole sequences alone.
    var keepsCaches: Bool { get }

    /// Calls `body` once for each row of each query, concurrently and in no order, with the V + 1 logits of that place (the last,
    /// the mask's, means nothing), and gives back what it returned, in the order of queries and rows.
    ///
    /// The logits of a row are the same bits whatever other rows and queries are asked about with it.
    ///
    /// - Throws: what `body` throws; `GeneraError.badData` for tokens that the network does not know.
    func map<Value: Sendable>(
        _ queries: [TokenQuery],
        _ body: @Sendable (_ query: Int, _ row: Int, UnsafeBufferPointer<Float>) throws -> Value
    ) throws -> [[Value]]
}

extension TokenConditional {
    package var keepsCaches: Bool { false }
}
