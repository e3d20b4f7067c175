import Foundation
import Genera

extension Camera {
    /// How wide a camera looks.
    public enum Lens: Sendable, Equatable {
        /// A pinhole that covers so many degrees from top to bottom, below 180.
        case fieldOfView(Double)
        /// A pinhole that covers so many degrees from left to right, below 180.
        case horizontalFieldOfView(Double)
        /// A pinhole of focal lengths in pixels.
        case focalLength(Double, Double)
        /// Parallel rays: the picture is so high in units of the world.
        case orthographic(height: Double)
        /// An equidistant fisheye that covers so many degrees from top to bottom, up to 360.
        case fisheye(Double)
        /// All directions.
        case panorama

        /// Projection and focal lengths for a picture.
        ///
        /// - Throws: `SplattingError` for an angle, length or height that no lens has.
        func focal(width: Int, height: Int) throws -> (projection: Projection, fx: Double, fy: Double) {
            func angle(_ degrees: Double, below limit: Double, _ what: String) throws -> Double {
                guard degrees > 0, degrees < limit else {
                    throw SplattingError(
                        "A \(what) must be more than 0 and less than \(Int(limit)) degrees, got \(degrees).")
                }
                return degrees * .pi / 180
            }
            switch self {
            case .fieldOfView(let degrees):
                let focal = Double(height) / (2 * tan(try angle(degrees, below: 180, "field of view") / 2))
                return (.pinhole, focal, focal)
            case .horizontalFieldOfView(let degrees):
                let focal = Double(width) / (2 * tan(try angle(degrees, below: 180, "field of view") / 2))
                return (.pinhole, focal, focal)
            case let .focalLength(fx, fy):
                guard fx > 0, fy > 0, fx.isFinite, fy.isFinite else {
                    throw SplattingError("Focal lengths must be positive, got \(fx) and \(fy) pixels.")
                }
                return (.pinhole, fx, fy)
            case .orthographic(let size):
                guard size > 0, size.isFinite else {
                    throw SplattingError(
                        "The height that a camera of parallel rays sees must be positive, got \(size).")
                }
                return (.orthographic, Double(height) / size, Double(height) / size)
            case .fisheye(let degrees):
                let focal = Double(height) / (try angle(degrees, below: 361, "fisheye's field of view"))
                return (.fisheye, focal, focal)
            case .panorama: return (.panorama, Double(width) / (2 * .pi), Double(height) / .pi)
            }
        }
    }

    /// A camera by hand: at `eye`, looking at `target`, with `up` upwards in the picture.
    ///
    /// - Throws: `SplattingError` for a picture without pixels, an eye in its target, an `up` along the line of sight, or a lens that
    ///   cannot be.
    public static func looking(
        from eye: [Double], at target: [Double], up: [Double], lens: Lens = .fieldOfView(50), width: Int, height: Int
    ) throws -> Camera {
        guard width > 0, height > 0 else {
            throw SplattingError("A picture needs at least one pixel each way, got \(width)x\(height).")
        }
        guard [eye, target, up].allSatisfy({ $0.count == 3 && $0.allSatisfy(\.isFinite) }) else {
            throw SplattingError("The eye, its target and the upward direction are three finite numbers each.")
        }
        let sight = Vector.difference(target, eye)
        guard let forward = Vector.normalised(sight) else {
            throw SplattingError("The camera stands at \(Vector.text(eye)) and looks at the same point.")
        }
        guard let upward = Vector.normalised(up), let right = Vector.normalised(Vector.cross(forward, upward), 1e-6)
        else {
            throw SplattingError(
                "The upward direction \(Vector.text(up)) does not say which way is up for a camera that looks along \(Vector.text(forward))."
            )
        }
        let rotation = right + Vector.cross(forward, right) + forward
        let translation = Vector.scaled(Vector.turned(rotation, eye), -1)
        let (projection, fx, fy) = try lens.focal(width: width, height: height)
        let camera = Camera(
            rotation: rotation, translation: translation, width: width, height: height, fx: fx, fy: fy,
            projection: projection)
        if let fault = camera.fault { throw SplattingError("The camera cannot be: \(fault).") }
        return camera
    }
}

/// A choice that cannot be, in one sentence.
struct SplattingError: KindedError, Equatable {
    let description: String
    let kind: FailureKind

    init(_ description: String, kind: FailureKind = .usage) { (self.description, self.kind) = (description, kind) }
}

/// Three numbers in space.
enum Vector {
    static func difference(_ a: [Double], _ b: [Double]) -> [Double] { zip(a, b).map(-) }
    static func sum(_ a: [Double], _ b: [Double]) -> [Double] { zip(a, b).map(+) }
    static func scaled(_ a: [Double], _ factor: Double) -> [Double] { a.map { $0 * factor } }
    static func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
    static func length(_ a: [Double]) -> Double { dot(a, a).squareRoot() }

    static func cross(_ a: [Double], _ b: [Double]) -> [Double] {
        [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
    }

    /// Nine numbers in rows as the transposed matrix in rows.
    static func transposed(_ rows: [Double]) -> [Double] { (0..<9).map { index in rows[index % 3 * 3 + index / 3] } }

    /// R v of nine numbers in rows.
    static func turned(_ rows: [Double], _ v: [Double]) -> [Double] {
        (0..<3).map { row in rows[3 * row] * v[0] + rows[3 * row + 1] * v[1] + rows[3 * row + 2] * v[2] }
    }

    /// The direction of a vector; nil where it is no longer than `least`.
    static func normalised(_ a: [Double], _ least: Double = 1e-12) -> [Double]? {
        let length = length(a)
        return length > least && length.isFinite ? a.map { $0 / length } : nil
    }

    static func text(_ a: [Double]) -> String {
        "(" + a.map { String(format: "%g", $0) }.joined(separator: ", ") + ")"
    }
}
