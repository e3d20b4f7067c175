import Genera

/// A sparse model of COLMAP: lenses, posed pictures, and points.
struct COLMAPModel {
    /// A lens.
    struct Lens {
        let id: Int
        let model: COLMAPCameraModel
        let width: Int
        let height: Int
        let parameters: [Double]
    }

    /// A picture with its pose.
    struct Picture {
        let id: Int
        let pose: Camera.Pose
        let lens: Int
        /// The path below the folder of pictures, `/` between folders.
        let name: String
    }

    /// The folder it is read from.
    let folder: String
    /// The ending of its files.
    let isBinary: Bool
    let lenses: [Int: Lens]
    let pictures: [Picture]

    var camerasFile: String { path("cameras") }
    var imagesFile: String { path("images") }

    private func path(_ name: String) -> String { "\(folder)/\(name).\(isBinary ? "bin" : "txt")" }

    /// The file of points; nil where there is none.
    var pointsFile: String? { FileSystem.exists(path("points3D")) ? path("points3D") : nil }

    /// Reads the cameras and pictures of a folder that holds them. Rigs and frames, which newer versions write too, say nothing that
    /// the poses of pictures do not.
    ///
    /// - Throws: `FormatError` or `FileError` that names the file and the place in it.
    init(folder: String) throws {
        self.folder = folder
        isBinary = FileSystem.exists("\(folder)/images.bin")
        let ending = isBinary ? "bin" : "txt"
        let cameras = try MappedFile(path: "\(folder)/cameras.\(ending)")
        let images = try MappedFile(path: "\(folder)/images.\(ending)")
        if isBinary {
            lenses = try COLMAPBinary.lenses(cameras.view, file: cameras.path)
            pictures = try COLMAPBinary.pictures(images.view, file: images.path)
        } else {
            lenses = try COLMAPText.lenses(cameras.view, file: cameras.path)
            pictures = try COLMAPText.pictures(images.view, file: images.path)
        }
        guard !lenses.isEmpty else { throw FormatError(file: cameras.path, reason: "holds no cameras") }
        guard !pictures.isEmpty else {
            throw FormatError(
                file: images.path, reason: "holds no pictures: none was registered",
                advice: "run the reconstruction again, or take another of its models")
        }
    }

    /// Whether a folder holds a model.
    static func isModel(_ folder: String) -> Bool {
        ["bin", "txt"].contains { ending in
            ["cameras", "images"].allSatisfy { FileSystem.exists("\(folder)/\($0).\(ending)") }
        }
    }

    /// The largest model in a folder: in it, or in the folders below where COLMAP and its friends put theirs.
    ///
    /// - Returns: nil where there is none.
    /// - Throws: as `init(folder:)`.
    static func find(in source: String) throws -> COLMAPModel? { try largest(folders(in: source))?.model }

    /// The folders below a folder that hold models, those of `sparse` first.
    static func folders(in source: String) -> [String] {
        for parent in ["\(source)/sparse", "\(source)/colmap/sparse", source] {
            let candidates = [parent] + FileSystem.names(in: parent).map { "\(parent)/\($0)" }
            let found = candidates.filter { FileSystem.isFolder($0) && isModel($0) }
            if !found.isEmpty { return found }
        }
        return []
    }

    /// The model with most pictures, of equals the first, and what is to be said of the others.
    static func largest(_ folders: [String]) throws -> (model: COLMAPModel, remark: String?)? {
        guard folders.count > 1 else {
            return try folders.first.map { (try COLMAPModel(folder: $0), nil) }
        }
        var best: COLMAPModel?
        for folder in folders {
            let model = try COLMAPModel(folder: folder)
            if model.pictures.count > best?.pictures.count ?? 0 { best = model }
        }
        return best.map { best in
            (
                best,
                "\(folders.count) sparse models are there; \(best.folder) has most pictures, \(best.pictures.count), and is taken"
            )
        }
    }

    /// The cameras of all pictures, in the order of the file.
    ///
    /// - Throws: `FormatError` for a lens that is not rendered, or a picture whose camera is not there.
    func cameras(_ reading: CameraReading) throws -> [NamedCamera] {
        try pictures.map { NamedCamera(PicturePath.stem($0.name), try camera(of: $0, reading)) }
    }

    /// The camera of a picture without distortion.
    func camera(of picture: Picture, _ reading: CameraReading) throws -> Camera {
        try photographed(picture, reading).camera
    }

    /// The same, and the camera with distortion where that is to be taken out.
    func photographed(
        _ picture: Picture, _ reading: CameraReading
    ) throws -> (camera: Camera, distorted: DistortedCamera?) {
        guard let lens = lenses[picture.lens] else {
            throw FormatError(
                file: imagesFile, place: "image \(picture.id) (\(picture.name))",
                reason: "its camera \(picture.lens) is not in \(FileSystem.name(of: camerasFile))")
        }
        let distortion = try distortion(of: lens, reading)
        let (fx, fy, cx, cy) = lens.model.lens(lens.parameters, width: lens.width, height: lens.height)
        let camera = Camera(
            rotation: picture.pose.rotation, translation: picture.pose.translation, width: lens.width,
            height: lens.height, fx: fx, fy: fy, cx: cx, cy: cy, projection: lens.model.base)
        if let fault = camera.fault { throw error(lens, fault) }
        return (
            reading.isCentred ? camera.centred : camera,
            distortion.map { DistortedCamera(camera: camera, distortion: $0) }
        )
    }

    private func error(_ lens: Lens, _ reason: String, _ advice: String = "") -> FormatError {
        FormatError(file: camerasFile, place: "camera \(lens.id)", reason: reason, advice: advice)
    }

    /// What is to be taken out of a lens's photographs.
    private func distortion(of lens: Lens, _ reading: CameraReading) throws -> LensDistortion? {
        let bent = lens.model.distortion(lens.parameters).filter { $0 != 0 }
        guard !bent.isEmpty, reading.distortion != .ignored else { return nil }
        let polynomials = lens.model.polynomials(lens.parameters)
        if reading.distortion == .removed, let polynomials { return polynomials }
        throw error(
            lens,
            "it is of the model \(lens.model.name) and distorts (\(bent.map { "\($0)" }.joined(separator: ", "))), which is not rendered",
            LensDistortion.advice)
    }
}
