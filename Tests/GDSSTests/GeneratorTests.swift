import Foundation
import GDSS
import Genera
import GeneraTesting
import Testing

@Suite struct GeneratorTests {
    /// A JSON file of the published data; nil where there is none.
    private func published(_ name: String) throws -> [String: Any]? {
        guard let shared = ProcessInfo.processInfo.environment["GENERA_SHARED"] else { return nil }
        let path = "\(shared)/data/gdss/datasets/\(name).json"
        guard let bytes = FileManager.default.contents(atPath: path) else { return nil }
        return try JSONSerialization.jsonObject(with: bytes) as? [String: Any]
    }

    private func graphs(_ value: Any?) throws -> [Graph] {
        try #require(value as? [[String: Any]]).map { graph in
            let edges = try #require(graph["edges"] as? [[Int]])
            return try Graph(nodeCount: #require(graph["n"] as? Int), edges: edges.map { ($0[0], $0[1]) })
        }
    }

    @Test(
        "A graph is a function of seed and index, and each generator's graphs differ",
        arguments: GraphGenerator.all.map(\.name))
    func addressed(name: String) throws {
        let generator = try GraphGenerator(named: name)
        let graphs = generator.graphs(6, seed: 3)
        #expect(graphs[4] == generator.graph(index: 4, seed: 3) && graphs == generator.graphs(6, seed: 3))
        #expect(Set(graphs.map { "\($0.edges)" }).count > 1)
        #expect(generator.graphs(6, seed: 4) != graphs)
        #expect(graphs.allSatisfy { $0.edges.count == $0.simple.edgeCount && !$0.nodes.isEmpty })
    }

    @Test("An unknown generator is told with the nearest; other programs' names are known")
    func names() throws {
        let error = #expect(throws: GeneraError.self) { try GraphGenerator(named: "plannar") }
        #expect(error?.description.contains("Did you mean 'planar'?") == true)
        #expect(
            try GraphGenerator(named: "pow_law").name == "powerlaw-cluster"
                && GraphGenerator(named: "c_l").name == "circular-ladder")
    }

    @Test("The Mersenne twister gives Python's numbers")
    func twister() {
        var zero = MersenneTwister(seed: 0)
        #expect([zero.uniform(), zero.uniform()] == [0.8444218515250481, 0.7579544029403025])
        var one = MersenneTwister(seed: 1)
        #expect([one.uniform(), one.uniform()] == [0.13436424411240122, 0.8474337369372327])
        for _ in 0..<700 { _ = one.uniform() }
        #expect(one.uniform() == 0.5904954982942084)
    }

    @Test("Community-small: the published communities, and so many edges between them")
    func communities() throws {
        if let bases = try published("community_bases") {
            for half in 6...10 {
                let pair = try #require(bases["\(half)"] as? [[[Int]]])
                for seed in 0...1 {
                    #expect(
                        CommunityGraphs.community(nodes: half, seed: UInt32(seed)).map { [$0.0, $0.1] } == pair[seed])
                }
            }
        }
        let drawn = try GraphGenerator(named: "community-small").graphs(300, seed: 1)
        #expect(Set(drawn.map(\.nodes.count)) == [12, 14, 16, 18, 20])
        #expect(drawn.allSatisfy { $0.simple.isConnected })
        let between = drawn.map { graph in
            graph.edges.count { ($0.source < graph.nodes.count / 2) != ($0.target < graph.nodes.count / 2) }
        }
        #expect(between.allSatisfy { $0 >= 1 } && between.count { $0 == 1 } > 200 && between.contains(2))
    }

    @Test("Ego-small: CiteSeer's citations give the published set to the node")
    func ego() throws {
        guard let citations = try published("citeseer_graph"), let file = try published("ego_small") else { return }
        let edges = try #require(citations["edges"] as? [[Int]])
        let graph = try Graph(
            nodeCount: #require(citations["nodes"] as? [Int]).count, edges: edges.map { ($0[0], $0[1]) })
        let expected = try graphs(file["graphs"])
        let found = try EgoGraphs.small(of: graph)
        #expect(found.count == expected.count && zip(found, expected).allSatisfy { $0.simple == $1.simple })
        #expect(try EgoGraphs.small(of: graph, limit: 5000).count == 996)
        #expect(throws: GeneraError.self) { try EgoGraphs.small(of: Graph(nodeCount: 2, edges: [(0, 1)])) }
    }

    @Test("Python lists sets of numbers in this order")
    func sets() {
        #expect(PythonSet.order([5, 1000, 3, 17, 9]) == [3, 5, 1000, 9, 17])
        let many = [2119, 44, 3, 11, 19, 27, 35, 43, 51, 700, 8]
        #expect(PythonSet.order(many) == [3, 35, 2119, 8, 11, 44, 43, 19, 51, 27, 700])
    }

    @Test("Grids, cycles and ladders have the neighbours that they should")
    func lattices() throws {
        let grid = LatticeGraphs.grid(rows: 3, columns: 4)
        #expect(grid.edgeCount == 17 && grid.neighbours[5] == [1, 4, 6, 9])
        let drawn = try GraphGenerator(named: "grid").graphs(50, seed: 2).map(\.simple)
        #expect(drawn.allSatisfy { (100...361).contains($0.nodeCount) && $0.isConnected })
        #expect(LatticeGraphs.cycle(nodes: 5).neighbours.allSatisfy { $0.count == 2 })
        let ladder = LatticeGraphs.circularLadder(rungs: 5)
        #expect(ladder.neighbours.allSatisfy { $0.count == 3 } && ladder.isConnected && ladder.nodeCount == 10)
    }

    @Test("Triangulations: a square with a point in it, and Euler's count of edges")
    func planar() throws {
        let square = [(0.0, 0.0), (1.0, 0.01), (1.02, 1.0), (0.0, 1.03), (0.4, 0.5)]
        let graph = PlanarGraphs.triangulation(points: square.map { (x: $0.0, y: $0.1) })
        #expect(
            graph.edges.map { [$0.0, $0.1] } == [
                [0, 1], [0, 3], [0, 4], [1, 2], [1, 4], [2, 3], [2, 4], [3, 4],
            ])
        for graph in try GraphGenerator(named: "planar").graphs(20, seed: 1).map(\.simple) {
            // 3 n - 3 - hull edges, and a hull of 3 points or more.
            #expect(graph.nodeCount == 64 && graph.isConnected && (150...186).contains(graph.edgeCount))
            #expect(graph.neighbours.allSatisfy { $0.count >= 2 })
        }
    }

    @Test("Blocks, trees and lobsters are what they are called")
    func shapes() throws {
        for graph in try GraphGenerator(named: "sbm").graphs(10, seed: 1).map(\.simple) {
            #expect((40...200).contains(graph.nodeCount) && graph.isConnected)
        }
        for name in ["tree", "lobster"] {
            for graph in try GraphGenerator(named: name).graphs(30, seed: 1).map(\.simple) {
                #expect(
                    graph.isConnected && graph.edgeCount == graph.nodeCount - 1 && (10...100).contains(graph.nodeCount))
            }
        }
        // Cayley: of the 16 trees of four nodes four are stars.
        let stars = (0..<4000).count { index in
            var draws = DrawStream(seed: 1, index: index)
            return TreeGraphs.tree(nodes: 4, &draws).neighbours.contains { $0.count == 3 }
        }
        #expect(abs(Double(stars) / 4000 - 0.25) < 0.03)
    }

    @Test("Random graphs have as many edges as is expected")
    func random() throws {
        func density(_ name: String) throws -> Double {
            let graphs = try GraphGenerator(named: name).graphs(200, seed: 5).map(\.simple)
            let pairs = graphs.reduce(0) { $0 + $1.nodeCount * ($1.nodeCount - 1) / 2 }
            return Double(graphs.reduce(0) { $0 + $1.edgeCount }) / Double(pairs)
        }
        #expect(abs(try density("gnp") - 0.2) < 0.01)
        for graph in try GraphGenerator(named: "ba").graphs(10, seed: 5).map(\.simple) {
            #expect(graph.edgeCount == 2 * (graph.nodeCount - 2) && graph.isConnected)
        }
        func clustering(_ name: String) throws -> Double {
            let all = try GraphGenerator(named: name).graphs(100, seed: 5).flatMap(\.simple.clusteringCoefficients)
            return all.reduce(0, +) / Double(all.count)
        }
        #expect(try clustering("powerlaw-cluster") > clustering("ba") + 0.05)
        let expected = try GraphGenerator(named: "expected-degree").graphs(200, seed: 5).map(\.simple)
        let degrees = expected.flatMap { $0.neighbours.map(\.count) }
        #expect(abs(Double(degrees.reduce(0, +)) / Double(degrees.count) - 4.83) < 0.15)
    }
}
