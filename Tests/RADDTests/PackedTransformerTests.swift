import Foundation
import Genera
import RADD
import Testing

@Suite struct PackedTransformerTests {
    /// Widths and heads that fill vectors and that do not, one block and several, both directions and one.
    static let shapes: [RADDConfiguration] = {
        func shape(_ tokens: Int, _ width: Int, _ heads: Int, _ blocks: Int, causal: Bool = false) -> RADDConfiguration
        {
            var model = RADDConfiguration.Network(width: width, heads: heads, blocks: blocks, length: 64)
            model.isCausal = causal
            return RADDConfiguration(tokens: tokens, model: model)
        }
        return [shape(96, 64, 2, 3), shape(32, 36, 2, 2, causal: true), shape(5, 6, 1, 1), shape(40, 80, 1, 2)]
    }()

    private func bits(
        _ network: PackedTransformer, _ queries: [TokenQuery]
    ) throws -> [[[UInt32]]] { try network.map(queries) { _, _, row in row.map(\.bitPattern) } }

    @Test(arguments: shapes) func givesWhatLoopsGive(_ shape: RADDConfiguration) throws {
        let plain = PlainTransformer(shape, seed: 1)
        var random = PlainNumbers(state: 2)
        for length in [1, 7, 33] {
            let tokens = random.tokens(length, shape.tokens)
            let wanted = plain.logits(tokens).logits
            for (precision, tolerance) in [(PackedTransformer.Precision.float32, 2e-5), (.bfloat16, 0.06)] {
                for sparing in 0...3 {
                    let network = try PackedTransformer(
                        shape, weights: plain.weights, precision: precision, workers: 2, sparing: sparing,
                        leastShared: 0)
                    let rows = try network.map([TokenQuery(tokens, rows: Array(0..<length))]) { _, _, row in Array(row)
                    }
                    let scale = wanted.joined().map(abs).max() ?? 1
                    for (row, want) in zip(rows[0], wanted) {
                        #expect(row.count == want.count)
                        for (a, b) in zip(row, want) {
                            #expect(abs(Double(a) - b) < tolerance * scale, "\(network.target)")
                        }
                    }
                }
            }
        }
    }

    @Test(arguments: PackedTransformer.Precision.allCases, 0...3)
    func rowsAreTheSameBitsInAnyCompany(_ precision: PackedTransformer.Precision, _ sparing: Int) throws {
        for shape in Self.shapes.prefix(2) {
            let weights = PlainTransformer(shape, seed: 3).weights
            func network(_ workers: Int) throws -> PackedTransformer {
                try PackedTransformer(
                    shape, weights: weights, precision: precision, workers: workers, sparing: sparing, leastShared: 0)
            }
            var random = PlainNumbers(state: 4)
            let texts = [1, 13, 32, 65, 257].map { random.tokens($0, shape.tokens) }
            let one = try network(1)
            let alone = try texts.map { try bits(one, [TokenQuery($0, rows: Array($0.indices))])[0] }
            for workers in [1, 2, 3] {
                let some = texts.map { text in text.indices.filter { _ in random.uniform() < 0.2 } }
                let asked = try bits(network(workers), zip(texts, some).map { TokenQuery($0, rows: $1) })
                for (text, rows) in some.enumerated() { #expect(asked[text] == rows.map { alone[text][$0] }) }
            }
        }
    }

    @Test func laterQueriesOfManyStayInOrder() throws {
        let shape = Self.shapes[2]
        let network = try PackedTransformer(
            shape, weights: PlainTransformer(shape, seed: 5).weights, workers: 2, leastShared: 0)
        var random = PlainNumbers(state: 6)
        // More places than go through the network at once.
        let texts = (0..<70).map { _ in random.tokens(150, shape.tokens) }
        let asked = try network.map(texts.map { TokenQuery($0, rows: [3, 149]) }) { query, row, logits in
            "\(query) \(row) \(logits[0].bitPattern)"
        }
        let last = try bits(network, [TokenQuery(texts[69], rows: [3, 149])])[0]
        #expect(asked[69] == ["69 0 \(last[0][0])", "69 1 \(last[1][0])"])
        #expect(asked.count == 70)
    }

    @Test(arguments: PackedTransformer.Precision.allCases) func cachesKeepWhatIsNotWorkedOut(
        _ precision: PackedTransformer.Precision
    ) throws {
        for shape in Self.shapes {
            let plain = PlainTransformer(shape, seed: 7)
            let network = try PackedTransformer(
                shape, weights: plain.weights, precision: precision, workers: 2, leastShared: 0)
            var random = PlainNumbers(state: 8)
            for length in [9, 40] {
                var tokens = random.tokens(length, shape.tokens)
                let cache = KeyValueCache()
                let rows = Array(0..<length)
                let exact = try bits(network, [TokenQuery(tokens, rows: rows)])
                #expect(try bits(network, [TokenQuery(tokens, rows: rows, cache: cache)]) == exact)
                let active = [1, 4, length - 1]
                // Nothing has changed: what is kept is exact.
                let kept = try bits(network, [TokenQuery(tokens, rows: [4], active: active, cache: cache)])
                #expect(kept[0] == [exact[0][4]])
                let before = plain.logits(tokens).keys
                for place in active { tokens[place] = Int32(shape.tokens - 1) - tokens[place] % 2 }
                let wanted = plain.logits(tokens, keys: before, active: Set(active)).logits
                let found = try network.map([TokenQuery(tokens, rows: active, active: active, cache: cache)]) {
                    Array($2)
                }
                let scale = wanted.joined().map(abs).max() ?? 1
                for (row, place) in zip(found[0], active) {
                    for (a, b) in zip(row, wanted[place]) {
                        #expect(abs(Double(a) - b) < (precision == .float32 ? 2e-5 : 0.06) * scale)
                    }
                }
            }
        }
    }

    @Test func wrongKeysAreNamedTogether() throws {
        let shape = Self.shapes[0]
        var weights = PlainTransformer(shape, seed: 9).weights
        weights.append((PackedNames.extra, RawTensor([Float](repeating: 1, count: 16), shape: [16])))
        _ = try PackedTransformer(shape, weights: weights)
        weights.removeAll { $0.name == "blocks.1.mlp.2.bias" }
        weights.append(("sigma_map", RawTensor([Float(1)], shape: [1])))
        weights[0].tensor = RawTensor([Float(1)], shape: [1, 1])
        let error = #expect(throws: KeyMismatch.self) { try PackedTransformer(shape, weights: weights) }
        #expect(error?.missing == ["blocks.1.mlp.2.bias"])
        #expect(error?.unexpected == ["sigma_map"])
        #expect(error?.misshaped.map(\.key) == ["vocab_embed.embedding"])
    }

    @Test func queriesThatCannotBeAreRefused() throws {
        let shape = Self.shapes[0]
        let weights = PlainTransformer(shape, seed: 10).weights
        let network = try PackedTransformer(shape, weights: weights)
        func refuse(_ query: TokenQuery, _ words: String) {
            let error = #expect(throws: GeneraError.self) { try network.map([query]) { _, _, row in row[0] } }
            #expect("\(error.map(String.init(describing:)) ?? "")".contains(words))
        }
        refuse(TokenQuery([1, 97], rows: []), "token 97")
        refuse(TokenQuery([1, -1], rows: []), "token -1")
        refuse(TokenQuery([1, 2], rows: [1, 1]), "ascending")
        refuse(TokenQuery([1, 2], rows: [2]), "ascending")
        refuse(TokenQuery([1, 2], rows: [0], active: [0]), "no cache")
        refuse(TokenQuery([1, 2], rows: [0], active: [1], cache: KeyValueCache()), "row 0")
        refuse(TokenQuery([1, 2], rows: [1], active: [1], cache: KeyValueCache()), "empty")
        let cache = KeyValueCache()
        _ = try network.map([TokenQuery([1, 2, 3], rows: [], cache: cache)]) { _, _, row in row[0] }
        refuse(TokenQuery([1, 2], rows: [1], active: [1], cache: cache), "sequence of 3")
        let other = try PackedTransformer(shape, weights: weights)
        #expect(throws: GeneraError.self) {
            try other.map([TokenQuery([1, 2, 3], rows: [1], active: [1], cache: cache)]) { _, _, row in row[0] }
        }
        let twice = [TokenQuery([1], rows: [], cache: cache), TokenQuery([2], rows: [], cache: cache)]
        #expect(throws: GeneraError.self) { try network.map(twice) { _, _, row in row[0] } }
    }

    @Test func nothingAskedIsNothingGiven() throws {
        let network = try PackedTransformer(
            Self.shapes[0], weights: PlainTransformer(Self.shapes[0], seed: 11).weights, workers: 2, leastShared: 0)
        #expect(try network.map([]) { _, _, row in row[0] }.isEmpty)
        let some = try network.map([TokenQuery([], rows: []), TokenQuery([1], rows: [])]) { _, _, row in row[0] }
        #expect(some == [[], []])
    }

    @Test func theFirstRowsErrorIsThrown() throws {
        struct Failure: Error, Equatable { var row: Int }
        let network = try PackedTransformer(
            Self.shapes[0], weights: PlainTransformer(Self.shapes[0], seed: 12).weights, workers: 3, leastShared: 0)
        let query = TokenQuery([Int32](repeating: 3, count: 50), rows: Array(0..<50))
        #expect(throws: Failure(row: 7)) {
            try network.map([query]) { _, row, _ in if row >= 7 { throw Failure(row: row) } }
        }
    }
}
