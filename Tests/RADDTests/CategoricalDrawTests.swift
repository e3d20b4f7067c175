import Foundation
import Genera
import RADD
import Testing

@Suite struct CategoricalDrawTests {
    /// Rows of many lengths; every third has tokens that cannot be drawn.
    private func rows(_ body: ([Float], inout PlainNumbers) throws -> Void) rethrows {
        var random = PlainNumbers(state: 1)
        for count in [1, 2, 7, 8, 31, 512, 513, 1025, 4097] {
            for turn in 0..<12 {
                try body(
                    (0..<count).map { turn % 3 == 0 && $0 % 2 == 1 ? -.infinity : Float(random.uniform() * 24 - 12) },
                    &random)
            }
        }
    }

    @Test func theFirstTokenBeyondTheShareIsDrawn() throws {
        try rows { row, random in
            for (temperature, uniform) in [(1, random.uniform()), (0.7, random.uniform()), (2, 0), (1, 1 - 0x1p-53)] {
                let most = Double(row.max() ?? 0)
                let weights = row.map { exp((Double($0) - most) / temperature) }
                let total = weights.reduce(0, +)
                var (sum, wanted) = (0.0, weights.lastIndex { $0 > 0 })
                for (index, weight) in weights.enumerated() {
                    sum += weight
                    if sum > uniform * total {
                        wanted = index
                        break
                    }
                }
                let token = try row.withUnsafeBufferPointer {
                    try CategoricalDraw.token($0, temperature: temperature, uniform: uniform)
                }
                #expect(Int(token) == wanted)
            }
        }
    }

    @Test func logarithmsAreExact() throws {
        try rows { row, _ in
            let most = Double(row.max() ?? 0)
            let wanted = most + log(row.reduce(0) { $0 + exp(Double($1) - most) })
            let sum = try row.withUnsafeBufferPointer { try CategoricalDraw.logSum($0) }
            let first = try row.withUnsafeBufferPointer { try CategoricalDraw.logProbability(of: 0, in: $0) }
            #expect(abs(sum - wanted) < 1e-10)
            #expect(abs(first - (Double(row[0]) - wanted)) < 1e-10)
        }
    }

    @Test func ofEqualTokensTheLowestIsTheGreatest() throws {
        let row: [Float] = [1, 3, 2, 3, -.infinity] + [Float](repeating: 3, count: 40)
        let greatest = try row.withUnsafeBufferPointer { try CategoricalDraw.argmax($0) }
        let cold = try row.withUnsafeBufferPointer { try CategoricalDraw.token($0, temperature: 0, uniform: 0.9) }
        #expect(greatest == 1)
        #expect(cold == 1)
    }

    @Test(arguments: [[Float.nan, 1], [.infinity, 1], [-.infinity, -.infinity], []]) func whatIsNoLawIsRefused(
        _ row: [Float]
    ) {
        #expect(throws: GeneraError.self) {
            try row.withUnsafeBufferPointer { try CategoricalDraw.token($0, uniform: 0.5) }
        }
        #expect(throws: GeneraError.self) {
            try row.withUnsafeBufferPointer { try CategoricalDraw.logProbability(of: 7, in: $0) }
        }
    }
}
