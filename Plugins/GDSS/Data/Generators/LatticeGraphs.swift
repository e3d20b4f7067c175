import Genera

/// Graphs in which nothing is left to chance but their size.
package enum LatticeGraphs {
    /// Nodes in rows, each joined with those beside, above and below it; numbered row by row.
    package static func grid(rows: Int, columns: Int) -> SimpleGraph {
        let places = (0..<rows * columns).map { ($0 / columns, $0 % columns) }
        let edges = places.enumerated().flatMap { node, place -> [(Int, Int)] in
            (place.1 + 1 < columns ? [(node, node + 1)] : []) + (place.0 + 1 < rows ? [(node, node + columns)] : [])
        }
        return SimpleGraph(nodeCount: rows * columns, edges: edges)
    }

    /// Nodes around a circle.
    package static func cycle(nodes: Int) -> SimpleGraph {
        SimpleGraph(nodeCount: nodes, edges: (0..<nodes).map { ($0, ($0 + 1) % nodes) })
    }

    /// Two cycles, each node joined with its partner.
    package static func circularLadder(rungs: Int) -> SimpleGraph {
        let edges = (0..<rungs).flatMap { rung in
            let next = (rung + 1) % rungs
            return [(rung, next), (rungs + rung, rungs + next), (rung, rungs + rung)]
        }
        return SimpleGraph(nodeCount: 2 * rungs, edges: edges)
    }
}
