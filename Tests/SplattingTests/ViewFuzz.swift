import Foundation
import Genera
import Testing

@testable import Splatting

/// Throws damaged files at every reader of cameras, and that of flat splats. A reader may throw a `FormatError` or return; it may not trap, hang or fill
/// the memory. `GENERA_FUZZ_SECONDS` is the time for each reader, `GENERA_FUZZ_SEED` the start of the random numbers.
@Suite(.serialized) struct ViewFuzz {
    struct Target: Sendable, CustomTestStringConvertible {
        let name: String
        let seeds: @Sendable () throws -> [[UInt8]]
        let read: @Sendable (ByteView) throws -> Void
        var testDescription: String { name }
    }

    @Test("Damaged files of cameras and flat splats never do harm", arguments: targets)
    func fuzz(target: Target) throws {
        let environment = ProcessInfo.processInfo.environment
        let seconds = Double(environment["GENERA_FUZZ_SECONDS"] ?? "") ?? 1
        let seed = UInt64(environment["GENERA_FUZZ_SEED"] ?? "") ?? 1
        var damage = Damage(seed: seed)
        let seeds = try target.seeds()
        for seed in seeds { try target.read(ByteView(seed)) }
        let end = Date(timeIntervalSinceNow: seconds)
        var rounds = 0
        while Date() < end {
            let bytes = damage.damaged(seeds)
            let start = Date()
            do {
                try target.read(ByteView(bytes))
            } catch is FormatError {
            } catch {
                Issue.record("\(target.name), seed \(seed), round \(rounds): \(error) is not a FormatError")
            }
            let took = Date().timeIntervalSince(start)
            if took > 5 { Issue.record("\(target.name), seed \(seed), round \(rounds): \(took) s") }
            rounds += 1
        }
    }

    static let targets: [Target] = [
        Target(
            name: "cameras.bin", seeds: { [try COLMAPFixture().camerasBinary] },
            read: { _ = try COLMAPBinary.lenses($0, file: "f") }),
        Target(
            name: "images.bin", seeds: { [try COLMAPFixture().imagesBinary] },
            read: { _ = try COLMAPBinary.pictures($0, file: "f") }),
        Target(
            name: "points3D.bin", seeds: { [try COLMAPFixture().pointsBinary] },
            read: { _ = try COLMAPBinary.points($0, file: "f") }),
        Target(
            name: "cameras.txt", seeds: { [Array(try COLMAPFixture().camerasText.utf8)] },
            read: { _ = try COLMAPText.lenses($0, file: "f") }),
        Target(
            name: "images.txt", seeds: { [Array(try COLMAPFixture().imagesText.utf8)] },
            read: { _ = try COLMAPText.pictures($0, file: "f") }),
        Target(
            name: "points3D.txt", seeds: { [Array(try COLMAPFixture().pointsText.utf8)] },
            read: { _ = try COLMAPText.points($0, file: "f") }),
        Target(
            name: "lists of cameras", seeds: lists,
            read: { view in
                let list = try CameraList.read(view, file: "f", CameraReading(size: (8, 8)))
                for named in list.cameras { if let fault = named.camera.fault { fatalError(fault) } }
            }),
        Target(
            name: "gsi", seeds: flatSplats,
            read: { view in
                let splats = try FlatFile.read(view, file: "f")
                if splats.width * splats.height < 1 << 12, splats.count < 64 { _ = splats.render() }
            }),
    ]

    @Sendable private static func flatSplats() throws -> [[UInt8]] {
        try [(FlatSplats.Form.cholesky, FlatSplats.Kernel.gaussian), (.rotation, .general)].flatMap { form, kernel in
            var splats = FlatSplats(width: 9, height: 7, count: 3, form: form, kernel: kernel)
            for plane in 0..<FlatSplats.Plane.count {
                for index in 0..<3 { splats[plane, index] = Float(plane + 3 * index) * 0.1 }
            }
            return try Scenes.inFolder { folder in
                try FlatFile.write(splats, to: "\(folder)/plain.gsi")
                try FlatFile.write(splats, FlatCodes(splats), to: "\(folder)/packed.gsi")
                return try ["plain", "packed"].map { try FileSystem.contents(of: "\(folder)/\($0).gsi") }
            }
        }
    }

    @Sendable private static func lists() throws -> [[UInt8]] {
        let orbit = try CameraPath.orbit(.init(radius: 2), count: 2, width: 8, height: 8)
        let named = orbit.map { NamedCamera("a", $0) }
        let matrix = "[[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 4], [0, 0, 0, 1]]"
        let texts = [
            CameraList(named, framesPerSecond: 5).json.json, InriaCameras.json(named).json,
            #"{"camera_angle_x": 0.8, "frames": [{"file_path": "./a", "transform_matrix": \#(matrix)}]}"#,
            #"{"fl_x": 9, "fl_y": 8, "cx": 4, "w": 8, "h": 6.0, "camera_model": "OPENCV_FISHEYE", "k1": 0, "applied_transform": \#(matrix), "train_filenames": ["a"], "frames": [{"file_path": "a", "transform_matrix": \#(matrix), "cy": 2}]}"#,
            #"{"camera_type": "fisheye", "render_height": 8, "fps": 24, "camera_path": [{"camera_to_world": \#(matrix), "fov": 50, "aspect": 1.5}]}"#,
        ]
        return texts.map { Array($0.utf8) }
    }
}

/// Damages bytes in the ways that files are damaged, and in worse ones.
private struct Damage {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    /// SplitMix64.
    private mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    private mutating func below(_ bound: Int) -> Int { bound <= 0 ? 0 : Int(next() % UInt64(bound)) }

    private mutating func part(of bytes: [UInt8]) -> Range<Int> {
        let start = below(bytes.count + 1)
        return start..<min(bytes.count, start + below(32))
    }

    mutating func damaged(_ seeds: [[UInt8]]) -> [UInt8] {
        var bytes = seeds[below(seeds.count)]
        for _ in 0...below(6) {
            switch below(7) {
            case 0: if !bytes.isEmpty { bytes[below(bytes.count)] ^= 1 << UInt8(below(8)) }
            case 1: if !bytes.isEmpty { bytes[below(bytes.count)] = UInt8(truncatingIfNeeded: next()) }
            case 2: bytes = Array(bytes.prefix(below(bytes.count + 1)))
            case 3:
                let value = [0, 1, .max, 1 << 63, 1 << 31, 0xFFFF_FFFF, 1 << 62, 255][below(8)] as UInt64
                let start = below(bytes.count + 1)
                let width = min([1, 2, 4, 8][below(4)], bytes.count - start)
                let number = withUnsafeBytes(of: value.littleEndian) { Array($0.prefix(width)) }
                bytes.replaceSubrange(start..<start + width, with: number)
            case 4:
                // A digit changed keeps texts readable and reaches further in.
                let digits = bytes.indices.filter { (48...57).contains(bytes[$0]) }
                if !digits.isEmpty { bytes[digits[below(digits.count)]] = UInt8(48 + below(10)) }
            case 5: bytes.removeSubrange(part(of: bytes))
            default:
                let other = seeds[below(seeds.count)]
                bytes.insert(contentsOf: other[part(of: other)], at: below(bytes.count + 1))
            }
        }
        return bytes
    }
}
