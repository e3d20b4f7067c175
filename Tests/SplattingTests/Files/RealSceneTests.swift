import Foundation
import Genera
import GeneraTesting
import Testing

@testable import Splatting

/// Files of other people's, against what independent readers found in them.
@Suite(.enabled(if: RealScenes.folder != nil)) struct RealSceneTests {
    @Test("Scenes agree with what other readers found in them")
    func answers() throws {
        let folder = try #require(RealScenes.folder)
        let file = "\(folder)/real/answers.json"
        guard case .object(let answers) = try JSONText.parse(MappedFile(path: file).view, file: file) else { return }
        let scenes = answers.filter { $0.key.hasPrefix("splats/") }
        #expect(!scenes.isEmpty)
        for answer in scenes {
            let splats = try SplatScene.read("\(folder)/real/\(answer.key)").splats
            let wanted = answer.value
            #expect(splats.count == wanted["n"]?.integer ?? wanted["count"]?.integer ?? -1, "\(answer.key)")
            if let degree = wanted["sh_degree"]?.integer { #expect(splats.degree == degree, "\(answer.key)") }
            if let box = wanted["bbox"] {
                for axis in 0..<3 {
                    #expect(abs(Double(splats.plane(axis).min()!) - (box[0]?[axis]?.number ?? .nan)) < 1e-5)
                    #expect(abs(Double(splats.plane(axis).max()!) - (box[1]?[axis]?.number ?? .nan)) < 1e-5)
                }
            }
            if let opacity = wanted["mean_alpha"]?.number {
                let mean = splats.plane(10).reduce(0) { $0 + SplatCoding.opacity($1) } / Double(splats.count)
                #expect(abs(mean - opacity) < 1e-5)
            }
            for axis in 0..<3 {
                if let size = wanted["mean_scale"]?[axis]?.number {
                    let mean = splats.plane(3 + axis).reduce(0) { $0 + exp(Double($1)) } / Double(splats.count)
                    #expect(abs(mean - size) < 1e-5)
                }
                if let position = wanted["pos0"]?[axis]?.number { #expect(Double(splats[axis, 0]) == position) }
                if let size = wanted["scale0"]?[axis]?.number {
                    #expect(abs(exp(Double(splats[3 + axis, 0])) - size) < 1e-7)
                }
            }
        }
    }

    @Test("The same three splats in three formats agree")
    func threeFormats() throws {
        let folder = try #require(RealScenes.folder) + "/real/splats"
        let ply = try SplatScene.read("\(folder)/ply/3-points-from-train.ply").splats
        for path in ["splat/3-points-from-train.splat", "spz/3-points-from-train.spz"] {
            let other = try SplatScene.read("\(folder)/\(path)").splats
            let first = Splats.Plane.harmonics
            #expect(
                Scenes.difference(ply, other, 0..<3) < 2e-4 && Scenes.difference(ply, other, 3..<6) < 0.04, "\(path)")
            #expect(
                Scenes.angle(ply, other) < 0.03 && Scenes.difference(ply, other, first..<first + 3) < 0.02, "\(path)")
            if other.degree == 3 { #expect(Scenes.difference(ply, other, first + 3..<ply.planeCount) < 9 / 128) }
        }
    }

    @Test("A scene in SPZ is the one in compressed PLY")
    func biker() throws {
        let folder = try #require(RealScenes.folder) + "/splats"
        let (a, b) = (
            try SplatScene.read("\(folder)/biker.compressed.ply").splats,
            try SplatScene.read("\(folder)/biker.spz").splats
        )
        try #require(a.count == b.count)
        #expect(Scenes.difference(a, b, 0..<3) < 2e-4)
        // Sizes of SPZ end at e^-10, and at 1/16 steps.
        let sizes = (3..<6).flatMap { plane in zip(a.plane(plane), b.plane(plane)).map { abs(max($0, -10) - $1) } }
        #expect(sizes.max()! < 0.033)
        // Nine bits a component in the one, ten in the other.
        #expect(Scenes.angle(a, b) < 0.02)
    }
}

enum RealScenes {
    /// The folder of shared data; nil, and said so, where it is absent.
    static let folder: String? = {
        let repository = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let shared =
            ProcessInfo.processInfo.environment["GENERA_SHARED"] ?? repository.appendingPathComponent("../shared").path
        let path = "\(shared)/data"
        let exists = FileManager.default.fileExists(atPath: "\(path)/real/answers.json")
        if !exists { print("SKIPPED: tests on real scenes need the folder \(path); set GENERA_SHARED") }
        return exists ? path : nil
    }()
}
