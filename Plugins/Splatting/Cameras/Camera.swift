/// A camera: where it stands, how it projects, and the size of its picture.
///
/// World to camera is x_c = R x + t, in axes x right, y down, z forward (OpenCV, COLMAP).
public struct Camera: Sendable, Equatable {
    /// How directions become pixels.
    public enum Projection: String, Sendable, CaseIterable {
        /// u = fx X / Z + cx.
        case pinhole
        /// u = fx X + cx.
        case orthographic
        /// Equidistant: u = fx theta X / rho + cx.
        case fisheye
        /// All directions: longitude over the width, latitude over the height; `fx`...`cy` are not used.
        case panorama
    }

    /// The rows of R, world to camera.
    public var rotation: [Double]
    /// t, world to camera.
    public var translation: [Double]
    /// The projection.
    public var projection: Projection
    /// Columns of the picture.
    public var width: Int
    /// Rows of the picture.
    public var height: Int
    /// Focal lengths in pixels.
    public var fx: Double, fy: Double
    /// The principal point in pixels from the corner of the picture: its centre is (width / 2, height / 2).
    public var cx: Double, cy: Double

    /// A camera; the principal point is the centre of the picture unless given.
    public init(
        rotation: [Double], translation: [Double], width: Int, height: Int, fx: Double, fy: Double,
        cx: Double? = nil, cy: Double? = nil, projection: Projection = .pinhole
    ) {
        precondition(rotation.count == 9 && translation.count == 3)
        (self.rotation, self.translation, self.projection) = (rotation, translation, projection)
        (self.width, self.height, self.fx, self.fy) = (width, height, fx, fy)
        (self.cx, self.cy) = (cx ?? Double(width) / 2, cy ?? Double(height) / 2)
    }

    /// Where the camera stands, -R^T t.
    public var centre: [Double] {
        (0..<3).map { j in -(0..<3).reduce(0) { $0 + rotation[3 * $1 + j] * translation[$1] } }
    }
}
