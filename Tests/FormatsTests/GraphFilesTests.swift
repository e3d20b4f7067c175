import Foundation
import Testing

@testable import Formats

@Suite struct GraphFilesTests {
    private func graph6(_ text: String) throws -> [NodePairs] { try Graph6.read(ByteView(Array(text.utf8)), file: "f") }

    private func edges(_ text: String) throws -> [EdgeList] { try EdgeList.read(ByteView(Array(text.utf8)), file: "f") }

    private func pairs(_ list: [(Int, Int)]) -> [NodePairs.Pair] { list.map { .init($0.0, $0.1) } }

    @Test("The examples of the format's description, with and without headers and line ends of Windows")
    func examples() throws {
        let dense = NodePairs(nodeCount: 5, pairs: pairs([(0, 2), (1, 3), (0, 4), (3, 4)]))
        let sparse = NodePairs(nodeCount: 7, pairs: pairs([(0, 1), (0, 2), (1, 2), (5, 6)]))
        #expect(try graph6("DQc") == [dense])
        #expect(try graph6(":Fa@x^") == [sparse])
        #expect(try graph6(">>graph6<<DQc\r\nDQc\r\n") == [dense, dense])
        #expect(try graph6(">>sparse6<<\n:Fa@x^\n") == [sparse])
        #expect(try graph6("?\n@\nA_\n").map(\.nodeCount) == [0, 1, 2])
        #expect(try graph6("A_")[0].pairs == pairs([(0, 1)]))
    }

    @Test("What is written is read again, in the short form and in that of four bytes")
    func writing() throws {
        try Support.withTemporaryFolder { folder in
            let large = NodePairs(nodeCount: 200, pairs: pairs([(0, 199), (3, 7), (198, 199)]))
            let edge = NodePairs(nodeCount: 63, pairs: pairs([(61, 62)]))
            let all = [large, edge, NodePairs(nodeCount: 62, pairs: []), NodePairs(nodeCount: 0, pairs: [])]
            try Graph6.write(all, to: "\(folder)/a.g6")
            let again = try Graph6.read(path: "\(folder)/a.g6")
            #expect(again.map(\.nodeCount) == [200, 63, 62, 0])
            #expect(again.map { Set($0.pairs) } == all.map { Set($0.pairs) })
            #expect(try MappedFile(path: "\(folder)/a.g6").view.array().starts(with: Array("~?BG".utf8)))
            for bad in [pairs([(1, 1)]), pairs([(0, 1), (1, 0)]), pairs([(0, 5)])] {
                Support.expectMessage("graph 0: cannot be written as graph6") {
                    try Graph6.write([NodePairs(nodeCount: 3, pairs: bad)], to: "\(folder)/b.g6")
                }
            }
        }
    }

    @Test("Sparse6 is written as networkx writes it, and read again, loops and orders in eight bytes too")
    func sparse() throws {
        let lines = [
            ":@", ":An", ":Bc", ":CwI", ":Fa[Cba@J", ":GgWClQbQAV", ":OeED`wAIsGAKfhbgTMPcJ",
            ":Pa@`AdB``ADa`ABCFc`E`aCDaIJaJLbEN",
        ]
        for line in lines {
            let graph = try graph6(line)[0]
            #expect(Graph6.sparseLine(graph).map { String(decoding: $0, as: UTF8.self) } == line)
        }
        let large = NodePairs(nodeCount: 300_000, pairs: pairs([(0, 299_999), (5, 258_047)]))
        let line = try #require(Graph6.sparseLine(large))
        #expect(String(decoding: line, as: UTF8.self) == ":~~??@HN_nn~o??VHN^???N")
        #expect(try graph6(String(decoding: line, as: UTF8.self))[0].nodeCount == 300_000)
        #expect(Graph6.sparseLine(NodePairs(nodeCount: 3, pairs: pairs([(0, 1), (1, 0)]))) == nil)
        // Every graph of up to four nodes, and one or more loops: padding must never read as an edge.
        for nodes in 1...4 {
            let all = (0..<nodes).flatMap { b in (0...b).map { ($0, b) } }
            for bits in 0..<1 << all.count {
                let own = all.enumerated().filter { bits >> $0.offset & 1 == 1 }.map(\.element)
                let line = try #require(Graph6.sparseLine(NodePairs(nodeCount: nodes, pairs: pairs(own))))
                let again = try graph6(String(decoding: line, as: UTF8.self))[0]
                #expect(again.nodeCount == nodes && Set(again.pairs) == Set(pairs(own)))
            }
        }
    }

    @Test("A file of nodes without edges may not grow beyond what it is")
    func spareNodes() {
        let lines = String(repeating: ":~~??B???\n", count: 100)
        Support.expectMessage("almost all of them are in no edge") { try graph6(lines) }
    }

    @Test(
        "Other graphs are refused by name, damaged ones with the line",
        arguments: [
            ("DQc\n&DI?AO?\n", "line 2: a directed graph (digraph6)"),
            (">>digraph6<<&DI?\n", "directed graphs are not read"),
            (";Fa@x^", "incremental sparse6"), (":Ab", "line 1: a multigraph: nodes 0 and 1 are joined twice"),
            ("DQ", "a graph of 5 nodes needs 2 characters after its order, 1 are there"), ("DQcc", "3 are there"),
            ("D Qc", "character 2 has the code 32"), ("~~???A??", "of 8192 nodes needs"),
            (":~~?@????", "a graph of 16777216 nodes; at most 1000000 are read"), ("~~????", "the order is cut short"),
            ("~?", "the order is cut short"),
            ("", "holds no graph"), (">>planar_code<<x", "'>>planar_code<<x'"),
        ])
    func refusals(text: String, words: String) {
        Support.expectMessage(words) { try graph6(text.isEmpty ? "\n" : text) }
    }

    @Test("Graphs of other programs give the numbers of nodes, edges and triangles that networkx finds")
    func realGraphs() throws {
        guard let shared = Support.shared else { return }
        let folder = "\(shared)/data/real"
        guard let bytes = FileManager.default.contents(atPath: "\(folder)/answers.json"),
            let answers = try JSONSerialization.jsonObject(with: bytes) as? [String: [String: Any]]
        else { return }
        for name in ["jgrapht/heawood.g6", "jgrapht/heawood.s6", "nauty/all7.g6"] {
            let graphs = try Graph6.read(path: "\(folder)/graphs/\(name)")
            let answer = try #require(answers["graphs/\(name)"])
            #expect(graphs.count == answer["graphs"] as? Int)
            #expect(graphs.reduce(0) { $0 + $1.nodeCount } == answer["nodes"] as? Int)
            #expect(graphs.reduce(0) { $0 + $1.pairs.count } == answer["edges"] as? Int)
            let triangles = graphs.reduce(0) { sum, graph in
                let joined = Set(graph.pairs.flatMap { [$0, .init($0.second, $0.first)] })
                return sum
                    + graph.pairs.reduce(0) { sum, pair in
                        sum
                            + (0..<graph.nodeCount).count {
                                joined.contains(.init(pair.first, $0)) && joined.contains(.init(pair.second, $0))
                            }
                    } / 3
            }
            #expect(triangles == answer["triangles"] as? Int)
        }
    }

    @Test("Edge lists: our own, and those that say nothing of graphs")
    func edgeLists() throws {
        let own = "# made by hand\n# graph 0: 4 nodes\n0 1\n0 2 0.5 3\n# graph 1: 2 nodes\n"
        #expect(
            try edges(own) == [
                EdgeList(nodeCount: 4, edges: [.init(0, 1), .init(0, 2, weight: 0.5, type: 3)]),
                EdgeList(nodeCount: 2, edges: []),
            ])
        let numbers = EdgeList(nodeCount: 3, edges: [.init(1, 0), .init(2, 1, weight: 2)])
        #expect(try edges("% from elsewhere\n7\t3\n7, 12, 9\n12 7 2\n\n") == [numbers])
        let names = EdgeList(nodeCount: 3, names: ["b", "a", "7"], edges: [.init(0, 1), .init(1, 2)])
        #expect(try edges("b a {}\na 7 {}\n") == [names])
    }

    @Test(
        "Lines that are no edges are told",
        arguments: [
            ("0\n", "line 1: 1 words"), ("0 1\n0 1 x\n", "line 2: the weight 'x' is not a number"),
            ("0 1 1 1.5\n", "the type '1.5' is not a whole number"),
            ("# graph 0: 2 nodes\n0 2\n", "line 2: '2' is no node"),
            ("# graph 0: 99999999999 nodes\n", "at most 1000000 are read"), ("# nothing\n", "holds no graph"),
        ])
    func badLists(text: String, words: String) {
        Support.expectMessage(words) { try edges(text) }
    }
}
