import Genera

/// Trees.
package enum TreeGraphs {
    /// A tree, all labelled trees equally likely, by Prüfer's code: each leaf in turn, the smallest first, hangs on the next number of a
    /// random list.
    package static func tree(nodes: Int, _ draws: inout DrawStream) -> SimpleGraph {
        guard nodes > 2 else { return SimpleGraph(nodeCount: nodes, edges: nodes == 2 ? [(0, 1)] : []) }
        let code = (0..<nodes - 2).map { _ in draws.integer(in: 0...nodes - 1) }
        var open = [Int](repeating: 1, count: nodes)
        for node in code { open[node] += 1 }
        var edges: [(Int, Int)] = []
        for node in code {
            // Small trees: looking for the smallest leaf each time is quick enough.
            guard let leaf = open.firstIndex(of: 1) else { break }
            edges.append((leaf, node))
            open[leaf] = 0
            open[node] -= 1
        }
        let last = open.indices.filter { open[$0] == 1 }
        return SimpleGraph(nodeCount: nodes, edges: edges + [(last[0], last[1])])
    }

    /// A lobster: a path of 0 to twice `backbone` nodes, whose nodes get leaves as long as chance `near` has it, and those leaves as long
    /// as `far` has it; drawn again until its size lies in `sizes`.
    package static func lobster(
        backbone: Int, near: Double, far: Double, sizes: ClosedRange<Int>, _ draws: inout DrawStream
    ) -> SimpleGraph {
        while true {
            let length = Int(2 * draws.uniform() * Double(backbone) + 0.5)
            var edges = (1..<max(length, 1)).map { ($0 - 1, $0) }
            var count = length
            for node in 0..<length where count <= sizes.upperBound {
                while draws.happens(near) {
                    let leaf = count
                    edges.append((node, leaf))
                    count += 1
                    while draws.happens(far) {
                        edges.append((leaf, count))
                        count += 1
                    }
                }
            }
            if sizes.contains(count) { return SimpleGraph(nodeCount: count, edges: edges) }
        }
    }
}
