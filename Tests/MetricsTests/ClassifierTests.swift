import Foundation
import Metrics
import Testing

@Suite struct ClassifierTests {
    /// Rows of two normal laws that differ by a shift in one of three columns, and folds.
    private func rows(_ count: Int, shift: Double, seed: UInt64) -> (rows: [[Double]], folds: [Int]) {
        var numbers = Numbers(seed)
        let rows = (0..<2 * count).map { row in
            (0..<3).map { column in numbers.normal() + (row < count && column == 1 ? shift : 0) }
        }
        return (rows, (0..<2 * count).map { $0 % 4 })
    }

    private func distance(_ count: Int, shift: Double, seed: UInt64 = 1) throws -> Double {
        let (rows, folds) = rows(count, shift: shift, seed: seed)
        return try ClassifierDistance(descriptions: [rows], firstCount: count, folds: folds)
            .values(over: [.whole(count, count)])[0]
    }

    @Test("Equal laws are about 0 apart, far ones about 1, and others no further than their divergence")
    func laws() throws {
        for seed in 1...4 { #expect(try distance(150, shift: 0, seed: UInt64(seed)) < 0.2) }
        #expect(try distance(150, shift: 8) > 0.95)
        // Of normal laws two deviations apart: the square root of 0.4859 bits by numerical integration.
        let value = try distance(600, shift: 2)
        #expect(value > 0.6 && value < 0.71, "\(value)")
    }

    @Test("The divergence that the test above names")
    func divergence() {
        var sum = 0.0
        for step in 0..<20_000 {
            let x = -10 + 22 * (Double(step) + 0.5) / 20_000
            let (p, q) = (exp(-x * x / 2), exp(-(x - 2) * (x - 2) / 2))
            let mean = (p + q) / 2
            sum += (p > 0 ? p * log2(p / mean) : 0) + (q > 0 ? q * log2(q / mean) : 0)
        }
        let bits = sum * 22 / 20_000 / (2 * (2 * Double.pi).squareRoot())
        #expect(abs(bits - 0.4859) < 5e-4, "\(bits)")
    }

    @Test("The description that tells most is chosen, and none where none tells")
    func choice() throws {
        let (noise, folds) = rows(100, shift: 0, seed: 5)
        let (telling, _) = rows(100, shift: 3, seed: 6)
        let distance = try ClassifierDistance(descriptions: [noise, telling], firstCount: 100, folds: folds)
        #expect(distance.chosen == [1, 1, 1, 1])
        let flat = Array(repeating: [1.0, 2.0], count: 200)
        let none = try ClassifierDistance(descriptions: [flat], firstCount: 100, folds: folds)
        #expect(none.chosen == [nil, nil, nil, nil])
        #expect(try none.values(over: [.whole(100, 100), Parts(first: [3], second: [0, 7])]) == [0, 0])
    }

    @Test("Sets of different sizes count alike, rows of different lengths go together, and parts are checked")
    func shapes() throws {
        let (rows, _) = rows(100, shift: 6, seed: 7)
        let some = Array(rows[..<100]) + rows[100..<130].map { Array($0[..<2]) }
        let distance = try ClassifierDistance(descriptions: [some], firstCount: 100, folds: some.indices.map { $0 % 3 })
        let halves = try distance.values(over: [.whole(100, 30), Parts(first: Array(0..<50), second: Array(0..<15))])
        #expect(halves.allSatisfy { $0 > 0.8 && $0 <= 1 })
        #expect(throws: (any Error).self) { try distance.values(over: [Parts(first: [0], second: [30])]) }
        #expect(throws: (any Error).self) {
            try ClassifierDistance(descriptions: [[[.nan]]], firstCount: 1, folds: [0])
        }
    }
}
