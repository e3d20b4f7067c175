import Foundation

extension Splats {
    /// The splats without the harmonics above a degree; as they are where they have none.
    func limited(toDegree limit: Int) -> Splats {
        guard limit < degree else { return self }
        var result = Splats(count: count, degree: max(limit, 0))
        for plane in 0..<result.planeCount {
            let numbers = self.plane(plane)
            result.withPlane(plane) { _ = $0.update(fromContentsOf: numbers) }
        }
        return result
    }

    /// Makes all splats, and the ways between them, so many times as large, about the origin.
    mutating func scale(by factor: Double) {
        let rise = Float(log(factor))
        for axis in 0..<3 {
            withPlane(Plane.position + axis) { for i in $0.indices { $0[i] = Float(Double($0[i]) * factor) } }
            withPlane(Plane.logScale + axis) { for i in $0.indices { $0[i] += rise } }
        }
    }

    /// Moves all splats.
    mutating func move(by way: [Double]) {
        for axis in 0..<3 {
            withPlane(Plane.position + axis) { for i in $0.indices { $0[i] = Float(Double($0[i]) + way[axis]) } }
        }
    }
}
