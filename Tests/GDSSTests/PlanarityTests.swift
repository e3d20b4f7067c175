import GDSS
import Genera
import Testing

@Suite struct PlanarityTests {
    private func complete(_ count: Int) -> [(Int, Int)] { (0..<count).flatMap { b in (0..<b).map { ($0, b) } } }

    @Test(
        "Of the labelled graphs of up to six nodes so many are planar as is known",
        arguments: zip(1...6, [1, 2, 8, 64, 1023, 32071]))
    func counting(nodes: Int, planar: Int) {
        let pairs = complete(nodes)
        let found = (0..<1 << pairs.count).count { bits in
            let edges = pairs.enumerated().filter { bits >> $0.offset & 1 == 1 }.map(\.element)
            return Planarity.holds(SimpleGraph(nodeCount: nodes, edges: edges))
        }
        #expect(found == planar)
    }

    /// Each edge becomes a path of `parts` edges.
    private func subdivided(_ nodes: Int, _ edges: [(Int, Int)], parts: Int) -> (Int, [(Int, Int)]) {
        var (count, result) = (nodes, [(Int, Int)]())
        for (first, second) in edges {
            var last = first
            for _ in 1..<parts {
                result.append((last, count))
                (last, count) = (count, count + 1)
            }
            result.append((last, second))
        }
        return (count, result)
    }

    @Test("Subdivided, K5 and K3,3 are not planar, alone and inside of others; without one edge they are")
    func kuratowski() {
        let utilities = (0..<9).map { ($0 / 3, 3 + $0 % 3) }
        for (nodes, edges) in [(5, complete(5)), (6, utilities)] {
            for parts in 1...4 {
                let (count, found) = subdivided(nodes, edges, parts: parts)
                #expect(!Planarity.holds(SimpleGraph(nodeCount: count, edges: found)))
                let beside = LatticeGraphs.grid(rows: 4, columns: 4).edges.map { ($0.0 + count, $0.1 + count) }
                let more = found + beside + [(0, count)]
                #expect(!Planarity.holds(SimpleGraph(nodeCount: count + 16, edges: more)))
                for missing in edges.indices {
                    let (count, rest) = subdivided(
                        nodes, edges.enumerated().filter { $0.offset != missing }.map(\.element), parts: parts)
                    #expect(Planarity.holds(SimpleGraph(nodeCount: count, edges: rest)))
                }
            }
        }
        // Petersen's graph is not planar with few edges.
        let petersen = (0..<5).flatMap { node -> [(Int, Int)] in
            [(node, (node + 1) % 5), (node, node + 5), (node + 5, (node + 2) % 5 + 5)]
        }
        #expect(!Planarity.holds(SimpleGraph(nodeCount: 10, edges: petersen)))
    }

    @Test("Triangulations, grids, trees and ladders are planar; a triangulation with a long edge more is mostly not")
    func drawn() throws {
        for name in ["planar", "grid", "tree", "lobster", "cycle", "circular-ladder"] {
            for graph in try GraphGenerator(named: name).graphs(20, seed: 4) { #expect(Planarity.holds(graph.simple)) }
        }
        var crossed = 0
        for (number, graph) in try GraphGenerator(named: "planar").graphs(40, seed: 4).map(\.simple).enumerated() {
            let far = (0..<64).first { $0 != number && !graph.neighbours[number].contains($0) } ?? 0
            if !Planarity.holds(SimpleGraph(nodeCount: 64, edges: graph.edges + [(number, far)])) { crossed += 1 }
        }
        #expect(crossed > 30)
        // A long path does not go deep into the stack.
        #expect(Planarity.holds(LatticeGraphs.cycle(nodes: 100_000)))
        #expect(Planarity.holds(SimpleGraph(nodeCount: 0, edges: [])))
    }
}
