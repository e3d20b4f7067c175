import Foundation
import Genera
import Testing

@testable import Splatting

/// PLY files of the authors' kind.
struct PLYSceneTests {
    @Test("What is written reads back bit for bit", arguments: 0...4)
    func roundTrip(degree: Int) throws {
        var scene = Scenes.random(301, degree: degree)
        scene.isAntialiased = degree == 2
        let read = try Scenes.roundTrip(scene, as: "ply")
        #expect(read.splats == scene.splats && read.isAntialiased == scene.isAntialiased && read.remarks.isEmpty)
    }

    @Test("A scene without splats is a scene")
    func empty() throws {
        for ending in ["ply", "compressed.ply", "spz", "safetensors"] {
            #expect(
                try Scenes.roundTrip(SplatScene(Splats(count: 0, degree: 1)), as: ending).splats.count == 0, "\(ending)"
            )
        }
    }

    @Test("Columns of any order, type and encoding are found by name", arguments: PLY.Encoding.allCases)
    func columns(encoding: PLY.Encoding) throws {
        let scene = Scenes.random(20, degree: 1)
        let splats = scene.splats
        var columns = [PLY.Column("tag", .bytes([UInt8](repeating: 7, count: 20)))]
        for plane in (0..<splats.planeCount).reversed() where plane != Splats.Plane.shape {
            let values = splats.plane(plane)
            columns.append(
                .init(splats.name(ofPlane: plane), plane % 2 == 0 ? .floats(values) : .doubles(values.map(Double.init)))
            )
        }
        columns.append(.init("junk", .lists((0..<20).map { Array(repeating: 3, count: $0 % 4) })))
        let read = try Scenes.inFolder { folder in
            try PLY.write(
                [.init("other", count: 2, [.init("a", .words([1, 2]))]), .init("vertex", count: 20, columns)],
                comments: ["antialiased: 1"], encoding: encoding, to: "\(folder)/a.ply")
            return try SplatScene.read("\(folder)/a.ply")
        }
        #expect(read.splats == splats && read.isAntialiased)
        #expect(
            read.remarks.count == 2 && read.remarks[0].contains("2 properties") && read.remarks[0].contains("tag, junk")
        )
        #expect(read.remarks[1].contains("other"))
    }

    @Test("Flat splats get a third size")
    func flat() throws {
        let splats = Scenes.random(5, degree: 0).splats
        let columns = (0..<splats.planeCount).filter { $0 != 5 && $0 != Splats.Plane.shape }
            .map { PLY.Column(splats.name(ofPlane: $0), .floats(splats.plane($0))) }
        let read = try Scenes.inFolder { folder in
            try PLY.write([.init("vertex", count: 5, columns)], to: "\(folder)/a.ply")
            return try SplatScene.read("\(folder)/a.ply")
        }
        #expect(read.splats.plane(5).allSatisfy { $0 == SplatCoding.flatLogScale })
        #expect(read.splats.plane(3) == splats.plane(3) && read.remarks.first?.contains("flat") == true)
    }

    @Test("Shapes go into the sizes by either rule, and come out again where they are kept")
    func shapes() throws {
        let scene = Scenes.random(50, degree: 0, hasShapes: true)
        for fusing in SplatScene.WritingOptions.Fusing.allCases {
            var options = SplatScene.WritingOptions()
            (options.fusing, options.shapeStrength) = (fusing, 0.2)
            let fused = try Scenes.roundTrip(scene, as: "ply", options).splats
            for i in 0..<50 {
                let factor = 2 / (1 + exp(-0.2 * scene.splats[Splats.Plane.shape, i]))
                let size = scene.splats[3, i]
                let wanted = fusing == .exact ? size + log(factor) : size * factor
                #expect(abs(fused[3, i] - wanted) < 1e-5 && fused[Splats.Plane.shape, i] == 0)
            }
            options.keepsShapes = true
            let kept = try Scenes.roundTrip(scene, as: "ply", options).splats
            #expect(Scenes.difference(kept, scene.splats, 0..<kept.planeCount) < 2e-6)
            #expect(kept.plane(Splats.Plane.shape) == scene.splats.plane(Splats.Plane.shape))
        }
    }

    @Test("A shape without a comment is that of training, and its sizes are as they are")
    func plainShapes() throws {
        let splats = Scenes.random(4, degree: 0, hasShapes: true).splats
        let columns = (0..<splats.planeCount).map { PLY.Column(splats.name(ofPlane: $0), .floats(splats.plane($0))) }
        let read = try Scenes.inFolder { folder in
            try PLY.write([.init("vertex", count: 4, columns)], to: "\(folder)/a.ply")
            return try SplatScene.read("\(folder)/a.ply")
        }
        #expect(read.splats == splats)
    }

    @Test("The way that splats were trained for is told by comments")
    func comments() {
        #expect(
            InriaPLY.isAntialiased(["SplatRenderMode: mip"]) && InriaPLY.isAntialiased(["made by x", "antialiased"]))
        #expect(
            !InriaPLY.isAntialiased(["SplatRenderMode: default"]) && !InriaPLY.isAntialiased(["antialiased 0", "mip"]))
    }

    @Test("Splats that cannot be drawn are an error, or dropped with a remark")
    func invalid() throws {
        var scene = Scenes.random(6, degree: 0)
        scene.splats[1, 4] = .nan
        scene.splats[Splats.Plane.opacity, 3] = .infinity
        for part in 0..<4 { scene.splats[Splats.Plane.rotation + part, 5] = 0 }
        let bytes = try Scenes.bytes(scene, as: "ply")
        let message = Scenes.message { try Scenes.read(bytes, named: "a.ply") }
        #expect(message.contains("splat 3: opacity is inf, a finite number was expected"), "\(message)")
        let read = try Scenes.read(bytes, named: "a.ply", dropInvalid: true)
        #expect(read.splats == scene.splats.selecting([0, 1, 2]))
        #expect(
            read.remarks == ["3 splats were dropped, the first because opacity is inf, a finite number was expected"])
        scene.splats[Splats.Plane.opacity, 3] = 0
        scene.splats[1, 4] = 0
        let zero = Scenes.message { try Scenes.roundTrip(scene, as: "ply") }
        #expect(zero.contains("splat 5: its quaternion is zero"), "\(zero)")
    }

    @Test("A folder of the authors' code is its scene of the last iteration")
    func folder() throws {
        let scenes = [7000: Scenes.random(2, degree: 0, seed: 2), 30000: Scenes.random(3, degree: 0, seed: 3)]
        try Scenes.inFolder { folder in
            for (iteration, scene) in scenes {
                try FileSystem.makeFolders("\(folder)/point_cloud/iteration_\(iteration)")
                try scene.write(to: "\(folder)/point_cloud/iteration_\(iteration)/point_cloud.ply")
            }
            #expect(try SplatScene.read(folder).splats == scenes[30000]?.splats)
        }
    }

    @Test("Opacities of plus and minus 40 stay what they are")
    func opaque() throws {
        var scene = Scenes.random(2, degree: 0)
        scene.splats[Splats.Plane.opacity, 0] = 40
        scene.splats[Splats.Plane.opacity, 1] = -40
        for ending in ["ply", "compressed.ply", "spz", "splat"] {
            let read = Scenes.sorted(try Scenes.roundTrip(scene, as: ending).splats)
            #expect(
                read.plane(Splats.Plane.opacity) == Scenes.sorted(scene.splats).plane(Splats.Plane.opacity), "\(ending)"
            )
        }
    }
}
