import Foundation
import Genera
import Testing

@testable import Splatting

/// Files that are not what they should be: one sentence that names file, place, what was expected and what to do.
struct DamagedSceneTests {
    /// A scene's PLY file with something in its header changed.
    private func ply(_ old: String, _ new: String, degree: Int = 0, ending: String = "ply") throws -> String {
        let bytes = try Scenes.bytes(Scenes.random(300, degree: degree), as: ending)
        let end = try #require(Data(bytes).range(of: Data("end_header\n".utf8))).upperBound
        let header = String(decoding: bytes[..<end], as: UTF8.self)
        #expect(header.contains(old))
        let changed = Array(header.replacing(old, with: new).utf8) + bytes[end...]
        return Scenes.message { try Scenes.read(changed, named: "a.ply") }
    }

    @Test("PLY files are refused in one sentence")
    func refusals() throws {
        let cases: [(String, String, String)] = [
            ("ply\n", "plx\n", "not a PLY file"), ("end_header\n", "\n", "end_header"),
            ("vertex 300", "vertex 400", "need 27200 bytes, 20400 are there"), ("vertex 300", "vertex many", "'many'"),
            ("vertex 300", "vertex -1", "not a whole number"), ("vertex 300", "vertex 4000000000", "greater than"),
            ("vertex 300", "vertex 2000000000", "are there"), ("property float rot_3\n", "", "'rot_3' is missing"),
            ("float opacity", "float other", "'opacity' is missing"),
            ("float f_dc_2", "float f_rest_0", "1 properties f_rest_"),
            ("float f_dc_2", "float other", "'f_dc_2' is missing"),
            ("binary_little_endian", "binary", "format 'binary'"),
            ("float x", "quad x", "type 'quad'"), ("float nx", "float y", "two properties 'y'"),
            ("element vertex", "element points", "no element 'vertex'"), ("float scale_1", "float scale_x", "scale_1"),
        ]
        for (old, new, wanted) in cases {
            let message = try ply(old, new)
            #expect(message.contains(wanted) && message.contains("a.ply"), "\(old) -> \(new): \(message)")
        }
    }

    @Test("Compressed PLY files are refused in one sentence")
    func compressed() throws {
        let cases: [(String, String, String)] = [
            ("chunk 2", "chunk 1", "need 2 chunks"), ("uint packed_color", "float packed_color", "uint was expected"),
            ("uint packed_scale", "uint other", "'packed_scale' is missing"),
            ("float max_scale_z", "float m", "max_scale_z"),
            ("element sh 300", "element sh 299", "299 rows"), ("uchar f_rest_3", "uchar f_rest_33", "f_rest_3'"),
        ]
        for (old, new, wanted) in cases {
            let message = try ply(old, new, degree: 1, ending: "compressed.ply")
            #expect(message.contains(wanted), "\(old) -> \(new): \(message)")
        }
    }

    @Test("Points are not splats")
    func points() throws {
        let message = try Scenes.inFolder { folder in
            try PLY.write(
                [.init("vertex", count: 1, ["x", "y", "z"].map { .init($0, .doubles([1])) })], to: "\(folder)/a.ply")
            return Scenes.message { try SplatScene.read("\(folder)/a.ply") }
        }
        #expect(message.contains("points, not splats"))
    }

    @Test("SPZ files are refused in one sentence")
    func spz() throws {
        var options = SplatScene.WritingOptions()
        options.spzVersion = 4
        let bytes = try Scenes.bytes(Scenes.random(40, degree: 1), as: "spz", options)
        func message(_ change: (inout [UInt8]) -> Void) -> String {
            var changed = bytes
            change(&changed)
            return Scenes.message { try Scenes.read(changed, named: "a.spz") }
        }
        #expect(message { $0[4] = 9 }.contains("version 9"))
        #expect(message { $0[12] = 7 }.contains("degree 7"))
        #expect(message { $0[13] = 200 }.contains("200 bits"))
        #expect(message { $0[15] = 2 }.contains("2 streams, 6 were expected"))
        // Two thousand million splats in a file of a kilobyte.
        #expect(message { $0[11] = 0x77 }.contains("cannot hold"))
        #expect(message { $0[40] = 0xFF }.contains("expands to"))
        #expect(message { $0[32] = 0xFF }.contains("stream") || message { $0[32] = 0xFF }.contains("damaged"))
        #expect(message { $0.removeLast(20) }.contains("stream 5"))
        #expect(message { $0[0] = 0 }.contains("neither an SPZ file"))
        #expect(message { $0.removeSubrange(20...) }.contains("a.spz"))
    }

    @Test("A small file cannot claim a large scene")
    func bombs() throws {
        // Zeros pack well: two hundred million splats of them, 5 GB, in some hundred kilobytes.
        let count = 200_000_000
        var header: [UInt8] =
            [0x4E, 0x47, 0x53, 0x50, 4, 0, 0, 0] + little(UInt32(count)) + [0, 12, 0, 5] + little(32)
        header += [UInt8](repeating: 0, count: 12)
        for size in [9, 1, 3, 3, 4] { header += little(30_000) + little(0) + little(UInt32(size * count)) + little(0) }
        let message = Scenes.message { try Scenes.read(header + [UInt8](repeating: 0, count: 150_000), named: "a.spz") }
        #expect(message.contains("cannot hold"), "\(message)")
        var gzip = Array(header.prefix(16))
        gzip[4] = 3
        let packed = try Gzip.compress(ByteView(gzip + [UInt8](repeating: 0, count: 1 << 22)))
        #expect(Scenes.message { try Scenes.read(packed, named: "a.spz") }.contains("cannot hold"))
    }

    private func little(_ value: UInt32) -> [UInt8] { withUnsafeBytes(of: value.littleEndian) { Array($0) } }

    @Test("Names that no reader or writer has are refused")
    func names() throws {
        #expect(Scenes.message { try Scenes.read([1, 2, 3], named: "a.xyz") }.contains("not a scene of splats"))
        #expect(Scenes.message { try Scenes.read([1, 2, 3], named: "a.splat") }.contains("not a multiple of 32"))
        #expect(
            Scenes.message { try Scenes.bytes(Scenes.random(1, degree: 0), as: "glb") }.contains(
                "that is written ends so"))
        #expect(Scenes.message { try SplatScene.read("/nowhere/a.ply") }.contains("/nowhere/a.ply"))
        var (big, header) = ([UInt8](repeating: 0, count: 4096), Array("glTF".utf8))
        big[1] = 1
        big[7] = 0x7F
        #expect(Scenes.message { try Scenes.read(big, named: "a.ksplat") }.contains("sections do not fit"))
        header += [2, 0, 0, 0, 20, 0, 0, 0, 255, 255, 255, 127, 0, 0, 0, 0]
        #expect(Scenes.message { try Scenes.read(header, named: "a.glb") }.contains("chunk of 2147483647 bytes"))
    }
}
