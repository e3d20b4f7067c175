import Genera

/// Random graphs of independent edges, and such as grow node by node.
package enum RandomGraphs {
    /// Each pair of nodes is joined with a probability of its own, independently; one above 1 counts as 1.
    package static func edges(
        nodes: Int, _ draws: inout DrawStream, probability: (Int, Int) -> Double
    ) -> SimpleGraph {
        var edges: [(Int, Int)] = []
        for second in 0..<nodes {
            for first in 0..<second where draws.happens(probability(first, second)) { edges.append((first, second)) }
        }
        return SimpleGraph(nodeCount: nodes, edges: edges)
    }

    /// A graph that grows: each new node joins so many others, chosen in proportion to how many neighbours they have: Barabási and
    /// Albert, "Emergence of scaling in random networks", Science 286 (1999).
    ///
    /// After the first, each choice is with the probability `triangles` a neighbour of the one before instead, which closes a
    /// triangle: Holme and Kim, "Growing scale-free networks with tunable clustering", Physical Review E 65 (2002).
    package static func attached(nodes: Int, edges count: Int, triangles: Double, _ draws: inout DrawStream)
        -> SimpleGraph
    {
        var neighbours = [Set<Int>](repeating: [], count: nodes)
        // Each node as often as it has edges; the first nodes once.
        var ends = Array(0..<min(count, nodes))
        for node in min(count, nodes)..<nodes {
            var last: Int?
            while neighbours[node].count < min(count, node) {
                let near = last.map { neighbours[$0].subtracting(neighbours[node]).subtracting([node]).sorted() } ?? []
                let closes = !near.isEmpty && triangles > 0 && draws.happens(triangles)
                let target =
                    closes
                    ? near[draws.integer(in: 0...near.count - 1)] : ends[draws.integer(in: 0...ends.count - 1)]
                guard neighbours[node].insert(target).inserted else { continue }
                neighbours[target].insert(node)
                last = target
            }
            ends += neighbours[node].sorted() + Array(repeating: node, count: neighbours[node].count)
        }
        let edges = neighbours.enumerated().flatMap { node, list in list.map { (node, $0) } }
        return SimpleGraph(nodeCount: nodes, edges: edges)
    }
}
