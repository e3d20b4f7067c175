import GDSS
import Genera
import Testing

@Suite struct GraphShapeTests {
    @Test(
        "Graphs of a generator have its property, and random ones of as many edges do not",
        arguments: GraphShape.all.map(\.name))
    func generated(name: String) throws {
        let shape = try GraphShape(named: name)
        let graphs = try GraphGenerator(named: name).graphs(name == "sbm" ? 12 : 30, seed: 9)
        #expect(graphs.count(where: shape.holds) >= graphs.count - (name == "sbm" ? 1 : 0))
        let mixed = graphs.enumerated().map { number, graph in
            var draws = DrawStream(seed: 2, index: number)
            let share = 2 * Double(graph.edges.count) / Double(graph.nodes.count * (graph.nodes.count - 1))
            return Graph(RandomGraphs.edges(nodes: graph.nodes.count, &draws) { _, _ in share })
        }
        #expect(mixed.count(where: shape.holds) == 0)
        #expect(throws: GeneraError.self) { try GraphShape(named: "round") }
    }

    @Test("The blocks that are found are those that were drawn")
    func blocks() {
        for index in 0..<5 {
            var draws = DrawStream(seed: 3, index: index)
            let drawn = (0..<2 + index % 4).flatMap { Array(repeating: $0, count: draws.integer(in: 20...40)) }
            let graph = RandomGraphs.edges(nodes: drawn.count, &draws) { drawn[$0] == drawn[$1] ? 0.3 : 0.005 }
            #expect(BlockModel(graph).blocks == drawn)
        }
        var draws = DrawStream(seed: 4, index: 0)
        let plain = BlockModel(RandomGraphs.edges(nodes: 60, &draws) { _, _ in 0.2 })
        #expect(plain.sizes == [60])
    }

    @Test("Lobsters: a caterpillar is one, a spider with long legs is none")
    func lobsters() {
        func holds(_ edges: [(Int, Int)]) -> Bool {
            GraphShape.all[3].holds(Graph(SimpleGraph(nodeCount: edges.count + 1, edges: edges)))
        }
        #expect(holds([(0, 1), (1, 2), (1, 3), (2, 4)]) && holds([]) && holds([(0, 1)]))
        let legs = { (length: Int) in
            (0..<3).flatMap { leg in (0..<length).map { ($0 == 0 ? 0 : leg * length + $0, leg * length + $0 + 1) } }
        }
        #expect(holds(legs(2)) && !holds(legs(3)))
        #expect(!GraphShape.all[3].holds(Graph(LatticeGraphs.cycle(nodes: 6))))
    }

    @Test("V.U.N. counts what is valid, not drawn before and not real")
    func shares() throws {
        let path = Graph(SimpleGraph(nodeCount: 4, edges: [(0, 1), (1, 2), (2, 3)]))
        let again = Graph(SimpleGraph(nodeCount: 4, edges: [(3, 0), (0, 2), (2, 1)]))
        let star = Graph(SimpleGraph(nodeCount: 4, edges: [(0, 1), (0, 2), (0, 3)]))
        let cycle = Graph(LatticeGraphs.cycle(nodes: 4))
        let both = Comparison(drawn: [path, again, star, cycle], real: [star, cycle])
        let tree = try GraphShape(named: "tree")
        #expect(try tree.validShare.values(both, [both.whole]) == [0.75])
        let parts = [both.whole, Parts(first: [1, 2], second: [1]), Parts(first: [2], second: [0])]
        #expect(try tree.novelShare.values(both, parts) == [0.25, 1, 0])
        #expect(tree.novelShare.name == "vun-tree")
    }
}
