import Foundation
import Genera
import Testing

@testable import Splatting

/// Formats that have few bits a number: what is read is as near as their bits allow.
struct PackedSceneTests {
    private let harmonics = Splats.Plane.harmonics

    @Test("Compressed PLY", arguments: 0...4)
    func compressed(degree: Int) throws {
        var scene = Scenes.random(700, degree: degree)
        scene.isAntialiased = true
        let read = try Scenes.roundTrip(scene, as: "compressed.ply")
        #expect(read.splats.degree == degree && read.splats.count == 700 && read.isAntialiased)
        // Steps of positions are as wide as a chunk by 1023, and chunks lie close together.
        let pairs = try match(scene.splats, read.splats)
        #expect(Scenes.difference(pairs.0, pairs.1, 0..<3) < 6 / 1023)
        #expect(Scenes.difference(pairs.0, pairs.1, 3..<6) <= 7 / 1023)
        #expect(Scenes.angle(pairs.0, pairs.1) < 0.006)
        #expect(Scenes.difference(pairs.0, pairs.1, harmonics..<harmonics + 3) < 0.004)
        #expect(Scenes.difference(pairs.0, pairs.1, harmonics + 3..<pairs.0.planeCount) <= 4 / 255 + 1e-5)
        #expect(opacityDifference(pairs.0, pairs.1) <= 0.5 / 255 + 1e-6)
    }

    @Test("SPZ", arguments: [2, 3, 4], 0...4)
    func spz(version: Int, degree: Int) throws {
        var scene = Scenes.random(257, degree: degree)
        scene.isAntialiased = degree == 1
        var options = SplatScene.WritingOptions()
        options.spzVersion = version
        if version == 2, degree == 4 {
            #expect(Scenes.message { try Scenes.roundTrip(scene, as: "spz", options) }.contains("degree 4"))
            return
        }
        let read = try Scenes.roundTrip(scene, as: "spz", options)
        let (a, b) = (scene.splats, read.splats)
        #expect(
            b.degree == degree && b.count == 257 && read.isAntialiased == scene.isAntialiased && read.remarks.isEmpty)
        #expect(Scenes.difference(a, b, 0..<3) <= 0x1p-13)
        #expect(Scenes.difference(a, b, 3..<6) <= 1 / 32 + 1e-6)
        #expect(Scenes.angle(a, b) < (version == 2 ? 0.25 : 0.006))
        #expect(opacityDifference(a, b) <= 0.5 / 255 + 1e-6)
        #expect(Scenes.difference(a, b, harmonics..<harmonics + 3) < 0.5 / 255 / 0.15 + 1e-5)
        let middle = min(harmonics + 12, a.planeCount)
        #expect(Scenes.difference(a, b, harmonics + 3..<max(middle, harmonics + 3)) <= 4.5 / 128)
        if degree > 1 { #expect(Scenes.difference(a, b, middle..<a.planeCount) <= 8.5 / 128) }
    }

    @Test("SPZ keeps far positions by fewer bits of fraction, and refuses those beyond its reach")
    func reach() throws {
        var scene = Scenes.random(3, degree: 0)
        scene.splats[0, 1] = 5000
        let read = try Scenes.roundTrip(scene, as: "spz")
        #expect(abs(read.splats[0, 1] - 5000) <= 0x1p-10 && abs(read.splats[0, 0] - scene.splats[0, 0]) <= 0x1p-10)
        scene.splats[0, 1] = 1e8
        #expect(Scenes.message { try Scenes.roundTrip(scene, as: "spz") }.contains("scale the scene down"))
    }

    @Test("SPZ of version 4 may have records of extensions before its table")
    func extensions() throws {
        let scene = Scenes.random(9, degree: 1)
        var options = SplatScene.WritingOptions()
        options.spzVersion = 4
        var bytes = try Scenes.bytes(scene, as: "spz", options)
        let plain = try Scenes.read(bytes, named: "a.spz")
        bytes[14] |= 2
        bytes[16] = 32 + 12
        bytes.insert(contentsOf: [2, 0, 0xBE, 0xAD, 4, 0, 0, 0, 1, 2, 3, 4], at: 32)
        let read = try Scenes.read(bytes, named: "a.spz")
        #expect(read.splats == plain.splats && read.remarks == ["1 extensions were left aside: 0xadbe0002"])
    }

    @Test("SPZ without gzip, and of version 1 with half-precision positions")
    func oldSPZ() throws {
        var header: [UInt8] = [0x4E, 0x47, 0x53, 0x50, 1, 0, 0, 0, 1, 0, 0, 0, 0, 12, 1, 0]
        // 1, -2 and 0.5; half opaque; grey; e^-10, e^0, 1 + 1/16; no rotation.
        header += [0, 0x3C, 0, 0xC0, 0, 0x38, 128, 128, 128, 128, 0, 160, 161, 128, 128, 128]
        let scene = try Scenes.read(header, named: "a.spz")
        #expect(
            scene.splats.plane(0).first == 1 && scene.splats.plane(1).first == 2 && scene.splats.plane(2).first == -0.5)
        #expect(scene.splats.plane(3).first == -10 && scene.splats.plane(5).first == 0.0625 && scene.isAntialiased)
        #expect(scene.splats[6, 0] > 0.9999)
    }

    @Test(".splat, whose splats come in the order of their weight")
    func dotSplat() throws {
        let scene = Scenes.random(100, degree: 0)
        let read = try Scenes.roundTrip(scene, as: "splat")
        let (a, b) = (Scenes.sorted(scene.splats), Scenes.sorted(read.splats))
        #expect(Scenes.difference(a, b, 0..<3) == 0)
        #expect(Scenes.difference(a, b, 3..<6) < 1e-5)
        #expect(Scenes.angle(a, b) < 0.03)
        // Colours and opacities are cut, not rounded.
        #expect(opacityDifference(a, b) <= 1 / 255 + 1e-6)
        let weights = (0..<100).map { i in
            (3..<6).reduce(0) { $0 + read.splats[$1, i] } + log(Float(SplatCoding.opacity(read.splats[10, i])))
        }
        #expect(zip(weights, weights.dropFirst()).allSatisfy { $0 > $1 - 0.3 })
    }

    @Test("Writers of few bits put shapes into sizes", arguments: ["compressed.ply", "spz", "splat"])
    func shapes(ending: String) throws {
        let scene = Scenes.random(40, degree: 0, hasShapes: true)
        let read = Scenes.sorted(try Scenes.roundTrip(scene, as: ending).splats)
        let wanted = Scenes.sorted(try scene.packable(for: "", .init()).splats)
        #expect(Scenes.difference(read, wanted, 3..<6) < 0.04 && read.plane(Splats.Plane.shape).allSatisfy { $0 == 0 })
    }

    @Test("Splats that cannot be drawn are not packed", arguments: ["compressed.ply", "spz", "splat"])
    func invalid(ending: String) throws {
        var scene = Scenes.random(4, degree: 0)
        scene.splats[2, 1] = .nan
        let message = Scenes.message { try Scenes.bytes(scene, as: ending) }
        #expect(message.contains("splat 1: cannot write: z is nan"), "\(message)")
        scene.splats[2, 1] = 3e38
        scene.splats[2, 2] = -3e38
        scene.splats[3, 2] = 3e38
        if ending != "spz" { _ = try Scenes.bytes(scene, as: ending) }
    }

    private func opacityDifference(_ a: Splats, _ b: Splats) -> Double {
        zip(a.plane(10), b.plane(10)).map { abs(SplatCoding.opacity($0) - SplatCoding.opacity($1)) }.max() ?? 0
    }

    /// Splats of two scenes in pairs: for each of the first the one of the second whose position is nearest.
    private func match(_ a: Splats, _ b: Splats) throws -> (Splats, Splats) {
        let nearest = (0..<a.count).map { i in
            (0..<b.count).min { distance(a, i, b, $0) < distance(a, i, b, $1) }!
        }
        try #require(Set(nearest).count == a.count)
        return (a, b.selecting(nearest))
    }

    private func distance(_ a: Splats, _ i: Int, _ b: Splats, _ j: Int) -> Float {
        (0..<3).reduce(0) { $0 + (a[$1, i] - b[$1, j]) * (a[$1, i] - b[$1, j]) }
    }
}
