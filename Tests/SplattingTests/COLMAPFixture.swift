import Foundation
import Genera

@testable import Splatting

/// A sparse model written byte by byte, as COLMAP's file formats say.
struct COLMAPFixture {
    struct Lens {
        var id = 1
        var model = 1
        var width = 64
        var height = 48
        var parameters: [Double] = [50, 60, 33, 21]
    }

    struct Picture {
        var id: Int
        var quaternion: [Double]
        var translation: [Double]
        var lens = 1
        var name: String
        var points = 0
    }

    var lenses = [Lens()]
    var pictures: [Picture] = []
    var points: [(position: [Double], colour: [UInt8])] = []

    /// Cameras on a circle of radius 4 that look at the origin.
    init(_ names: [String] = ["b.png", "a.png", "c.png"]) throws {
        let orbit = try CameraPath.orbit(.init(radius: 4), count: names.count, width: 64, height: 48)
        pictures = zip(names, orbit).enumerated().map { index, pair in
            Picture(
                id: index + 7, quaternion: pair.1.pose.quaternion, translation: pair.1.translation, name: pair.0,
                points: index)
        }
        points = [([1, 2, 3], [255, 0, 51]), ([-0.5, 0.25, 8], [1, 2, 3])]
    }

    // MARK: Binary

    private static func bytes<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
        withUnsafeBytes(of: number.littleEndian) { Array($0) }
    }

    private static func bytes(_ numbers: [Double]) -> [UInt8] { numbers.flatMap { bytes($0.bitPattern) } }

    var camerasBinary: [UInt8] {
        Self.bytes(UInt64(lenses.count))
            + lenses.flatMap { lens -> [UInt8] in
                Self.bytes(UInt32(lens.id)) + Self.bytes(Int32(lens.model)) + Self.bytes(UInt64(lens.width))
                    + Self.bytes(UInt64(lens.height)) + Self.bytes(lens.parameters)
            }
    }

    var imagesBinary: [UInt8] {
        Self.bytes(UInt64(pictures.count))
            + pictures.flatMap { picture -> [UInt8] in
                let head = Self.bytes(UInt32(picture.id)) + Self.bytes(picture.quaternion + picture.translation)
                let tail = Self.bytes(UInt32(picture.lens)) + Array(picture.name.utf8) + [0]
                let point = Self.bytes([1.5, 2.5]) + Self.bytes(Int64(-1))
                return head + tail + Self.bytes(UInt64(picture.points))
                    + (0..<picture.points).flatMap { _ in point }
            }
    }

    var pointsBinary: [UInt8] {
        Self.bytes(UInt64(points.count))
            + points.enumerated().flatMap { index, point -> [UInt8] in
                let track = Self.bytes(UInt64(index)) + (0..<index).flatMap { _ in Self.bytes(UInt64(3)) }
                return Self.bytes(UInt64(index + 1)) + Self.bytes(point.position) + point.colour + Self.bytes([0.5])
                    + track
            }
    }

    // MARK: Text

    private static func words(_ numbers: [Double]) -> String { numbers.map { "\($0)" }.joined(separator: " ") }

    var camerasText: String {
        "# Camera list\n"
            + lenses.map { lens in
                "\(lens.id) \(COLMAPCameraModel.numbered(lens.model)?.name ?? "?") \(lens.width) \(lens.height) "
                    + Self.words(lens.parameters) + "\r\n"
            }.joined()
    }

    var imagesText: String {
        "# Image list\n#\n"
            + pictures.map { picture in
                "\(picture.id) \(Self.words(picture.quaternion + picture.translation)) \(picture.lens) \(picture.name)\n"
                    + (0..<picture.points).map { _ in "1.5 2.5 -1" }.joined(separator: " ") + "\n"
            }.joined()
    }

    var pointsText: String {
        "# Points\n"
            + points.enumerated().map { index, point in
                "\(index + 1) \(Self.words(point.position)) \(point.colour[0]) \(point.colour[1]) \(point.colour[2]) 0.5 1 2\n"
            }.joined()
    }

    /// Writes the model into a folder.
    func write(to folder: String, isBinary: Bool = true) throws {
        try FileSystem.makeFolders(folder)
        let files: [(String, [UInt8])] =
            isBinary
            ? [("cameras.bin", camerasBinary), ("images.bin", imagesBinary), ("points3D.bin", pointsBinary)]
            : [
                ("cameras.txt", Array(camerasText.utf8)), ("images.txt", Array(imagesText.utf8)),
                ("points3D.txt", Array(pointsText.utf8)),
            ]
        for (name, bytes) in files { try AtomicFile.write(bytes, to: "\(folder)/\(name)") }
    }
}
