import Genera

/// `cameras.json` in the folder of a model trained by the reference implementation of Kerbl et al. (2023).
public enum InriaCameras {
    /// Reads the cameras; the principal point is the centre of the picture.
    ///
    /// - Throws: `FormatError` that names the file and the camera.
    static func read(_ value: JSONValue, file: String) throws -> [NamedCamera] {
        try JSONFields.objects(value, file: file, place: "camera").map { fields in
            let (width, height) = (try fields.size("width"), try fields.size("height"))
            let place = try fields.numbers("position", counts: [3])
            let turn = try fields.numbers("rotation", counts: [9])
            guard let pose = Camera.Pose(cameraToWorld: turn, centre: place, axes: .openCV) else {
                throw fields.error("'rotation' is not a rotation")
            }
            let camera = Camera(
                rotation: pose.rotation, translation: pose.translation, width: width, height: height,
                fx: try fields.number("fx"), fy: try fields.number("fy"))
            if let fault = camera.fault { throw fields.error(fault) }
            return NamedCamera(try fields.optionalText("img_name") ?? "", camera)
        }
    }

    /// The same file for cameras: what viewers of such models read. Principal points are left out, as in the original.
    public static func json(_ cameras: [NamedCamera]) -> JSONValue {
        .array(
            cameras.enumerated().map { index, named in
                let camera = named.camera
                let turn = camera.cameraToWorld
                return [
                    "id": .integer(index), "img_name": .string(named.name), "width": .integer(camera.width),
                    "height": .integer(camera.height), "position": .array(camera.centre.map { .number($0) }),
                    "rotation": .array((0..<3).map { row in .array((0..<3).map { .number(turn[3 * row + $0]) }) }),
                    "fy": .number(camera.fy), "fx": .number(camera.fx),
                ]
            })
    }
}
