import Genera

/// The graphs of the data set community-small.
///
/// Two communities of half of 12 to 20 nodes, each a random graph with p = 0.7, and few edges between them. As published, the
/// communities of a size are always the same two, made under the seeds 0 and 1; only the edges between them are drawn.
package enum CommunityGraphs {
    /// Draws a graph.
    package static func draw(_ draws: inout DrawStream) -> SimpleGraph {
        let half = draws.integer(in: 12...20) / 2
        let first = community(nodes: half, seed: 0)
        let second = community(nodes: half, seed: 1)
        var between: [(Int, Int)] = []
        for node in 0..<half {
            for other in half..<2 * half where draws.happens(0.1 / Double(half)) { between.append((node, other)) }
        }
        if between.isEmpty { between = [(0, half)] }
        return SimpleGraph(
            nodeCount: 2 * half, edges: first + second.map { ($0.0 + half, $0.1 + half) } + between)
    }

    /// The edges of the community of so many nodes that Python's networkx makes under a seed.
    package static func community(nodes: Int, seed: UInt32) -> [(Int, Int)] {
        var numbers = MersenneTwister(seed: seed)
        var edges: [(Int, Int)] = []
        for first in 0..<nodes {
            for second in first + 1..<nodes where numbers.uniform() < 0.7 { edges.append((first, second)) }
        }
        return edges
    }
}
