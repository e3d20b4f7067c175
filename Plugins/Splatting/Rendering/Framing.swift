import Foundation
import Genera

/// Where a scene is and how large, so that a camera can be found for it that nobody named.
public struct Framing: Sendable, Equatable {
    /// The middle of what there is to see.
    public let centre: [Double]
    /// The radius of a ball around it with nearly all that can be seen.
    public let radius: Double

    /// The framing of a scene: opaque splats count by their opacity, and the outermost ones, which are often strays, do not.
    public init(_ splats: Splats) {
        let solid = (0..<splats.count).filter { splats[Splats.Plane.opacity, $0] > -1 }
        let chosen = solid.isEmpty ? Array(0..<splats.count) : solid
        guard !chosen.isEmpty else {
            (centre, radius) = ([0, 0, 0], 1)
            return
        }
        let middle = (0..<3).map { axis -> Double in
            let values = chosen.map { splats[Splats.Plane.position + axis, $0] }.sorted()
            let low = values[values.count / 100], high = values[values.count - 1 - values.count / 100]
            return Double(low + high) / 2
        }
        let distances = chosen.map { k -> Double in
            (0..<3).reduce(0) { sum, axis in
                let d = Double(splats[Splats.Plane.position + axis, k]) - middle[axis]
                return sum + d * d
            }
        }.sorted()
        (centre, radius) = (middle, max(distances[distances.count * 98 / 100].squareRoot(), 1e-6))
    }

    /// How far a camera of a field of view must be to see the ball.
    public func distance(fieldOfView degrees: Double, aspect: Double) -> Double {
        let half = degrees * .pi / 360
        let narrower = aspect < 1 ? atan(tan(half) * aspect) : half
        return radius / sin(narrower) * 1.02
    }

    /// The side from which there is most to see: of eight around `up` the one whose small picture covers most, weighed by how much
    /// detail it has.
    ///
    /// - Returns: the angle around `up`, in degrees.
    public func bestSide(
        of splats: Splats, up: [Double], elevation: Double, fieldOfView: Double, rules: RenderRules
    ) throws -> Double {
        let rasterizer = try Rasterizer(), size = 96
        var orbit = CameraPath.Orbit(
            centre: centre, radius: distance(fieldOfView: fieldOfView, aspect: 1), elevation: elevation, up: up)
        var best = (score: -1.0, angle: 0.0)
        for angle in stride(from: 0.0, to: 360, by: 45) {
            orbit.azimuth = angle
            let camera = try CameraPath.orbit(
                orbit, count: 1, lens: .fieldOfView(fieldOfView), width: size, height: size)[0]
            let view = try rasterizer.render(splats, camera, rules)
            let score = Self.interest(view)
            if score > best.score * 1.02 { best = (score, angle) }
        }
        return best.angle
    }

    private static func interest(_ view: RenderedView) -> Double {
        let (width, height) = (view.width, view.height)
        var covered = 0.0, detail = 0.0
        for y in 0..<height {
            for x in 0..<width {
                let at = y * width + x
                covered += Double(1 - view.transmittance[at])
                guard x > 0, y > 0, view.transmittance[at] < 0.5 else { continue }
                for channel in 0..<3 {
                    let plane = channel * width * height + at
                    detail += Double(abs(view.planes[plane] - view.planes[plane - 1]))
                    detail += Double(abs(view.planes[plane] - view.planes[plane - width]))
                }
            }
        }
        return covered * (0.05 + detail / max(covered, 1))
    }
}
