import Foundation
import Genera

/// Where a scene is seen from, in words.
public struct ViewOptions: ParsableArguments, Sendable {
    /// Columns and rows of the picture.
    @Option(
        help: ArgumentHelp("Columns and rows of the picture. (default: 800x800, or the camera's)", valueName: "WxH"))
    public var size: PixelSize?

    /// Where the camera stands.
    @Option(parsing: .unconditional, help: ArgumentHelp("Where the camera stands.", valueName: "x,y,z"))
    public var eye: Triple?

    /// What it looks at.
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("What it looks at. (default: the middle of the scene)", valueName: "x,y,z"))
    public var target: Triple?

    /// Which way is up.
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Which way is up. (default: what the file says, else 0,-1,0 as most files have it)", valueName: "x,y,z"))
    public var up: Triple?

    /// Degrees from top to bottom of the picture.
    @Option(help: ArgumentHelp("Degrees from top to bottom of the picture.", valueName: "degrees"))
    public var fov = 45.0

    /// How directions become pixels.
    @Option(help: "How directions become pixels.")
    public var projection = Camera.Projection.pinhole

    /// Cameras from a file: a list of Genera's, cameras.json, transforms.json, a path of nerfstudio's viewer, or a COLMAP folder.
    @Option(
        help: ArgumentHelp(
            "Cameras from a file: a list of Genera's, cameras.json, transforms.json, a path of nerfstudio's viewer, or a COLMAP folder.",
            valueName: "path"), completion: .file())
    public var camera: String?

    /// Which camera of the file: its name, or its number from 0.
    @Option(
        help: ArgumentHelp(
            "Which camera of the file: its name, or its number from 0. (default: 0)", valueName: "name|n"))
    public var view: String?

    /// A smooth way of so many views through the cameras of --camera.
    @Option(help: ArgumentHelp("A smooth way of so many views through the cameras of --camera.", valueName: "n"))
    public var path: Int?

    /// Let the way of --path go back to its first camera.
    @Flag(help: "Let the way of --path go back to its first camera.")
    public var closed = false

    /// What is done about lenses that distort: refused, an error; ignored, straight lines all the same; removed, also out of photographs.
    @Option(
        help:
            "What is done about lenses that distort: refused, an error; ignored, straight lines all the same; removed, also out of photographs."
    )
    public var distortion = CameraReading.Distortion.refused

    /// A round trip of so many views around the scene.
    @Option(help: ArgumentHelp("A round trip of so many views around the scene.", valueName: "n"))
    public var turntable: Int?

    /// Degrees of a camera that nobody placed over the scene's horizon.
    @Option(
        help: ArgumentHelp("Degrees of a camera that nobody placed over the scene's horizon.", valueName: "degrees"))
    public var elevation = 15.0

    /// Degrees of the first view around the scene.
    @Option(
        help: ArgumentHelp(
            "Degrees of the first view around the scene. (default: where there is most to see)", valueName: "degrees"))
    public var azimuth: Double?

    /// Multiplies the distance of a camera that nobody placed.
    @Option(help: ArgumentHelp("Multiplies the distance of a camera that nobody placed.", valueName: "factor"))
    public var distance = 1.0

    /// For ArgumentParser.
    public init() {}

    /// Refuses values that make no sense, naming the option.
    public func validate() throws {
        guard fov > 0, fov < 180 || projection == .fisheye && fov <= 360 else {
            throw ValidationError("--fov must be more than 0 and less than 180 degrees, got \(fov).")
        }
        guard (1...10_000).contains(turntable ?? 1) else {
            throw ValidationError("--turntable must be from 1 to 10,000 views, got \(turntable ?? 0).")
        }
        guard abs(elevation) < 90 else {
            throw ValidationError("--elevation must be between -90 and 90 degrees, got \(elevation).")
        }
        guard distance > 0, distance.isFinite else {
            throw ValidationError("--distance must be positive, got \(distance).")
        }
        if camera != nil, eye != nil || turntable != nil {
            throw ValidationError("--camera brings its own cameras: leave out --eye and --turntable.")
        }
        if eye != nil, turntable != nil { throw ValidationError("--eye and --turntable exclude each other.") }
        guard (2...100_000).contains(path ?? 2) else {
            throw ValidationError("--path must be from 2 to 100,000 views, got \(path ?? 0).")
        }
        if path != nil, camera == nil || view != nil {
            throw ValidationError("--path leads through all cameras of a file: give --camera, and leave out --view.")
        }
        if closed, path == nil { throw ValidationError("--closed is for the way of --path.") }
        if view != nil, camera == nil { throw ValidationError("--view chooses a camera of a file: give --camera too.") }
    }

    /// The cameras that the words ask for, in order.
    ///
    /// - Parameter path: how a file that is read is noted.
    /// - Throws: what is wrong with them, in a sentence.
    public func cameras(
        for scene: SplatScene, _ rules: RenderRules, reading path: (String) -> String = { $0 }
    ) throws -> [NamedCamera] {
        do {
            return try wanted(for: scene, rules, reading: path)
        } catch let error as SplattingError {
            throw error.kind == .usage ? GeneraError.usage(error.description) : error
        }
    }

    private func wanted(
        for scene: SplatScene, _ rules: RenderRules, reading path: (String) -> String
    ) throws -> [NamedCamera] {
        if let camera { return try listed(path(camera), isCentred: rules.convention == .inria) }
        let size = size ?? PixelSize(width: 800, height: 800)
        let framing = Framing(scene.splats)
        let up = up?.values ?? scene.up ?? [0, -1, 0]
        let target = target?.values ?? framing.centre
        if let eye {
            let lens = lens(distance: Vector.length(Vector.difference(eye.values, target)))
            return [
                NamedCamera(
                    "view",
                    try .looking(
                        from: eye.values, at: target, up: up, lens: lens, width: size.width, height: size.height))
            ]
        }
        let degrees = min(fov, 120), aspect = Double(size.width) / Double(size.height)
        var orbit = CameraPath.Orbit(
            centre: target, radius: framing.distance(fieldOfView: degrees, aspect: aspect) * distance,
            elevation: elevation, up: up)
        orbit.azimuth =
            try azimuth
            ?? framing.bestSide(of: scene.splats, up: up, elevation: elevation, fieldOfView: degrees, rules: rules)
        if projection == .panorama { orbit.radius = framing.radius * 0.01 }
        let cameras = try CameraPath.orbit(
            orbit, count: turntable ?? 1, lens: lens(distance: orbit.radius), width: size.width, height: size.height)
        return cameras.enumerated().map { NamedCamera(String(format: "%04d", $0), $1) }
    }

    private func lens(distance: Double) -> Camera.Lens {
        switch projection {
        case .pinhole: .fieldOfView(fov)
        case .fisheye: .fisheye(fov)
        case .orthographic: .orthographic(height: 2 * distance * tan(min(fov, 170) * .pi / 360))
        case .panorama: .panorama
        }
    }

    private func listed(_ path: String, isCentred: Bool) throws -> [NamedCamera] {
        let reading = CameraReading(
            isCentred: isCentred, distortion: distortion, size: size.map { ($0.width, $0.height) })
        let list = try CameraList.read(path: path, reading).cameras.map { camera in
            guard let size, (size.width, size.height) != (camera.camera.width, camera.camera.height) else {
                return camera
            }
            return NamedCamera(camera.name, camera.camera.resized(width: size.width, height: size.height))
        }
        if let count = self.path {
            return try CameraPath.through(list.map(\.camera), count: count, isClosed: closed).enumerated().map {
                NamedCamera(String(format: "%04d", $0), $1)
            }
        }
        guard let view else { return list }
        if let named = list.first(where: { $0.name == view }) { return [named] }
        guard let number = Int(view), list.indices.contains(number) else {
            let names = list.prefix(5).map(\.name).joined(separator: ", ")
            throw GeneraError.usage(
                "\(path) has \(list.count) cameras (\(names)\(list.count > 5 ? ", ..." : "")), and none is '\(view)'.")
        }
        return [list[number]]
    }
}

/// Columns and rows, written as 800x600.
public struct PixelSize: ExpressibleByArgument, Sendable, Equatable, CustomStringConvertible {
    /// Columns.
    public let width: Int
    /// Rows.
    public let height: Int

    /// A size.
    public init(width: Int, height: Int) { (self.width, self.height) = (width, height) }

    /// Reads 800x600, or 800 for a square. Nil for something else, more than 32,000 a side, or more than 2^30 pixels.
    public init?(argument: String) {
        let parts = argument.lowercased().split(separator: "x", omittingEmptySubsequences: false).map { Int($0) }
        guard (1...2).contains(parts.count), let width = parts[0], let height = parts[parts.count - 1] else {
            return nil
        }
        guard (1...Camera.mostPixels).contains(width), (1...Camera.mostPixels).contains(height),
            width * height <= 1 << 30
        else { return nil }
        self.init(width: width, height: height)
    }

    /// As it is written.
    public var description: String { "\(width)x\(height)" }
    /// As help shows it.
    public var defaultValueDescription: String { description }
}

/// Three numbers, written as 1,-2,0.5.
public struct Triple: ExpressibleByArgument, Sendable, Equatable, CustomStringConvertible {
    /// The numbers.
    public let values: [Double]

    /// Reads three finite numbers with commas between. Nil for something else.
    public init?(argument: String) {
        let parts = argument.split(separator: ",", omittingEmptySubsequences: false).map {
            Double($0.trimmingCharacters(in: .whitespaces))
        }
        guard parts.count == 3, !parts.contains(where: { $0?.isFinite != true }) else { return nil }
        values = parts.compactMap { $0 }
    }

    /// As it is written.
    public var description: String { values.map { "\($0)" }.joined(separator: ",") }
}

extension Camera.Projection: ExpressibleByArgument {}
extension RenderRules.Convention: ExpressibleByArgument {}

extension CameraReading.Distortion: ExpressibleByArgument {}
