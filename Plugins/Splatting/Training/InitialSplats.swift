import Foundation
import Genera

extension Splats {
    /// Splats on a cloud of points, as wide as the points are apart (Kerbl et al., 2023, section 5.1).
    ///
    /// - Parameters:
    ///   - points: x, y, z of each in turn, `[N, 3]`.
    ///   - colors: red, green, blue of each, 0...1, `[N, 3]`.
    ///   - opacity: of all.
    ///   - scale: multiplies the root mean square distance to the three nearest points.
    public init(points: [Float], colors: [Float], degree: Int, opacity: Float = 0.1, scale: Float = 1) {
        precondition(points.count == colors.count && points.count % 3 == 0)
        self.init(count: points.count / 3, degree: degree)
        let squares = NearestThree.meanSquares(points)
        for k in 0..<count {
            for axis in 0..<3 {
                self[Plane.position + axis, k] = points[3 * k + axis]
                self[Plane.logScale + axis, k] = log(max(squares[k], 1e-7).squareRoot() * scale)
                self[Plane.harmonics + axis, k] = (colors[3 * k + axis] - 0.5) / Float(Splats.constantHarmonic)
            }
            self[Plane.rotation, k] = 1
            self[Plane.opacity, k] = log(opacity / (1 - opacity))
        }
    }
}

/// Mean squared distances to the three nearest other points.
enum NearestThree {
    static func meanSquares(_ points: [Float]) -> [Float] {
        let N = points.count / 3
        guard N > 1 else { return Array(repeating: 0, count: N) }
        let grid = Grid(points)
        let wanted = min(3, N - 1)
        return (0..<N).map { k in
            let nearest = grid.nearest(k, wanted)
            return nearest.reduce(0, +) / Float(nearest.count)
        }
    }

    /// Points in cells of a grid that holds about two each.
    private struct Grid {
        let points: [Float]
        let low: [Float]
        let size: Float
        let cells: [Int]
        let starts: [Int32]
        let members: [Int32]

        init(_ points: [Float]) {
            let N = points.count / 3
            var low = [Float](repeating: .infinity, count: 3), high = [Float](repeating: -.infinity, count: 3)
            for k in 0..<N {
                for axis in 0..<3 {
                    low[axis] = min(low[axis], points[3 * k + axis])
                    high[axis] = max(high[axis], points[3 * k + axis])
                }
            }
            let extents = (0..<3).map { max(high[$0] - low[$0], 1e-12) }
            let side = max(cbrt(extents[0] * extents[1] * extents[2] * 2 / Float(N)), extents.max()! / 256)
            let cells = extents.map { min(Int($0 / side) + 1, 257) }
            (self.points, self.low, self.size, self.cells) = (points, low, side, cells)
            var counts = [Int32](repeating: 0, count: cells[0] * cells[1] * cells[2] + 1)
            let places = (0..<N).map { k in
                Self.cell((0..<3).map { Self.place(points[3 * k + $0], low[$0], side, cells[$0]) }, cells)
            }
            for place in places { counts[place + 1] += 1 }
            for cell in 1..<counts.count { counts[cell] += counts[cell - 1] }
            var next = counts, members = [Int32](repeating: 0, count: N)
            for (k, place) in places.enumerated() {
                members[Int(next[place])] = Int32(k)
                next[place] += 1
            }
            (starts, self.members) = (counts, members)
        }

        private static func place(_ x: Float, _ low: Float, _ side: Float, _ count: Int) -> Int {
            min(max(Int((x - low) / side), 0), count - 1)
        }

        private static func cell(_ at: [Int], _ cells: [Int]) -> Int { (at[2] * cells[1] + at[1]) * cells[0] + at[0] }

        /// Squared distances to the nearest points, rings of cells outwards until no nearer one can come.
        func nearest(_ k: Int, _ wanted: Int) -> [Float] {
            let x = points[3 * k], y = points[3 * k + 1], z = points[3 * k + 2]
            let at = [
                Self.place(x, low[0], size, cells[0]), Self.place(y, low[1], size, cells[1]),
                Self.place(z, low[2], size, cells[2]),
            ]
            var best: [Float] = []
            for ring in 0...max(cells[0], cells[1], cells[2]) {
                for cz in max(at[2] - ring, 0)...min(at[2] + ring, cells[2] - 1) {
                    for cy in max(at[1] - ring, 0)...min(at[1] + ring, cells[1] - 1) {
                        let isFace = abs(cz - at[2]) == ring || abs(cy - at[1]) == ring
                        let step = isFace || ring == 0 ? 1 : 2 * ring
                        for cx in stride(from: at[0] - ring, through: at[0] + ring, by: step) {
                            guard cx >= 0, cx < cells[0] else { continue }
                            let cell = (cz * cells[1] + cy) * cells[0] + cx
                            for place in starts[cell]..<starts[cell + 1] {
                                let other = Int(members[Int(place)])
                                guard other != k else { continue }
                                let (dx, dy, dz) = (
                                    points[3 * other] - x, points[3 * other + 1] - y, points[3 * other + 2] - z
                                )
                                let square = dx * dx + dy * dy + dz * dz
                                guard best.count < wanted || square < best[best.count - 1] else { continue }
                                let slot = best.firstIndex { $0 > square } ?? best.count
                                best.insert(square, at: slot)
                                if best.count > wanted { best.removeLast() }
                            }
                        }
                    }
                }
                // Whatever lies in farther rings is at least `ring` cells away.
                let reach = Float(ring) * size
                if best.count == wanted, best[wanted - 1] <= reach * reach { break }
            }
            return best
        }
    }
}
