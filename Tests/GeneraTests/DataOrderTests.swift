import Genera
import Testing

@Suite("Data order")
struct DataOrderTests {
    @Test("Each epoch is a permutation, and epochs differ", arguments: [1, 2, 7, 1000])
    func permutations(size: Int) {
        let order = DataOrder(size: size, seed: 3)
        let epochs = (0..<3).map { order.indices($0 * size..<($0 + 1) * size) }
        for epoch in epochs { #expect(epoch.sorted() == Array(0..<size)) }
        if size > 100 { #expect(epochs[0] != epochs[1] && epochs[1] != epochs[2]) }
    }

    @Test("Any range of draws can be asked for in any order")
    func randomAccess() {
        let all = DataOrder(size: 10, seed: 3).indices(0..<45)
        let order = DataOrder(size: 10, seed: 3)
        #expect(order.indices(27..<41) == Array(all[27..<41]))
        #expect(order.indices(3..<5) == Array(all[3..<5]))
        #expect(order.indices(5..<5) == [])
    }

    @Test("All orders of three are equally likely")
    func fair() {
        var counts: [[Int]: Int] = [:]
        let order = DataOrder(size: 3, seed: 1)
        for epoch in 0..<6000 { counts[order.indices(epoch * 3..<epoch * 3 + 3), default: 0] += 1 }
        #expect(counts.count == 6)
        #expect(counts.values.allSatisfy { abs($0 - 1000) < 130 })
    }
}
