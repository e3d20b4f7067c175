import Genera

/// Graphs as training and measures of scores take them: who is joined to whom and how strongly, and what stands in each node.
package struct EncodedGraphs: Sendable {
    /// One graph.
    package struct One: Sendable {
        /// Nodes, those without edges too.
        package var nodes: Int
        /// Pairs of nodes, i < j, and the number between them: 1, or the order of a bond.
        package var edges: [(i: Int, j: Int, weight: Float)]
        /// The place of the 1 in each node's features; nil for other features.
        package var kinds: [Int]?
    }

    /// The graphs.
    package let graphs: [One]
    /// Features of a node, F.
    package let features: Int
    /// What stands in the features.
    package let kind: NodeFeatures

    /// The most nodes.
    package var largest: Int { graphs.map(\.nodes).max() ?? 0 }

    /// Encodes graphs; their nodes keep their order.
    ///
    /// - Parameter features: F, or nil for as many as the graphs need.
    /// - Throws: `GeneraError.usage` that names the graph and what it needs.
    package init(_ graphs: [Graph], _ kind: NodeFeatures, features: Int? = nil, atoms: [String]? = nil) throws {
        let encoded = try graphs.enumerated().map { number, graph in
            try Self.encode(graph, number, kind, atoms: atoms)
        }
        let needed = (encoded.compactMap { $0.kinds?.max() }.max() ?? 0) + 1
        let width = features ?? atoms?.count ?? needed
        if kind == .degree, needed > width {
            let culprit = encoded.firstIndex { ($0.kinds?.max() ?? 0) == needed - 1 } ?? 0
            throw GeneraError.usage(
                "Graph \(culprit + 1) has a node of degree \(needed - 1), but only degrees below \(width) have a feature. Use --max-feat-num \(needed) or more."
            )
        }
        (self.graphs, self.features, self.kind) = (encoded, width, kind)
    }

    private static func encode(_ graph: Graph, _ number: Int, _ kind: NodeFeatures, atoms: [String]?) throws -> One {
        var seen: [Int: Float] = [:]
        let n = graph.nodes.count
        for edge in graph.edges where edge.source != edge.target {
            let key = min(edge.source, edge.target) * n + max(edge.source, edge.target)
            seen[key] = kind == .atom ? Float(edge.type) : 1
        }
        var one = One(
            nodes: n, edges: seen.sorted { $0.key < $1.key }.map { ($0.key / n, $0.key % n, $0.value) }, kinds: nil)
        switch kind {
        case .ones, .zeros: break
        case .degree:
            var degrees = [Int](repeating: 0, count: n)
            for edge in one.edges {
                degrees[edge.i] += 1
                degrees[edge.j] += 1
            }
            one.kinds = degrees
        case .atom:
            one.kinds = try graph.nodes.map { node in
                guard let place = atoms?.firstIndex(of: node.label) else {
                    throw GeneraError.usage(
                        "Graph \(number + 1) has an atom '\(node.label)', which is none of \((atoms ?? []).joined(separator: " "))."
                    )
                }
                return place
            }
        }
        return one
    }

    /// The places of each graph's nodes that an edge touches, ascending; the first of a graph without edges.
    package var places: [[Int]] {
        graphs.map { graph in
            let touched = Set(graph.edges.flatMap { [$0.i, $0.j] })
            return touched.isEmpty ? [0] : touched.sorted()
        }
    }

    /// How many graphs have so many nodes that an edge touches: `[[nodes, graphs], ...]`.
    package var sizes: [[Int]] {
        var counts: [Int: Int] = [:]
        for own in places { counts[own.count, default: 0] += 1 }
        return counts.sorted { $0.key < $1.key }.map { [$0.key, $0.value] }
    }

    /// Some of the graphs as tensors: `[B, n, F]`, `[B, n, n]` and flags `[B, n]`, padded to the largest of them.
    ///
    /// A node that no edge touches counts as not there, as in the reference.
    package func tensors(_ indices: [Int]) -> (x: Tensor, adjacency: Tensor, mask: NodeMask) {
        let (batch, n) = (indices.count, max(indices.map { graphs[$0].nodes }.max() ?? 1, 1))
        var x = [Float](repeating: 0, count: batch * n * features)
        var adjacency = [Float](repeating: 0, count: batch * n * n)
        var flags = [Float](repeating: 0, count: batch * n)
        for (row, index) in indices.enumerated() {
            let graph = graphs[index]
            for edge in graph.edges {
                adjacency[(row * n + edge.i) * n + edge.j] = edge.weight
                adjacency[(row * n + edge.j) * n + edge.i] = edge.weight
                flags[row * n + edge.i] = 1
                flags[row * n + edge.j] = 1
            }
            for node in 0..<graph.nodes where flags[row * n + node] == 1 {
                let place = (row * n + node) * features
                if let kinds = graph.kinds {
                    x[place + kinds[node]] = 1
                } else if kind == .ones {
                    for f in 0..<features { x[place + f] = 1 }
                }
            }
        }
        return (
            Tensor(x, shape: [batch, n, features]), Tensor(adjacency, shape: [batch, n, n]),
            NodeMask(Tensor(flags, shape: [batch, n]))
        )
    }
}
