import Foundation
import Genera
import Testing

@testable import Splatting

/// Scenes and comparisons for the tests of files.
enum Scenes {
    /// Splats drawn at random: what is in them is what trained scenes have.
    static func random(_ count: Int, degree: Int, seed: UInt64 = 1, hasShapes: Bool = false) -> SplatScene {
        var generator = SplitMix(seed: seed)
        var splats = Splats(count: count, degree: degree)
        for i in 0..<count {
            for axis in 0..<3 {
                splats[axis, i] = generator.uniform(-3, 3)
                splats[Splats.Plane.logScale + axis, i] = generator.uniform(-7, 0)
            }
            for part in 0..<4 { splats[Splats.Plane.rotation + part, i] = generator.uniform(-1, 1) }
            splats[Splats.Plane.opacity, i] = generator.uniform(-4, 4)
            if hasShapes { splats[Splats.Plane.shape, i] = generator.uniform(-2, 2) }
            for plane in Splats.Plane.harmonics..<splats.planeCount { splats[plane, i] = generator.uniform(-0.9, 0.9) }
        }
        return SplatScene(splats)
    }

    /// Writes a scene, reads it and removes the file.
    static func roundTrip(
        _ scene: SplatScene, as ending: String, _ options: SplatScene.WritingOptions = .init()
    ) throws -> SplatScene {
        try inFolder { folder in
            let path = "\(folder)/scene.\(ending)"
            try scene.write(to: path, options: options)
            return try SplatScene.read(path)
        }
    }

    /// Reads bytes as a file of a name.
    static func read(_ bytes: [UInt8], named name: String, dropInvalid: Bool = false) throws -> SplatScene {
        try inFolder { folder in
            try AtomicFile.write(bytes, to: "\(folder)/\(name)")
            return try SplatScene.read("\(folder)/\(name)", dropInvalid: dropInvalid)
        }
    }

    /// The bytes that a scene is written as.
    static func bytes(
        _ scene: SplatScene, as ending: String, _ options: SplatScene.WritingOptions = .init()
    ) throws -> [UInt8] {
        try inFolder { folder in
            try scene.write(to: "\(folder)/scene.\(ending)", options: options)
            return try FileSystem.contents(of: "\(folder)/scene.\(ending)")
        }
    }

    static func inFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("splats-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: path) }
        return try body(path)
    }

    /// The message that reading ends with; empty where it does not.
    static func message<Result>(_ body: () throws -> Result) -> String {
        do { _ = try body() } catch { return "\(error)" }
        return ""
    }

    /// The greatest difference between the numbers of some planes.
    static func difference(_ a: Splats, _ b: Splats, _ planes: Range<Int>) -> Float {
        planes.flatMap { plane in zip(a.plane(plane), b.plane(plane)).map { abs($0 - $1) } }.max() ?? 0
    }

    /// The greatest angle, in radians, between the rotations of splats.
    static func angle(_ a: Splats, _ b: Splats) -> Double {
        (0..<a.count).map { i in
            func unit(_ splats: Splats) -> [Double] {
                let q = (0..<4).map { Double(splats[Splats.Plane.rotation + $0, i]) }
                let length = q.reduce(0) { $0 + $1 * $1 }.squareRoot()
                return q.map { $0 / length }
            }
            return 2 * acos(min(1, abs(zip(unit(a), unit(b)).reduce(0) { $0 + $1.0 * $1.1 })))
        }.max() ?? 0
    }

    /// The splats in the order of their first coordinate: some formats have an order of their own.
    static func sorted(_ splats: Splats) -> Splats {
        splats.selecting((0..<splats.count).sorted { splats[0, $0] < splats[0, $1] })
    }
}

/// Numbers of a seed, the same on every machine.
struct SplitMix {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    mutating func uniform(_ low: Float, _ high: Float) -> Float { low + (high - low) * Float(next() >> 40) * 0x1p-24 }

    mutating func below(_ bound: Int) -> Int { bound <= 0 ? 0 : Int(next() % UInt64(bound)) }
}
