import Foundation
import Genera

extension Camera {
    /// Which way the axes of a camera point.
    public enum Axes: Sendable {
        /// x right, y down, z forward: OpenCV, COLMAP, and this type.
        case openCV
        /// x right, y up, z back: OpenGL, Blender, NeRF.
        case openGL
    }

    /// Where a camera stands and how it is turned.
    public struct Pose: Sendable, Equatable {
        /// The rows of R, world to camera.
        public var rotation: [Double]
        /// t, world to camera.
        public var translation: [Double]

        /// A pose from world to camera.
        public init(rotation: [Double], translation: [Double]) {
            precondition(rotation.count == 9 && translation.count == 3)
            (self.rotation, self.translation) = (rotation, translation)
        }

        /// A pose from the turn and place of a camera in the world.
        ///
        /// - Parameters:
        ///   - columns: the camera's axes in the world as the columns of a matrix in rows, at right angles and of one length: a matrix
        ///     that also scales the world gives the same picture without that.
        ///   - centre: where the camera stands.
        /// - Returns: nil where the matrix turns nothing into anything, mirrors, or skews.
        public init?(cameraToWorld columns: [Double], centre: [Double], axes: Axes) {
            let m = columns
            guard m.count == 9, centre.count == 3, (m + centre).allSatisfy(\.isFinite) else { return nil }
            let determinant =
                m[0] * (m[4] * m[8] - m[5] * m[7]) - m[1] * (m[3] * m[8] - m[5] * m[6])
                + m[2] * (m[3] * m[7] - m[4] * m[6])
            guard determinant > 1e-30, determinant.isFinite else { return nil }
            var scale = cbrt(determinant)
            if abs(scale - 1) < 1e-6 { scale = 1 }
            let flips: [Double] = axes == .openGL ? [1, -1, -1] : [1, 1, 1]
            var rows = Vector.transposed(m)
            for index in 0..<9 { rows[index] *= flips[index / 3] / scale }
            for i in 0..<3 {
                for j in 0...i {
                    let product = Vector.dot(Array(rows[3 * i..<3 * i + 3]), Array(rows[3 * j..<3 * j + 3]))
                    guard abs(product - (i == j ? 1 : 0)) < 1e-3 else { return nil }
                }
            }
            rotation = rows
            translation = Vector.scaled(Vector.turned(rows, centre), -1)
        }

        /// A pose from a quaternion w, x, y, z and a translation, world to camera (COLMAP).
        ///
        /// - Returns: nil for a quaternion of length 0, or numbers that are not finite.
        public init?(quaternion: [Double], translation: [Double]) {
            let length = quaternion.reduce(0) { $0 + $1 * $1 }.squareRoot()
            guard length > 1e-12, length.isFinite, translation.allSatisfy(\.isFinite) else { return nil }
            let (w, x, y, z) = (
                quaternion[0] / length, quaternion[1] / length, quaternion[2] / length, quaternion[3] / length
            )
            rotation = [
                1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y),
                2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x),
                2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y),
            ]
            self.translation = translation
        }

        /// The quaternion w, x, y, z of R, of length 1, w not negative.
        public var quaternion: [Double] {
            let r = rotation
            // The greatest of the four is worked out by a root, the others by dividing by it.
            let squares = [
                1 + r[0] + r[4] + r[8], 1 + r[0] - r[4] - r[8], 1 - r[0] + r[4] - r[8], 1 - r[0] - r[4] + r[8],
            ]
            let largest = squares.indices.max { squares[$0] < squares[$1] } ?? 0
            let (a, b, c) = (r[7] - r[5], r[2] - r[6], r[3] - r[1])
            let (d, e, f) = (r[1] + r[3], r[2] + r[6], r[5] + r[7])
            var q: [Double] =
                switch largest {
                case 0: [squares[0], a, b, c]
                case 1: [a, squares[1], d, e]
                case 2: [b, d, squares[2], f]
                default: [c, e, f, squares[3]]
                }
            let length = q.reduce(0) { $0 + $1 * $1 }.squareRoot()
            q = q.map { (q[0] < 0 ? -$0 : $0) / length }
            return q
        }
    }

    /// Where the camera stands and how it is turned.
    public var pose: Pose {
        get { Pose(rotation: rotation, translation: translation) }
        set { (rotation, translation) = (newValue.rotation, newValue.translation) }
    }

    /// The columns of R^T, the camera's axes in the world, as a matrix in rows.
    public var cameraToWorld: [Double] { Vector.transposed(rotation) }

    /// The angles that the picture covers across and down in radians, for a pinhole camera with its principal point in the centre.
    public var fieldOfView: (across: Double, down: Double) {
        (2 * atan(Double(width) / (2 * fx)), 2 * atan(Double(height) / (2 * fy)))
    }

    /// The same view on a picture of another size.
    public func resized(width newWidth: Int, height newHeight: Int) -> Camera {
        var camera = self
        let (across, down) = (Double(newWidth) / Double(width), Double(newHeight) / Double(height))
        (camera.width, camera.height) = (newWidth, newHeight)
        (camera.fx, camera.cx) = (fx * across, cx * across)
        (camera.fy, camera.cy) = (fy * down, cy * down)
        return camera
    }

    /// The same camera with its principal point in the centre of the picture, as the rasteriser of Kerbl et al. (2023) takes every camera.
    public var centred: Camera {
        var camera = self
        (camera.cx, camera.cy) = (Double(width) / 2, Double(height) / 2)
        return camera
    }

    /// The most pixels that a side of a picture can have: the kernels count them in 16 bits.
    static let mostPixels = 32_000

    /// What is wrong with the camera's numbers, without a full stop; nil for a camera that can be rendered.
    var fault: String? {
        guard width > 0, height > 0 else { return "its picture has the size \(width)x\(height)" }
        guard width <= Self.mostPixels, height <= Self.mostPixels else {
            return "its picture of \(width)x\(height) pixels is larger than 32,000 on a side"
        }
        guard (rotation + translation + [fx, fy, cx, cy]).allSatisfy(\.isFinite) else {
            return "one of its numbers is not finite"
        }
        guard projection == .panorama || fx > 0 && fy > 0 else {
            return "its focal lengths are \(fx) and \(fy); they must be positive"
        }
        return nil
    }
}
