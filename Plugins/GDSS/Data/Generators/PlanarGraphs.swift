import Genera

/// Planar graphs of points in the plane.
package enum PlanarGraphs {
    /// The edges of the Delaunay triangulation of points of which no four lie on a circle, as random ones do not: two points are joined
    /// where a circle through both has no other point inside.
    ///
    /// The centres of circles through two points lie on a line; each other point rules out one of its halves.
    /// - Complexity: O(points³).
    package static func triangulation(points: [(x: Double, y: Double)]) -> SimpleGraph {
        var edges: [(Int, Int)] = []
        for second in points.indices {
            for first in 0..<second where hasEmptyCircle(first, second, points) { edges.append((first, second)) }
        }
        return SimpleGraph(nodeCount: points.count, edges: edges)
    }

    private static func hasEmptyCircle(_ first: Int, _ second: Int, _ points: [(x: Double, y: Double)]) -> Bool {
        let (a, b) = (points[first], points[second])
        let middle = (x: (a.x + b.x) / 2, y: (a.y + b.y) / 2)
        let along = (x: (b.x - a.x) / 2, y: (b.y - a.y) / 2)
        // A centre is the middle plus t times `along` turned by a quarter.
        var (low, high) = (-Double.infinity, Double.infinity)
        let square = along.x * along.x + along.y * along.y
        for (number, point) in points.enumerated() where number != first && number != second {
            let (x, y) = (point.x - middle.x, point.y - middle.y)
            let side = along.x * y - along.y * x
            let excess = x * x + y * y - square
            if side == 0 {
                if excess < 0 { return false }
                continue
            }
            let bound = excess / (2 * side)
            if side > 0 { high = min(high, bound) } else { low = max(low, bound) }
            if low >= high { return false }
        }
        return true
    }
}
