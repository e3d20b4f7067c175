import Foundation
import Genera
import Testing

/// Scenes of splats into other formats, and what is said of them.
@Suite(.serialized) struct SplatConvertTests {
    private static let none = ["GENERA_ENGINE": "/nonexistent.so"]

    /// A folder with a scene of 27 splats of degree 1.
    private static func folder() throws -> Scratch {
        let folder = try Scratch()
        let names =
            ["x", "y", "z", "f_dc_0", "f_dc_1", "f_dc_2"] + (0..<9).map { "f_rest_\($0)" }
            + ["opacity", "scale_0", "scale_1", "scale_2", "rot_0", "rot_1", "rot_2", "rot_3"]
        let rows = (0..<27).map { i -> String in
            let place = [i % 3, i / 3 % 3, i / 9].map { Double($0) - 0.9 }
            let colour = (0..<12).map { sin(Double(i * 12 + $0)) * 0.5 }
            return (place + colour + [1.5, -1.2, -1.5, -2, 1, 0.1, 0.2, 0]).map { "\($0)" }.joined(separator: " ")
        }
        let header = names.map { "property float \($0)\n" }.joined()
        try folder.write(
            "ply\nformat ascii 1.0\nelement vertex 27\n\(header)end_header\n\(rows.joined(separator: "\n"))\n",
            to: "a.ply")
        return folder
    }

    @Test("A conversion says what was lost, and holds its tongue when it is told to")
    func report() throws {
        let folder = try Self.folder()
        let told = try run("convert a.ply b.splat", in: folder, environment: Self.none)
        expectSuccess(told)
        #expect(told.output.contains("0, was 1") && told.output.contains("PSNR"))
        let json = try run("convert a.ply b.spz --json", in: folder, environment: Self.none)
        expectSuccess(json)
        #expect(json.output.contains("\"report\"") && json.output.contains("\"bytesAfter\""))
        let brief = try run("convert a.ply c.spz --brief", in: folder, environment: Self.none)
        #expect(brief.status == 0 && !brief.output.contains("PSNR"))
        expectSuccess(try run("convert a.ply half.safetensors --half", in: folder, environment: Self.none))
        #expect(try run("convert a.ply d.spz -q", in: folder, environment: Self.none).output.isEmpty)
    }

    @Test("The verb turns, packs and thins a scene")
    func verb() throws {
        let folder = try Self.folder()
        let told = try run(
            "splat convert a.ply b.ply --axes colmap:z-up --scale 2 --translate -1,0,3 --sh-degree 0", in: folder,
            environment: Self.none)
        expectSuccess(told)
        #expect(told.output.contains("0, was 1"))
        expectSuccess(try run("splat convert b.ply c.compressed.ply --brief", in: folder, environment: Self.none))
        expectSuccess(try run("splat convert a.ply d.spz --spz-version 4 --json", in: folder, environment: Self.none))
        let facts = try run("inspect b.ply", in: folder, environment: Self.none)
        #expect(facts.output.contains("x -2.8 to 1.2") && facts.output.contains("fill ratio"))
        expectSuccess(try run("inspect c.compressed.ply --json", in: folder, environment: Self.none))
    }

    @Test(
        "What cannot be is told in a sentence",
        arguments: [
            ("splat convert a.ply b.obj", 64, ".compressed.ply"),
            ("splat convert a.ply b.ply --axes rdf:ldf", 64, "--axes"),
            ("splat convert a.ply b.ply --spz-version 4", 64, ".spz"),
            ("splat convert a.ply b.spz --spz-version 5", 64, "2, 3 or 4"),
            ("splat convert a.ply b.spz --keep-shapes", 64, ".ply"),
            ("splat convert a.ply b.ply --scale 0", 64, "--scale"),
            ("splat convert a.ply b.ply --sh-degree 5", 64, "--sh-degree"),
            ("splat convert missing.ply b.ply", 66, "missing.ply"),
            ("splat convert a.ply a.ply", 73, "--force"),
        ] as [(String, Int32, String)])
    func refusals(words: String, status: Int32, fragment: String) throws {
        let folder = try Self.folder()
        expectFailure(try run(words, in: folder), status, fragment)
        #expect(!folder.names().contains { $0.hasPrefix("b.") })
    }
}
