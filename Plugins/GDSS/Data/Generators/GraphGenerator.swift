import Genera

/// A law of graphs by a rule, to train and to measure on where there are no files.
///
///     let grids = try GraphGenerator(named: "grid")
///     let first = grids.graph(index: 0, seed: 7)   // the same whatever others are made
public struct GraphGenerator: Sendable {
    /// The word on the command line.
    public let name: String
    /// One line that says what the graphs are.
    public let summary: String
    /// Other words for it, as other programs call it.
    let aliases: [String]
    private let make: @Sendable (inout DrawStream) -> SimpleGraph

    private init(
        _ name: String, _ summary: String, aliases: [String] = [],
        make: @escaping @Sendable (inout DrawStream) -> SimpleGraph
    ) {
        (self.name, self.summary, self.aliases, self.make) = (name, summary, aliases, make)
    }

    /// The generator of a name.
    ///
    /// - Throws: `GeneraError.usage` with the nearest name.
    public init(named name: String) throws {
        guard let found = Self.all.first(where: { $0.name == name || $0.aliases.contains(name) }) else {
            let nearest = nearestName(to: name, in: Self.all.map(\.name)).map { " Did you mean '\($0)'?" } ?? ""
            let known = Self.all.map(\.name).joined(separator: ", ")
            throw GeneraError.usage("There is no generator of graphs '\(name)'.\(nearest) Known: \(known).")
        }
        self = found
    }

    /// The graph of an index under a seed.
    public func graph(index: Int, seed: UInt64) -> Graph {
        var draws = DrawStream(seed: seed, index: index)
        let graph = make(&draws)
        return Graph(graph)
    }

    /// Graphs 0, 1, ... under a seed.
    public func graphs(_ count: Int, seed: UInt64) -> [Graph] { (0..<count).map { graph(index: $0, seed: seed) } }

    /// All of them.
    public static let all: [GraphGenerator] = [
        GraphGenerator(
            "community-small", "Two communities of 6 to 10 nodes with few edges between them.",
            aliases: ["community_small"], make: CommunityGraphs.draw),
        GraphGenerator("grid", "Grids of 10 to 19 rows and columns.") { draws in
            LatticeGraphs.grid(rows: draws.integer(in: 10...19), columns: draws.integer(in: 10...19))
        },
        GraphGenerator("planar", "Delaunay triangulations of 64 random points (SPECTRE).") { draws in
            PlanarGraphs.triangulation(points: (0..<64).map { _ in (draws.uniform(), draws.uniform()) })
        },
        GraphGenerator(
            "sbm", "Connected graphs of 2 to 5 blocks of 20 to 40 nodes, p = 0.3 inside, 0.005 between (SPECTRE).",
            make: BlockGraphs.draw),
        GraphGenerator("tree", "Trees of 64 nodes, all labelled trees equally likely.") { draws in
            TreeGraphs.tree(nodes: 64, &draws)
        },
        GraphGenerator("lobster", "Lobsters of 10 to 100 nodes: all nodes within two steps of a path.") { draws in
            TreeGraphs.lobster(backbone: 80, near: 0.7, far: 0.7, sizes: 10...100, &draws)
        },
        GraphGenerator("gnp", "Random graphs of 20 to 40 nodes, each edge there with p = 0.2.") { draws in
            RandomGraphs.edges(nodes: draws.integer(in: 20...40), &draws) { _, _ in 0.2 }
        },
        GraphGenerator("ba", "Preferential attachment of two edges a node, 20 to 40 nodes (Barabási and Albert).") {
            draws in
            RandomGraphs.attached(nodes: draws.integer(in: 20...40), edges: 2, triangles: 0, &draws)
        },
        GraphGenerator(
            "powerlaw-cluster", "Preferential attachment that closes triangles with p = 0.3 (Holme and Kim).",
            aliases: ["pow_law"]
        ) { draws in
            RandomGraphs.attached(nodes: draws.integer(in: 20...40), edges: 2, triangles: 0.3, &draws)
        },
        GraphGenerator(
            "expected-degree", "Random graphs whose nodes expect 2 to 8 neighbours (Chung and Lu).",
            aliases: ["except_deg"]
        ) { draws in
            let weights = (0..<draws.integer(in: 20...40)).map { _ in Double(draws.integer(in: 2...8)) }
            let total = weights.reduce(0, +)
            return RandomGraphs.edges(nodes: weights.count, &draws) { weights[$0] * weights[$1] / total }
        },
        GraphGenerator("cycle", "Cycles of 10 to 40 nodes.") { draws in
            LatticeGraphs.cycle(nodes: draws.integer(in: 10...40))
        },
        GraphGenerator("circular-ladder", "Two cycles of 5 to 20 nodes, joined rung by rung.", aliases: ["c_l"]) {
            draws in
            LatticeGraphs.circularLadder(rungs: draws.integer(in: 5...20))
        },
    ]
}

extension Graph {
    /// A graph of plain nodes.
    package init(_ graph: SimpleGraph) {
        // swift-format-ignore: NeverUseForceTry
        self = try! Graph(nodeCount: graph.nodeCount, edges: graph.edges)
    }
}
