import Genera
import RADD

/// A law that depends on all that is known, by a hash: any order of reveals shows in the result.
struct HashConditional: TokenConditional {
    var vocabulary = 7
    /// Told of each query.
    var observe: @Sendable (TokenQuery) -> Void = { _ in }

    func map<Value: Sendable>(
        _ queries: [TokenQuery], _ body: @Sendable (Int, Int, UnsafeBufferPointer<Float>) throws -> Value
    ) throws -> [[Value]] {
        try queries.enumerated().map { number, query in
            observe(query)
            let state = query.tokens.reduce(UInt64(17)) { ($0 &* 0x100_0000_01b3) ^ UInt64($1) }
            return try query.rows.enumerated().map { row, place in
                let logits = (0...vocabulary).map { token -> Float in
                    var z = state &+ UInt64(place * 64 + token) &* 0x9E37_79B9_7F4A_7C15
                    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
                    z ^= z >> 27
                    return Float(z >> 40) * 0x1p-22
                }
                return try logits.withUnsafeBufferPointer { try body(number, row, $0) }
            }
        }
    }

    /// A sampler of texts of `length` tokens.
    func sampler(
        _ sampling: RADDSampling = RADDSampling(), prompts: [Prompt]? = nil, length: Int = 16, window: Int? = nil
    ) throws -> RADDSampler {
        let c = RADDConfiguration(
            tokens: vocabulary, model: .init(width: 2, heads: 1, blocks: 1, length: window ?? length, dropout: 0))
        return try RADDSampler(self, c, sampling, prompts: prompts ?? [Prompt(length: length)])
    }
}

extension RADDSampler {
    /// The texts of some indices, as the program draws them.
    func tokens(_ indices: [Int], seed: UInt64 = 5, workers: Int = 1) throws -> [[Int32]] {
        try SamplingDriver().run(self, SamplingRequest(indices: indices, seed: seed, workers: workers)).samples
            .map { $0.tokens.compactMap(\.number) }
    }
}
