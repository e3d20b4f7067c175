import Genera

/// A photograph with its camera.
public struct View: Sendable, Equatable {
    /// The photograph's path below its folder, without its ending.
    public var name: String
    /// The camera, for the size that the photograph is brought to.
    public var camera: Camera
    /// Where the photograph lies.
    public var imagePath: String
    /// Where its mask lies: white is what counts.
    public var maskPath: String?
    /// The camera that took the photograph, where its lens's distortion is taken out as the pixels are read.
    public var distorted: DistortedCamera?

    /// A photograph with its camera.
    public init(
        name: String, camera: Camera, imagePath: String, maskPath: String? = nil, distorted: DistortedCamera? = nil
    ) {
        (self.name, self.camera, self.imagePath, self.maskPath) = (name, camera, imagePath, maskPath)
        self.distorted = distorted
    }
}

/// A data set of posed photographs: cameras and files, whose pixels `Photograph` reads.
///
///     let views = try PosedViews.read(path: "garden")
///     let photographs = Photographs(views.train)
public struct PosedViews: Sendable {
    /// What wrote the data set.
    public enum Kind: String, Sendable {
        /// A sparse model of COLMAP.
        case colmap = "COLMAP"
        /// Files `transforms_train.json` and so on.
        case nerf = "NeRF"
        /// One file `transforms.json`.
        case nerfstudio = "nerfstudio"
    }

    /// Where the cameras of a set stand.
    public struct Extent: Sendable, Equatable {
        /// The mean of their places.
        public var centre: [Double]
        /// 1.1 times the greatest distance from it; 1 where all stand at one point.
        public var radius: Double
    }

    /// The path it was read from.
    public let path: String
    /// What wrote it.
    public let kind: Kind
    /// Photographs to learn from.
    public var train: [View]
    /// Photographs to test with, which training does not see; none unless evaluation was asked for.
    public var test: [View]
    /// Photographs to watch training by, where the data set has such.
    public var val: [View]
    /// Points that training begins with.
    public var points: InitialPoints
    /// What was chosen, left aside or made up in reading, for people.
    public var remarks: [String]

    /// Where the cameras that training sees stand.
    public var extent: Extent { Self.extent(of: train.map(\.camera)) }

    /// Where cameras stand; radius 1.1 max |c - mean| (Kerbl et al., 2023).
    public static func extent(of cameras: [Camera]) -> Extent {
        let centres = cameras.map(\.centre)
        guard !centres.isEmpty else { return Extent(centre: [0, 0, 0], radius: 1) }
        let mean = Vector.scaled(centres.reduce([0, 0, 0], Vector.sum), 1 / Double(centres.count))
        let farthest = centres.map { Vector.length(Vector.difference($0, mean)) }.max() ?? 0
        return Extent(centre: mean, radius: farthest > 1e-9 ? 1.1 * farthest : 1)
    }

    /// Reads a data set, whichever of the known kinds it is: a folder with `sparse`, with `transforms_train.json`, or with
    /// `transforms.json`, looked for in this order; a COLMAP model elsewhere in it; or a JSON file of one of those names.
    ///
    /// No pixels are read yet, but the size of every photograph.
    ///
    /// - Throws: `FormatError`, `ImagingError` or `FileError` that names the file and the place in it.
    public static func read(path: String, _ reading: ViewReading = .init()) throws -> PosedViews {
        if !FileSystem.isFolder(path) {
            guard FileSystem.exists(path) else {
                throw FormatError(
                    file: path, reason: "there is no such folder of photographs", advice: "check the path",
                    kind: .noInput)
            }
            return try nerfstudio(file: path, reading)
        }
        let models = COLMAPModel.folders(in: path)
        if FileSystem.isFolder("\(path)/sparse"), !models.isEmpty { return try colmap(path, models, reading) }
        if FileSystem.exists("\(path)/transforms_train.json") { return try nerf(path, reading) }
        if FileSystem.exists("\(path)/transforms.json") {
            return try nerfstudio(file: "\(path)/transforms.json", reading)
        }
        if !models.isEmpty { return try colmap(path, models, reading) }
        throw FormatError(
            file: path, reason: "is no data set of posed photographs that is known",
            advice:
                "a folder needs sparse/0 with cameras and images of COLMAP (.bin or .txt), transforms_train.json, or transforms.json"
        )
    }

    /// Which of views sorted by name are for tests.
    static func split(_ views: [View], _ reading: ViewReading) -> (train: [View], test: [View]) {
        guard reading.isEvaluated else { return (views, []) }
        let every = max(reading.testEvery, 2)
        let places = views.enumerated()
        return (
            places.filter { $0.offset % every != 0 }.map(\.element),
            places.filter { $0.offset % every == 0 }.map(\.element)
        )
    }

    static func requireTraining(_ train: [View], file: String) throws {
        guard train.isEmpty else { return }
        throw FormatError(
            file: file, reason: "no photograph is left to train on",
            advice: "give more photographs, or train without keeping some for tests")
    }
}
