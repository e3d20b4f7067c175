import Foundation
import Genera

/// A camera path of nerfstudio's viewer: `camera_path`, a list of cameras with an angle and an aspect each.
enum ViewerPath {
    /// Reads the cameras of a path.
    ///
    /// - Throws: `FormatError` that names the file and the camera.
    static func read(_ fields: JSONFields) throws -> CameraList {
        let kind = try fields.optionalText("camera_type") ?? "perspective"
        let projections: [String: Camera.Projection] = [
            "perspective": .pinhole, "fisheye": .fisheye, "equirectangular": .panorama,
        ]
        guard let projection = projections[kind] else {
            throw fields.error(
                "cameras of type '\(kind)' are not rendered",
                advice: "known are perspective, fisheye and equirectangular")
        }
        let height = try fields.optionalSize("render_height")
        let width = try fields.optionalSize("render_width")
        let cameras = try fields.objects("camera_path").enumerated().map { index, frame in
            let matrix = rows(try frame.numbers("camera_to_world", counts: [16]))
            guard let pose = TransformsFile.pose(matrix) else {
                throw frame.error("'camera_to_world' cannot be inverted, mirrors or skews")
            }
            let rows = height ?? 1080
            let aspect = try frame.optionalNumber("aspect") ?? 16.0 / 9
            guard aspect > 0.001, aspect < 1000 else {
                throw frame.error("'aspect' is \(aspect), width over height was expected")
            }
            let columns = width ?? max(Int((Double(rows) * aspect).rounded()), 1)
            let angle = try frame.optionalNumber("fov") ?? 50
            guard projection == .panorama || angle > 0 && angle < 180 else {
                throw frame.error("'fov' is \(angle); more than 0 and less than 180 degrees were expected")
            }
            // The angle goes from top to bottom. The viewer takes the same focal length for a fisheye.
            let focal = projection == .panorama ? 1 : Double(rows) / (2 * tan(angle * .pi / 360))
            let camera = Camera(
                rotation: pose.rotation, translation: pose.translation, width: columns, height: rows, fx: focal,
                fy: focal, projection: projection)
            if let fault = camera.fault { throw frame.error(fault) }
            return NamedCamera(String(format: "%05d", index), camera)
        }
        return CameraList(cameras, framesPerSecond: try fields.optionalNumber("fps"))
    }

    /// Sixteen numbers row by row; some viewers write them column by column, which the place of 0, 0, 0, 1 tells.
    private static func rows(_ matrix: [Double]) -> [Double] {
        let isByColumns = matrix[3] == 0 && matrix[7] == 0 && matrix[11] == 0 && matrix[12...14].contains { $0 != 0 }
        return isByColumns ? (0..<16).map { matrix[$0 % 4 * 4 + $0 / 4] } : matrix
    }
}
