import Genera

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A property that the graphs of a synthetic data set have, so that drawn ones can be asked for it.
///
///     let planar = try GraphShape(named: "planar")
///     planar.holds(graph)
///     planar.novelShare   // the measure V.U.N.: valid, unique and novel
public struct GraphShape: Sendable {
    /// The data set's name, as of its generator.
    public let name: String
    /// What holds for its graphs.
    public let summary: String
    private let test: @Sendable (SimpleGraph) -> Bool

    /// The property of a name.
    ///
    /// - Throws: `GeneraError.usage` that lists them.
    public init(named name: String) throws {
        guard let found = Self.all.first(where: { $0.name == name }) else {
            let known = Self.all.map(\.name).joined(separator: ", ")
            throw GeneraError.usage("There is no test of graphs '\(name)'. Known: \(known).")
        }
        self = found
    }

    private init(_ name: String, _ summary: String, test: @escaping @Sendable (SimpleGraph) -> Bool) {
        (self.name, self.summary, self.test) = (name, summary, test)
    }

    /// Whether a graph has it. Loops and double edges do not count.
    public func holds(_ graph: Graph) -> Bool { test(graph.simple) }

    /// All of them.
    public static let all = [
        GraphShape("planar", "connected and planar") { $0.isConnected && Planarity.holds($0) },
        GraphShape(
            "sbm", "made of 2 to 5 blocks of 20 to 40 nodes with edges as the block model has them", test: isOfBlocks),
        GraphShape("tree", "connected without cycles", test: isTree),
        GraphShape("lobster", "a tree whose nodes are all within two steps of a path", test: isLobster),
    ]

    static func isTree(_ graph: SimpleGraph) -> Bool { graph.isConnected && graph.edgeCount == graph.nodeCount - 1 }

    /// Without its leaves, and again without those, a lobster is a path.
    static func isLobster(_ graph: SimpleGraph) -> Bool {
        guard isTree(graph) else { return false }
        var kept = Set(0..<graph.nodeCount)
        for _ in 0..<2 { kept = kept.filter { node in graph.neighbours[node].count { kept.contains($0) } > 1 } }
        return kept.allSatisfy { node in graph.neighbours[node].count { kept.contains($0) } <= 2 }
    }

    /// Whether the blocks that ``BlockModel`` finds have the sizes of the data set, and the shares of pairs that are joined are near
    /// enough to its 0.3 and 0.005.
    ///
    /// As Martinkus et al. (SPECTRE, 2022) test it: for each pair of blocks (p - p0)² / (p (1 - p) + 1e-6), as if it were a
    /// chi-squared number of one degree of freedom, and the mean of its tail's probabilities above 0.9. There the blocks come
    /// from another program, graph-tool, that samples divisions; where blocks are hard to tell, the two may judge differently.
    static func isOfBlocks(_ graph: SimpleGraph) -> Bool {
        let (counts, sizes) = (BlockGraphs.counts, BlockGraphs.sizes)
        let least = counts.lowerBound * sizes.lowerBound, most = counts.upperBound * sizes.upperBound
        guard (least...most).contains(graph.nodeCount) else { return false }
        let model = BlockModel(graph)
        guard counts.contains(model.sizes.count), model.sizes.allSatisfy(sizes.contains) else { return false }
        var tails: [Double] = []
        for a in model.sizes.indices {
            for b in model.sizes.indices {
                let pairs = a == b ? model.sizes[a] * (model.sizes[a] - 1) / 2 : model.sizes[a] * model.sizes[b]
                let share = Double(model.edges[a][b]) / Double(pairs)
                let gap = share - (a == b ? BlockGraphs.inside : BlockGraphs.between)
                tails.append(erfc((gap * gap / (share * (1 - share) + 1e-6) / 2).squareRoot()))
            }
        }
        return tails.reduce(0, +) / Double(tails.count) > 0.9
    }
}

extension GraphShape {
    /// The share of drawn graphs that have the property.
    public var validShare: Measure<Graph> {
        Measure("valid-\(name)", "Share of drawn graphs that are \(summary).", isLowerBetter: false, range: 0...1) {
            both, parts in
            let valid = self.valid(both)
            return parts.map { part in
                Double(part.first.count { valid[$0] }) / Double(max(part.first.count, 1))
            }
        }
    }

    /// V.U.N.: the share of drawn graphs that have the property, are isomorphic to none drawn before, and to no real one. The real ones
    /// should be those that were trained on.
    public var novelShare: Measure<Graph> {
        Measure(
            "vun-\(name)",
            "Share of drawn graphs that are \(summary), unlike each other and unlike real ones (V.U.N.).",
            isLowerBetter: false, range: 0...1
        ) { both, parts in
            let valid = self.valid(both)
            return try parts.map { part in
                let classes = try both.isomorphismClasses(of: part.first)
                var seen = Set(try both.isomorphismClasses(of: part.second.map { both.drawn.count + $0 }))
                // All of the part count as drawn before, whether they are valid or not.
                let good = zip(part.first, classes).count { number, kind in seen.insert(kind).inserted && valid[number]
                }
                return Double(good) / Double(max(part.first.count, 1))
            }
        }
    }

    private func valid(_ both: Comparison<Graph>) -> [Bool] {
        both.remembered("valid \(name)") { both.drawn.map(holds) }
    }
}
