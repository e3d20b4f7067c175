import Foundation
import Genera

/// `transforms*.json` of NeRF (Mildenhall et al., 2020) and of nerfstudio: pictures with a pose each, and lenses for all or for each.
struct TransformsFile {
    /// A picture with its pose, and what is known of its lens.
    struct Frame {
        /// The path as it stands in the file, `/` between folders.
        let path: String
        let maskPath: String?
        let pose: Camera.Pose
        fileprivate let lens: JSONFields
        fileprivate let fallback: JSONFields
    }

    let file: String
    let frames: [Frame]
    /// Where there are lists of the pictures for each use, as nerfstudio writes them.
    let splits: (train: [String]?, val: [String]?, test: [String]?)
    /// The file of initial points.
    let pointsPath: String?

    /// Reads the text of a file; it names the places in it that are wrong.
    ///
    /// - Throws: `FormatError` for a file without frames, a matrix that is no pose, or a member of another type.
    init(_ view: ByteView, file: String) throws { try self.init(JSONText.parse(view, file: file), file: file) }

    init(_ value: JSONValue, file: String) throws {
        let top = try JSONFields(value, file: file)
        self.file = file
        guard top.has("frames") else { throw top.error("has no list 'frames'") }
        frames = try top.objects("frames").map { fields in
            guard let path = try fields.optionalText("file_path"), !path.isEmpty else {
                throw fields.error("has no text 'file_path'")
            }
            let named = try JSONFields(fields.value, file: file, place: "\(fields.place) (\(path))")
            guard let pose = Self.pose(try named.numbers("transform_matrix", counts: [12, 16])) else {
                throw named.error(
                    "'transform_matrix' cannot be inverted, mirrors or skews",
                    advice: "it must turn and move a camera and have the last row 0, 0, 0, 1")
            }
            return Frame(
                path: path.slashed,
                maskPath: try named.optionalText("mask_path")?.slashed, pose: pose,
                lens: named, fallback: top)
        }
        guard !frames.isEmpty else { throw top.error("the list 'frames' is empty") }
        func list(_ key: String) throws -> [String]? {
            try top.optionalTexts(key)?.map { $0.slashed }
        }
        splits = (try list("train_filenames"), try list("val_filenames"), try list("test_filenames"))
        pointsPath = try top.optionalText("ply_file_path")
        if top.has("applied_transform") {
            // Poses and points are both in the axes it leads to; a matrix that makes no sense is a damaged file all the same.
            let matrix = try top.numbers("applied_transform", counts: [12, 16])
            guard matrix.allSatisfy(\.isFinite) else { throw top.error("'applied_transform' is not finite") }
        }
    }

    /// The pose of a matrix camera to world in axes x right, y up, z back, in rows of four; nil where it is none.
    static func pose(_ matrix: [Double]) -> Camera.Pose? {
        if matrix.count == 16 {
            guard zip(matrix[12...], [0, 0, 0, 1]).allSatisfy({ abs($0 - $1) < 1e-6 }) else { return nil }
        }
        return Camera.Pose(
            cameraToWorld: (0..<9).map { matrix[$0 / 3 * 4 + $0 % 3] }, centre: [matrix[3], matrix[7], matrix[11]],
            axes: .openGL)
    }

    /// The cameras of all frames.
    ///
    /// - Throws: `FormatError` for a lens that cannot be, or pictures of a size that is not known.
    func cameras(_ reading: CameraReading) throws -> [NamedCamera] {
        try frames.map { frame in
            let size = try frame.statedSize ?? reading.size ?? foundSize(frame)
            return NamedCamera(
                PicturePath.stem(frame.path), try frame.camera(width: size.width, height: size.height, reading))
        }
    }

    private func foundSize(_ frame: Frame) throws -> (width: Int, height: Int) {
        guard let path = PicturePath.find(frame.path, in: FileSystem.parent(of: file)) else {
            throw frame.lens.error(
                "the size of its picture is not said, and the picture is not there",
                advice: "give the size of the pictures")
        }
        return try Image.size(path: path)
    }
}

extension TransformsFile.Frame {
    /// The width and height that the file gives; nil where it does not.
    var statedSize: (width: Int, height: Int)? {
        get throws {
            guard let width = try optionalSize("w"), let height = try optionalSize("h") else { return nil }
            return (width, height)
        }
    }

    private func optionalSize(_ key: String) throws -> Int? {
        try lens.optionalSize(key) ?? fallback.optionalSize(key)
    }

    private func optionalNumber(_ key: String) throws -> Double? {
        try lens.optionalNumber(key) ?? fallback.optionalNumber(key)
    }

    /// The camera without distortion, for a picture of a size.
    ///
    /// - Throws: `FormatError` for a lens without an angle or focal length, with one that cannot be, or with distortion.
    func camera(width: Int, height: Int, _ reading: CameraReading) throws -> Camera {
        try photographed(width: width, height: height, reading).camera
    }

    /// The same, and the camera with distortion where that is to be taken out.
    func photographed(
        width: Int, height: Int, _ reading: CameraReading
    ) throws -> (camera: Camera, distorted: DistortedCamera?) {
        let (projection, distortion) = try lensType(reading)
        let (fx, fy) = try projection == .panorama ? (1, 1) : focal(width: width, height: height)
        let camera = Camera(
            rotation: pose.rotation, translation: pose.translation, width: width, height: height, fx: fx, fy: fy,
            cx: try optionalNumber("cx"), cy: try optionalNumber("cy"), projection: projection)
        if let fault = camera.fault { throw lens.error(fault) }
        return (
            reading.isCentred ? camera.centred : camera,
            distortion.map { DistortedCamera(camera: camera, distortion: $0) }
        )
    }

    private func focal(width: Int, height: Int) throws -> (Double, Double) {
        func focal(_ key: String, _ size: Int) throws -> Double? {
            guard let angle = try optionalNumber(key) else { return nil }
            guard angle > 0, angle < .pi else {
                throw lens.error("'\(key)' is \(angle); more than 0 and less than pi (180 degrees) was expected")
            }
            return Double(size) / (2 * tan(angle / 2))
        }
        let (fx, fy) = (try optionalNumber("fl_x"), try optionalNumber("fl_y"))
        if let fx { return (fx, fy ?? fx) }
        if let fy { return (fy, fy) }
        let (across, down) = (try focal("camera_angle_x", width), try focal("camera_angle_y", height))
        // NeRF's pixels are square, and its files give one angle.
        guard let one = across ?? down else {
            throw lens.error("neither the frame nor the file has 'fl_x' or 'camera_angle_x', so its angle is not known")
        }
        return (across ?? one, down ?? one)
    }

    private func lensType(_ reading: CameraReading) throws -> (Camera.Projection, LensDistortion?) {
        let model = try lens.optionalText("camera_model") ?? fallback.optionalText("camera_model") ?? "OPENCV"
        let isFisheye: Bool
        switch model {
        case "PINHOLE", "SIMPLE_PINHOLE": return (.pinhole, nil)
        case "EQUIRECTANGULAR": return (.panorama, nil)
        case "OPENCV", "SIMPLE_RADIAL", "RADIAL", "FULL_OPENCV": isFisheye = try marksFisheye()
        case "OPENCV_FISHEYE": isFisheye = true
        default: throw lens.error("cameras of the model \(model) are not rendered", advice: LensDistortion.advice)
        }
        let keys = (1...6).map { "k\($0)" } + ["p1", "p2"]
        let values = try keys.map { try optionalNumber($0) ?? 0 }
        let distortion = LensDistortion(
            isFisheye ? .fisheye : .radialTangential, radial: Array(values.prefix(6)),
            tangential: Array(values.suffix(2)))
        guard distortion.isNone || reading.distortion != .refused else {
            let named = zip(keys, values).filter { $1 != 0 }.map { "\($0) = \($1)" }.joined(separator: ", ")
            throw lens.error(
                "the lens distorts (\(model), \(named)), which is not rendered", advice: LensDistortion.advice)
        }
        let isRemoved = reading.distortion == .removed && !distortion.isNone
        return (isFisheye ? .fisheye : .pinhole, isRemoved ? distortion : nil)
    }

    private func marksFisheye() throws -> Bool {
        let mark = lens.value["is_fisheye"] ?? fallback.value["is_fisheye"]
        return mark == .bool(true)
    }
}
