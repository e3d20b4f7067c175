import Foundation
import Genera
import Testing

@testable import Splatting

/// What a conversion says of itself, and what it does beside writing.
struct ConversionTests {
    private static func facts(
        _ scene: SplatScene, as ending: String, _ options: SplatScene.WritingOptions = .init()
    ) throws -> [String: Table.Cell] {
        try Scenes.inFolder { folder in
            let path = "\(folder)/scene.\(ending)"
            try scene.write(to: path, options: options)
            let facts = try ConversionReport(scene, from: "", written: path).facts()
            return Dictionary(facts.map { ($0.name, $0.value) }) { first, _ in first }
        }
    }

    private static func number(_ cell: Table.Cell?) -> Double {
        if case let .number(value) = cell { value } else { .nan }
    }

    @Test("Numbers in full lose nothing")
    func full() throws {
        let facts = try Self.facts(Scenes.random(40, degree: 2), as: "ply")
        #expect(facts["splats"] == 40 && facts["splats left out"] == 0 && facts["SH degree"] == "2, kept")
        #expect(facts["PSNR (dB)"] == "infinite" && facts["bytes before"] == nil)
        #expect(facts["bytes after"] != nil)
    }

    @Test("Rounding is measured, and what a format cannot hold is named")
    func packed() throws {
        let scene = Scenes.random(200, degree: 2)
        let spz = try Self.facts(scene, as: "spz")
        #expect(spz["SH degree"] == "2, kept" && Self.number(spz["PSNR (dB)"]) > 25)
        let flat = try Self.facts(scene, as: "splat")
        #expect(flat["SH degree"] == "0, was 2")
        #expect(Self.number(flat["PSNR (dB)"]) < Self.number(spz["PSNR (dB)"]))
        #expect(Self.number(flat["least PSNR (dB)"]) <= Self.number(flat["PSNR (dB)"]))
    }

    @Test("Shapes that become sizes look as before, exactly or nearly")
    func shapes() throws {
        let scene = Scenes.random(80, degree: 0, hasShapes: true)
        let exact = try Self.facts(scene, as: "ply")
        #expect(exact["shapes"] == "turned into sizes" && Self.number(exact["PSNR (dB)"]) > 60)
        var options = SplatScene.WritingOptions()
        options.fusing = .legacy
        let legacy = try Self.facts(scene, as: "ply", options)
        #expect(Self.number(legacy["PSNR (dB)"]) < Self.number(exact["PSNR (dB)"]))
        options = SplatScene.WritingOptions()
        options.keepsShapes = true
        #expect(try Self.facts(scene, as: "ply", options)["shapes"] == "kept")
    }

    @Test("Marks that are lost, remarks and scenes without splats")
    func edges() throws {
        var scene = Scenes.random(5, degree: 0)
        scene.isAntialiased = true
        scene.remarks = ["something was left aside"]
        let facts = try Self.facts(scene, as: "splat")
        #expect(facts["antialiased"] == "the mark is lost" && facts["remarks"] == "something was left aside")
        let empty = try Self.facts(SplatScene(Splats(count: 0, degree: 0)), as: "ply")
        #expect(empty["splats"] == 0 && empty["PSNR (dB)"] == nil)
    }

    @Test("Fewer harmonics, other sizes, other places")
    func changes() throws {
        let splats = Scenes.random(6, degree: 3).splats
        let limited = splats.limited(toDegree: 1)
        #expect(limited.degree == 1 && limited.planeCount == 24 && splats.limited(toDegree: 4) == splats)
        #expect((0..<24).allSatisfy { limited.plane($0).elementsEqual(splats.plane($0)) })
        var moved = splats
        moved.scale(by: 2)
        moved.move(by: [1, 0, -1])
        for i in 0..<6 {
            #expect(moved[0, i] == 2 * splats[0, i] + 1 && moved[2, i] == 2 * splats[2, i] - 1)
            #expect(abs(moved[4, i] - splats[4, i] - log(2)) < 1e-5)
        }
        #expect(moved.plane(12).elementsEqual(splats.plane(12)))
    }

    @Test("Axes in words")
    func axes() {
        #expect(AxesChange(argument: "colmap:z-up")?.description == "rdf:rfu")
        for wrong in ["rdf", "rdf:", ":rdf", "rdf:lux", "rdf:rub:rfu", "rdf:ldf", ""] {
            #expect(AxesChange(argument: wrong) == nil, "\(wrong)")
        }
    }
}

/// What `genera inspect` says of scenes.
struct SceneFactsTests {
    /// A grid of round splats, all alike.
    private static func grid(_ side: Int, strays: Int = 0) -> Splats {
        var splats = Splats(count: side * side * side + strays, degree: 0)
        for i in 0..<splats.count {
            let isStray = i >= side * side * side
            let place =
                isStray ? [100 + 50 * (i - side * side * side), 0, 0] : [i % side, i / side % side, i / side / side]
            for axis in 0..<3 {
                splats[axis, i] = Float(place[axis])
                splats[Splats.Plane.logScale + axis, i] = -1
            }
            splats[Splats.Plane.rotation, i] = 1
        }
        return splats
    }

    private static func facts(_ splats: Splats) throws -> [String: String] {
        let facts = try Splatting.facts(of: SplatScene(splats).checkpoint())
        return Dictionary(facts.map { ($0.name, $0.value.text()) }) { first, _ in first }
    }

    @Test("Numbers of a scene that is known")
    func known() throws {
        let facts = try Self.facts(Self.grid(8, strays: 3))
        #expect(facts["splats"] == "515" && facts["SH degree"] == "0")
        #expect(facts["bounds"] == "x 0 to 200, y 0 to 7, z 0 to 7")
        #expect(facts["opacity"]?.hasPrefix("0.5 / 0.5 / 0.5 ") == true)
        #expect(facts["nearly transparent"]?.hasPrefix("0 (0 %)") == true)
        #expect(facts["size"]?.hasPrefix("0.368 / 0.368 / 0.368 ") == true)
        #expect(facts["floaters"]?.hasPrefix("3 (0.583 %) farther than 10 ") == true)
        // 8 x 8 x 8 places in 64 x 64 x 64 cells.
        #expect(facts["fill ratio"]?.hasPrefix("0.195 %") == true)
    }

    @Test("Needles, discs and splats that are hardly there")
    func kinds() throws {
        var splats = Self.grid(2)
        splats[Splats.Plane.logScale, 0] = 2
        for i in 1..<4 { splats[Splats.Plane.logScale + 1, i] = -5 }
        for i in 4..<6 { splats[Splats.Plane.opacity, i] = -6 }
        splats[Splats.Plane.shape, 7] = 1
        let facts = try Self.facts(splats)
        #expect(facts["needles"]?.hasPrefix("12.5 %") == true && facts["discs"]?.hasPrefix("37.5 %") == true)
        #expect(facts["nearly transparent"]?.hasPrefix("2 (25 %)") == true)
        #expect(facts["exponents"]?.hasPrefix("2 / 2 / ") == true)
    }

    @Test("Nothing is too small, too alike or too far")
    func extremes() throws {
        #expect(try Self.facts(Splats(count: 0, degree: 3))["splats"] == "0")
        #expect(try Self.facts(Self.grid(1))["floaters"] == nil)
        var alike = Self.grid(3)
        for axis in 0..<3 { alike.withPlane(axis) { $0.update(repeating: 2) } }
        #expect(try Self.facts(alike)["floaters"] == nil)
        var far = Self.grid(3)
        far[0, 5] = 3e38
        far[1, 6] = -3e38
        #expect(try Self.facts(far)["floaters"]?.hasPrefix("2 ") == true)
        far[0, 5] = .nan
        #expect(try Self.facts(far)["problem"]?.contains("splat 5") == true)
    }
}
