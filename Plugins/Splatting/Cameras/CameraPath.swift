import Foundation
import Genera

/// Cameras one after another: an orbit, or a way through given cameras.
public enum CameraPath {
    /// What an orbit goes round, and how.
    public struct Orbit: Sendable, Equatable {
        /// The point that all cameras look at.
        public var centre: [Double]
        /// How far they are from it.
        public var radius: Double
        /// How high the first and the last camera stand, in degrees over the plane through the centre. Equal for a turntable; different
        /// ones make a spiral.
        public var elevation: ClosedRange<Double>
        /// Which way is up.
        public var up: [Double]
        /// Where the first camera stands, in degrees around `up`.
        public var azimuth = 0.0
        /// How often the orbit goes round.
        public var turns = 1.0

        /// An orbit.
        public init(centre: [Double] = [0, 0, 0], radius: Double, elevation: Double = 20, up: [Double] = [0, 0, 1]) {
            (self.centre, self.radius, self.elevation, self.up) = (centre, radius, elevation...elevation, up)
        }
    }

    /// Cameras on an orbit, evenly spaced; the last is one step before the first, so that they can be shown in a circle.
    ///
    /// - Throws: `SplattingError` for no cameras, a radius that is not positive, an elevation beyond the poles, or what a camera cannot be.
    public static func orbit(
        _ orbit: Orbit, count: Int, lens: Camera.Lens = .fieldOfView(50), width: Int, height: Int
    ) throws -> [Camera] {
        guard count > 0 else { throw SplattingError("An orbit needs at least one camera, got \(count).") }
        guard orbit.radius > 0, orbit.radius.isFinite else {
            throw SplattingError("The radius of an orbit must be positive, got \(orbit.radius).")
        }
        guard orbit.elevation.lowerBound > -90, orbit.elevation.upperBound < 90 else {
            throw SplattingError("The elevation of an orbit lies between -90 and 90 degrees, both excluded.")
        }
        guard orbit.centre.count == 3, orbit.up.count == 3, let up = Vector.normalised(orbit.up) else {
            throw SplattingError("The centre of an orbit is three numbers, and so is its upward direction, not all 0.")
        }
        let (first, second) = plane(across: up)
        return try (0..<count).map { index in
            let part = Double(index) / Double(count)
            let angle = (orbit.azimuth + 360 * orbit.turns * part) * .pi / 180
            let along = count > 1 ? Double(index) / Double(count - 1) : 0
            let (low, high) = (orbit.elevation.lowerBound, orbit.elevation.upperBound)
            let rise = (low + (high - low) * along) * .pi / 180
            let flat = Vector.sum(Vector.scaled(first, cos(angle)), Vector.scaled(second, sin(angle)))
            let direction = Vector.sum(Vector.scaled(flat, cos(rise)), Vector.scaled(up, sin(rise)))
            let eye = Vector.sum(orbit.centre, Vector.scaled(direction, orbit.radius))
            return try Camera.looking(from: eye, at: orbit.centre, up: up, lens: lens, width: width, height: height)
        }
    }

    /// Two directions at right angles to `up` and to each other. For z upwards they are x and y.
    private static func plane(across up: [Double]) -> ([Double], [Double]) {
        // The axis that is least along `up`; of equals the first.
        let least = (0..<3).min { abs(up[$0]) < abs(up[$1]) } ?? 0
        let axis = (0..<3).map { $0 == least ? 1.0 : 0 }
        let flat = Vector.difference(axis, Vector.scaled(up, Vector.dot(axis, up)))
        let first = Vector.normalised(flat) ?? axis
        return (first, Vector.cross(up, first))
    }

    /// A smooth way through cameras: places by splines of Catmull and Rom, turns by spherical interpolation, lenses linearly.
    ///
    /// - Parameters:
    ///   - count: how many cameras the way has, the given ones among them as nearly as it goes.
    ///   - isClosed: whether it goes back to the first camera.
    /// - Throws: `SplattingError` for fewer than two cameras, or cameras of different projections or sizes.
    public static func through(_ cameras: [Camera], count: Int, isClosed: Bool = false) throws -> [Camera] {
        guard let first = cameras.first, cameras.count > 1, count > 1 else {
            throw SplattingError("A way needs at least two cameras to go through, and at least two to make.")
        }
        guard
            cameras.allSatisfy({
                ($0.width, $0.height) == (first.width, first.height) && $0.projection == first.projection
            })
        else { throw SplattingError("The cameras of a way must have one projection and pictures of one size.") }
        let segments = isClosed ? cameras.count : cameras.count - 1
        return (0..<count).map { index in
            let place = Double(index * segments) / Double(isClosed ? count : count - 1)
            let segment = min(Int(place), segments - 1)
            return between(cameras, segment, place - Double(segment), isClosed: isClosed)
        }
    }

    private static func between(_ cameras: [Camera], _ segment: Int, _ t: Double, isClosed: Bool) -> Camera {
        func camera(_ index: Int) -> Camera {
            isClosed
                ? cameras[(index + cameras.count) % cameras.count] : cameras[min(max(index, 0), cameras.count - 1)]
        }
        let (from, to) = (camera(segment), camera(segment + 1))
        let points = (-1...2).map { camera(segment + $0).centre }
        let centre = (0..<3).map { axis -> Double in
            let (a, b, c, d) = (points[0][axis], points[1][axis], points[2][axis], points[3][axis])
            return b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)))
        }
        func mix(_ a: Double, _ b: Double) -> Double { a + (b - a) * t }
        var result = from
        result.fx = mix(from.fx, to.fx)
        result.fy = mix(from.fy, to.fy)
        result.cx = mix(from.cx, to.cx)
        result.cy = mix(from.cy, to.cy)
        let turn = slerp(from.pose.quaternion, to.pose.quaternion, t)
        if let pose = Camera.Pose(quaternion: turn, translation: [0, 0, 0]) {
            result.rotation = pose.rotation
            result.translation = Vector.scaled(Vector.turned(pose.rotation, centre), -1)
        }
        return result
    }

    /// The shorter way from one turn to another, at even speed.
    private static func slerp(_ a: [Double], _ b: [Double], _ t: Double) -> [Double] {
        let cosine = Vector.dot(a, b)
        let (end, near) = cosine < 0 ? (b.map { -$0 }, -cosine) : (b, cosine)
        // Nearly equal: a straight line is as good and does not divide by 0.
        guard near < 0.9999995 else { return zip(a, end).map { $0 + ($1 - $0) * t } }
        let angle = acos(near)
        return zip(a, end).map { (sin((1 - t) * angle) * $0 + sin(t * angle) * $1) / sin(angle) }
    }
}
