import Foundation

/// How the splats that can be seen stand to each other.
struct SplatCrowd {
    /// A splat is a floater if it is farther from all others than so many times the median spacing.
    static let loneliness: Float = 10
    /// Cells of the fill ratio along each axis.
    static let fillSide = 64

    /// Centres of splats of an opacity of at least 0.1.
    private let points: [SIMD3<Float>]

    init(_ splats: Splats) {
        let limit = SplatCoding.logit(0.1)
        let (x, y, z) = (splats.plane(0), splats.plane(1), splats.plane(2))
        var points: [SIMD3<Float>] = []
        points.reserveCapacity(splats.count)
        for (i, logit) in splats.plane(Splats.Plane.opacity).enumerated() where logit >= limit {
            points.append(SIMD3(x[x.startIndex + i], y[y.startIndex + i], z[z.startIndex + i]))
        }
        self.points = points
    }

    /// The median over some points, taken at even steps, of the distance to the nearest other; nil without two points.
    private var spacing: Float? {
        guard points.count > 1 else { return nil }
        // All distances from few points: a time that grows with the scene, and not faster.
        let wanted = max(64, min(512, 30_000_000 / points.count))
        var distances: [Float] = []
        points.withUnsafeBufferPointer { points in
            for k in Swift.stride(from: 0, to: points.count, by: max(1, points.count / wanted)) {
                let own = points[k]
                var least = Float.infinity
                for i in points.indices where i != k {
                    let way = points[i] - own
                    least = min(least, (way * way).sum())
                }
                distances.append(least)
            }
        }
        distances.sort()
        return distances[distances.count / 2].squareRoot()
    }

    /// How many points have no other within reach, and how far that is; nil where the points have no spacing.
    var floaters: (count: Int, reach: Double)? {
        guard let spacing, spacing > 0, spacing.isFinite else { return nil }
        let reach = spacing * Self.loneliness
        // Two points in one cell are within reach of each other, so that only lone ones have to be looked after.
        let cells = PointCells(points, edge: reach / Float(3).squareRoot())
        let count = cells.lonePoints.count { !cells.hasNeighbour($0, of: points, within: reach) }
        return (count, Double(reach))
    }

    /// The share of cells that hold a point, of the box that holds the middle 98 of a hundred points along each axis; nil for a box
    /// without volume.
    var fillRatio: Double? {
        guard points.count > 1 else { return nil }
        let step = max(1, points.count / SceneFacts.sampleLimit)
        var (low, high) = (SIMD3<Float>(), SIMD3<Float>())
        for axis in 0..<3 {
            let values = Swift.stride(from: 0, to: points.count, by: step).map { points[$0][axis] }.sorted()
            (low[axis], high[axis]) = (values[values.count / 100], values[values.count - 1 - values.count / 100])
        }
        let (extent, side) = (high - low, Self.fillSide)
        guard extent.min() > 0, extent.max().isFinite else { return nil }
        var isFilled = [Bool](repeating: false, count: side * side * side)
        for point in points {
            let way = (point - low) / extent
            guard way.min() >= 0, way.max() <= 1 else { continue }
            let cell = SIMD3<Int>(pointwiseMin(way * Float(side), SIMD3(repeating: Float(side - 1))))
            isFilled[(cell.z * side + cell.y) * side + cell.x] = true
        }
        return Double(isFilled.count { $0 }) / Double(isFilled.count)
    }
}

/// Points by the cells of a grid without bounds.
private struct PointCells {
    private let edge: Float
    private let mask: Int
    /// The cell of each slot of the table.
    private var cells: [SIMD3<Int32>]
    /// A point of the cell in each slot; -1 for a free slot.
    private var firsts: [Int32]
    /// Another point in the cell of each point; -1 for none.
    private var others: [Int32]
    private let places: [SIMD3<Int32>]

    init(_ points: [SIMD3<Float>], edge: Float) {
        var size = 16
        while size < 2 * points.count { size *= 2 }
        (self.edge, mask) = (edge, size - 1)
        cells = Array(repeating: SIMD3(), count: size)
        firsts = Array(repeating: -1, count: size)
        others = Array(repeating: -1, count: points.count)
        // Beyond a thousand million cells points share the last one.
        let limit = SIMD3<Float>(repeating: 1e9)
        places = points.map { point in
            let cell = pointwiseMax(pointwiseMin(point / edge, limit), -limit)
            return SIMD3<Int32>(cell.rounded(.down))
        }
        for (index, place) in places.enumerated() {
            let slot = slot(of: place)
            others[index] = firsts[slot]
            (cells[slot], firsts[slot]) = (place, Int32(truncatingIfNeeded: index))
        }
    }

    /// Points that have a cell to themselves.
    var lonePoints: [Int] { firsts.filter { $0 >= 0 && others[Int($0)] < 0 }.map { Int($0) } }

    /// Whether there is another point near one that has a cell to itself.
    func hasNeighbour(_ index: Int, of points: [SIMD3<Float>], within reach: Float) -> Bool {
        let (own, place) = (points[index], places[index])
        for z in Int32(-2)...2 {
            for y in Int32(-2)...2 {
                for x in Int32(-2)...2 where (x, y, z) != (0, 0, 0) {
                    var other = Int(firsts[slot(of: place &+ SIMD3(x, y, z))])
                    while other >= 0 {
                        let way = points[other] - own
                        if (way * way).sum() <= reach * reach { return true }
                        other = Int(others[other])
                    }
                }
            }
        }
        return false
    }

    private func slot(of cell: SIMD3<Int32>) -> Int {
        let x = UInt64(UInt32(bitPattern: cell.x)), y = UInt64(UInt32(bitPattern: cell.y))
        var hash = (x | y << 32) &* 0x9E37_79B9_7F4A_7C15
        hash = (hash ^ hash >> 29 ^ UInt64(UInt32(bitPattern: cell.z))) &* 0xBF58_476D_1CE4_E5B9
        var slot = Int(truncatingIfNeeded: hash >> 20) & mask
        while firsts[slot] >= 0, cells[slot] != cell { slot = (slot + 1) & mask }
        return slot
    }
}
