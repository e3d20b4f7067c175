import Metrics
import Testing

@Suite struct IsomorphismTests {
    private typealias Edge = (Int, Int, label: Int)

    private func plain(_ count: Int, _ edges: [(Int, Int)]) -> LabelledGraph {
        LabelledGraph(nodes: Array(repeating: 0, count: count), edges: edges.map { ($0.0, $0.1, 1) as Edge })
    }

    private func shuffled(_ count: Int, _ numbers: inout Numbers) -> [Int] {
        var order = Array(0..<count)
        for place in order.indices.reversed() { order.swapAt(place, Int(numbers.uniform() * Double(place + 1))) }
        return order
    }

    @Test(
        "All graphs of up to five nodes fall into 1, 2, 4, 11 and 34 classes", arguments: zip(1...5, [1, 2, 4, 11, 34]))
    func counting(nodes: Int, classes: Int) throws {
        let pairs = (0..<nodes).flatMap { b in (0..<b).map { ($0, b) } }
        let graphs = (0..<1 << pairs.count).map { bits in
            plain(nodes, pairs.enumerated().filter { bits >> $0.offset & 1 == 1 }.map(\.element))
        }
        let found = try LabelledGraph.classes(of: graphs)
        #expect(Set(found).count == classes && found.max() == classes - 1)
    }

    @Test("Renumbered graphs are the same, and one edge or label moved makes another", arguments: 0..<20)
    func renumbering(seed: Int) throws {
        var numbers = Numbers(UInt64(seed + 1))
        let labels = (0..<12).map { _ in Int(numbers.uniform() * 2) }
        var edges: [Edge] = []
        for b in 0..<12 {
            for a in 0...b where numbers.uniform() < 0.3 { edges.append((a, b, Int(numbers.uniform() * 2))) }
        }
        let order = shuffled(12, &numbers)
        var moved = [Int](repeating: 0, count: 12)
        for (node, place) in order.enumerated() { moved[place] = labels[node] }
        let renumbered = edges.map { (order[$0.1], order[$0.0], $0.label) as Edge }
        let graph = LabelledGraph(nodes: labels, edges: edges)
        #expect(try graph.isIsomorphic(to: LabelledGraph(nodes: moved, edges: renumbered)))
        var others = renumbered
        others[0].label = 5
        #expect(try !graph.isIsomorphic(to: LabelledGraph(nodes: moved, edges: others)))
        moved[order[0]] = 9
        #expect(try !graph.isIsomorphic(to: LabelledGraph(nodes: moved, edges: renumbered)))
    }

    @Test("Strongly regular graphs that no refinement tells apart: the rook's graph and Shrikhande's")
    func regular() throws {
        func graph(_ isJoined: (Int, Int, Int, Int) -> Bool, _ order: [Int]) -> LabelledGraph {
            var edges: [(Int, Int)] = []
            for b in 0..<16 {
                for a in 0..<b where isJoined(a / 4, a % 4, b / 4, b % 4) { edges.append((order[a], order[b])) }
            }
            return plain(16, edges)
        }
        var numbers = Numbers(5)
        let rook = { (a: Int, b: Int, c: Int, d: Int) in a == c || b == d }
        let steps = [[0, 1], [0, 3], [1, 0], [3, 0], [1, 1], [3, 3]]
        let shrikhande = { (a: Int, b: Int, c: Int, d: Int) in steps.contains([(a - c + 4) % 4, (b - d + 4) % 4]) }
        let plainly = Array(0..<16)
        #expect(try !graph(rook, plainly).isIsomorphic(to: graph(shrikhande, plainly)))
        #expect(try graph(rook, plainly).isIsomorphic(to: graph(rook, shuffled(16, &numbers))))
        #expect(try graph(shrikhande, plainly).isIsomorphic(to: graph(shrikhande, shuffled(16, &numbers))))
        // Two triangles and a cycle of six, and many nodes that are all alike.
        let triangles = plain(6, [(0, 1), (1, 2), (2, 0), (3, 4), (4, 5), (5, 3)])
        #expect(try !triangles.isIsomorphic(to: plain(6, (0..<6).map { ($0, ($0 + 1) % 6) })))
        #expect(try plain(4000, []).isIsomorphic(to: plain(4000, [])))
        let couples = plain(200, (0..<100).map { (2 * $0, 2 * $0 + 1) })
        #expect(try couples.isIsomorphic(to: plain(200, (0..<100).map { ($0, 199 - $0) })))
        #expect(try plain(0, []).isIsomorphic(to: plain(0, [])))
    }
}
