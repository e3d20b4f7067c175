import Metrics
import Tensors
import Testing

@Suite("Precision, recall, density, coverage")
struct NeighbourTests {
    private func all(_ x: Tensor, _ y: Tensor) throws -> [Double] {
        try PrecisionRecall.Quantity.allCases.map { try PrecisionRecall($0)(x, y) }
    }

    @Test("The same set is all there; a far one is not")
    func extremes() throws {
        var numbers = Numbers()
        let set = numbers.set(80, 3)
        let same = try all(set, set)
        #expect(same[0] == 1 && same[1] == 1 && same[3] == 1 && same[2] > 0.9)
        #expect(try all(set, set + 1000) == [0, 0, 0, 0])
    }

    @Test("One mode of two: all looks real, half is missing")
    func droppedMode() throws {
        var numbers = Numbers(2)
        let (left, right) = (numbers.set(100, 2), numbers.set(100, 2, shift: 50))
        let drawn = numbers.set(200, 2)
        let values = try all(drawn, Tensor.concatenated([left, right]))
        #expect(values[0] > 0.8 && values[1] < 0.55 && values[1] > 0.3 && values[3] < 0.55)
    }

    @Test("Agrees with the definition, written out", arguments: [1, 3, 5])
    func definition(k: Int) throws {
        var numbers = Numbers(UInt64(k))
        let (x, y) = (numbers.set(40, 2), numbers.set(30, 2, scale: 1.5))
        let slow = try Slow(x, y, k: k)
        let near = try Neighbourhoods(x, y, k: k)
        for (quantity, expected) in slow.values {
            let value = try PrecisionRecall(quantity, k: k).values(near, over: [.whole(40, 30)])[0]
            #expect(abs(value - expected) < 1e-12, "\(quantity)")
        }
    }

    @Test("A half's value is that of the half itself")
    func halves() throws {
        var numbers = Numbers(3)
        let (x, y) = (numbers.set(200, 2), numbers.set(160, 2, shift: 0.5))
        let (first, second) = (Array(stride(from: 0, to: 200, by: 2)), Array(stride(from: 1, to: 160, by: 2)))
        for quantity in PrecisionRecall.Quantity.allCases {
            let measure = PrecisionRecall(quantity)
            let part = try measure.values(x, y, over: [Parts(first: first, second: second)])[0]
            #expect(part == (try measure(x.gathered(rows: first), y.gathered(rows: second))), "\(quantity)")
        }
    }

    @Test("Copies of a point lie in its ball of radius 0")
    func copies() throws {
        let set = Tensor((0..<20).flatMap { [Double($0 % 2), 3] }, shape: [20, 2])
        #expect(try PrecisionRecall(.precision)(set, set) == 1)
    }

    @Test("Too few vectors are told")
    func few() {
        let set = Tensor([1, 2, 3] as [Double], shape: [3, 1])
        #expect(throws: MetricError.self) { try PrecisionRecall(.recall)(set, set) }
    }

    @Test("Big sets are done in blocks")
    func blocks() throws {
        var numbers = Numbers(4)
        let (x, y) = (numbers.set(3000, 2), numbers.set(2500, 2))
        #expect(abs(try EnergyDistance()(x, y)) < 0.01)
        #expect(try PrecisionRecall(.coverage)(x, y) > 0.8)
    }
}

/// The four quantities by their definitions.
private struct Slow {
    var values: [PrecisionRecall.Quantity: Double] = [:]

    init(_ x: Tensor, _ y: Tensor, k: Int) throws {
        func rows(_ set: Tensor) throws -> [[Double]] {
            let flat = try set.array(of: Double.self)
            return stride(from: 0, to: flat.count, by: 2).map { [flat[$0], flat[$0 + 1]] }
        }
        func distance(_ a: [Double], _ b: [Double]) -> Double {
            ((a[0] - b[0]) * (a[0] - b[0]) + (a[1] - b[1]) * (a[1] - b[1])).squareRoot()
        }
        let (drawn, real) = (try rows(x), try rows(y))
        func radii(_ set: [[Double]]) -> [Double] {
            set.map { one in set.map { distance(one, $0) }.sorted()[k] }
        }
        let (ofDrawn, ofReal) = (radii(drawn), radii(real))
        let inReal = drawn.map { one in real.indices.count { distance(one, real[$0]) <= ofReal[$0] } }
        let inDrawn = real.map { one in drawn.indices.count { distance(one, drawn[$0]) <= ofDrawn[$0] } }
        let held = real.indices.count { centre in drawn.contains { distance($0, real[centre]) <= ofReal[centre] } }
        values[.precision] = Double(inReal.count { $0 > 0 }) / Double(drawn.count)
        values[.recall] = Double(inDrawn.count { $0 > 0 }) / Double(real.count)
        values[.density] = Double(inReal.reduce(0, +)) / Double(k * drawn.count)
        values[.coverage] = Double(held) / Double(real.count)
    }
}
