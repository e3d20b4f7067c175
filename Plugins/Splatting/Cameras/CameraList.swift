import Foundation
import Genera

/// A camera with the name of its picture.
public struct NamedCamera: Sendable, Equatable {
    /// The name: mostly that of a picture, without its folder.
    public var name: String
    /// The camera.
    public var camera: Camera

    /// A camera with a name.
    public init(_ name: String, _ camera: Camera) { (self.name, self.camera) = (name, camera) }
}

/// How cameras of files are taken.
public struct CameraReading: Sendable, Equatable {
    /// What is done about lenses that distort.
    public enum Distortion: String, Sendable, CaseIterable {
        /// They are an error.
        case refused
        /// It is overlooked, and photographs stay as they are.
        case ignored
        /// It is taken out of photographs as they are read. Lenses that OpenCV's polynomials do not describe are an error.
        case removed
    }

    /// Whether the principal point is put into the centre of the picture, as the reference implementation of Kerbl et al. (2023) does
    /// with all cameras. Otherwise it is where the file says.
    public var isCentred = false
    /// What is done about lenses that distort.
    public var distortion = Distortion.refused
    /// The size of pictures for files that do not say it (NeRF's); nil looks at the pictures beside the file.
    public var size: (width: Int, height: Int)? {
        get { width > 0 ? (width, height) : nil }
        set { (width, height) = newValue ?? (0, 0) }
    }
    private var width = 0, height = 0

    /// Cameras as the files say.
    public init(
        isCentred: Bool = false, distortion: Distortion = .refused, size: (width: Int, height: Int)? = nil
    ) {
        (self.isCentred, self.distortion) = (isCentred, distortion)
        self.size = size
    }
}

/// Cameras of a file: to render from, one after another.
public struct CameraList: Sendable, Equatable {
    /// The cameras in the order of the file.
    public var cameras: [NamedCamera]
    /// Pictures a second, for a path that says it.
    public var framesPerSecond: Double?

    /// A list of cameras.
    public init(_ cameras: [NamedCamera], framesPerSecond: Double? = nil) {
        (self.cameras, self.framesPerSecond) = (cameras, framesPerSecond)
    }

    /// Reads cameras of any kind that is known: Genera's own list, `cameras.json` of a model's folder, `transforms*.json` of NeRF and
    /// nerfstudio, a camera path of nerfstudio's viewer, or a folder of a COLMAP model.
    ///
    /// - Throws: `FormatError` that names the file and the place in it.
    public static func read(path: String, _ reading: CameraReading = .init()) throws -> CameraList {
        if FileSystem.isFolder(path) {
            guard let model = try COLMAPModel.find(in: path) else {
                throw FormatError(
                    file: path, reason: "the folder holds no COLMAP model",
                    advice:
                        "cameras are read of a folder with cameras.bin and images.bin or the same as .txt, and of JSON files"
                )
            }
            return CameraList(try model.cameras(reading))
        }
        return try read(MappedFile(path: path).view, file: path, reading)
    }

    /// Reads cameras of a JSON file in memory; `file` names it in messages, and pictures are looked for beside it.
    ///
    /// - Throws: `FormatError` that names the file and the place in it.
    public static func read(_ view: ByteView, file: String, _ reading: CameraReading = .init()) throws -> CameraList {
        let value = try JSONText.parse(view, file: file)
        let list: CameraList
        if case .array = value {
            list = CameraList(try InriaCameras.read(value, file: file))
        } else if value["format"] == .string(formatName) {
            list = try read(own: JSONFields(value, file: file))
        } else if value["camera_path"] != nil {
            list = try ViewerPath.read(JSONFields(value, file: file))
        } else if value["frames"] != nil {
            list = CameraList(try TransformsFile(value, file: file).cameras(reading))
        } else {
            throw FormatError(
                file: file, reason: "is no list of cameras that is known",
                advice:
                    "a list of cameras has 'frames', 'camera_path' or \"format\": \"\(formatName)\", or is a list [...]"
            )
        }
        guard !list.cameras.isEmpty else { throw FormatError(file: file, reason: "holds no cameras") }
        guard reading.isCentred else { return list }
        var centred = list
        centred.cameras = list.cameras.map { NamedCamera($0.name, $0.camera.centred) }
        return centred
    }

    // MARK: Genera's own list

    private static let formatName = "genera.cameras"

    /// The list as JSON; reading it gives the same cameras to the last bit.
    public var json: JSONValue {
        var members: [JSONValue.Member] = [.init("format", .string(Self.formatName)), .init("version", 1)]
        if let framesPerSecond { members.append(.init("frames_per_second", .number(framesPerSecond))) }
        members.append(
            .init(
                "cameras",
                .array(
                    cameras.map { named in
                        let camera = named.camera
                        return [
                            "name": .string(named.name), "projection": .string(camera.projection.rawValue),
                            "width": .integer(camera.width), "height": .integer(camera.height),
                            "fx": .number(camera.fx), "fy": .number(camera.fy),
                            "cx": .number(camera.cx), "cy": .number(camera.cy),
                            "rotation": .array(camera.rotation.map { .number($0) }),
                            "translation": .array(camera.translation.map { .number($0) }),
                        ]
                    })))
        return .object(members)
    }

    /// Writes the list as a whole or not at all.
    ///
    /// - Throws: `FileError`.
    public func write(to path: String) throws { try AtomicFile.write(Array((json.json + "\n").utf8), to: path) }

    private static func read(own fields: JSONFields) throws -> CameraList {
        guard try fields.number("version") == 1 else {
            throw fields.error("is of a version that is not known here", advice: "version 1 is read")
        }
        let cameras = try fields.objects("cameras").map { fields in
            let word = try fields.optionalText("projection") ?? Camera.Projection.pinhole.rawValue
            guard let projection = Camera.Projection(rawValue: word) else {
                let known = Camera.Projection.allCases.map(\.rawValue).joined(separator: ", ")
                throw fields.error("there is no projection '\(word)'", advice: "known are \(known)")
            }
            let (width, height) = (try fields.size("width"), try fields.size("height"))
            let turn = try fields.numbers("rotation", counts: [9])
            guard Camera.Pose.isRotation(turn) else { throw fields.error("'rotation' is not a rotation") }
            let camera = Camera(
                rotation: turn, translation: try fields.numbers("translation", counts: [3]), width: width,
                height: height, fx: try fields.number("fx"), fy: try fields.number("fy"),
                cx: try fields.optionalNumber("cx"), cy: try fields.optionalNumber("cy"), projection: projection)
            if let fault = camera.fault { throw fields.error(fault) }
            return NamedCamera(try fields.optionalText("name") ?? "", camera)
        }
        return CameraList(cameras, framesPerSecond: try fields.optionalNumber("frames_per_second"))
    }
}

extension Camera.Pose {
    /// Whether nine numbers are the rows of a rotation.
    static func isRotation(_ rows: [Double]) -> Bool {
        guard let pose = Camera.Pose(cameraToWorld: rows, centre: [0, 0, 0], axes: .openCV) else { return false }
        // A matrix that scales has been divided by what it scales by.
        return zip(pose.rotation, Vector.transposed(rows)).allSatisfy { abs($0 - $1) < 1e-3 }
    }
}
