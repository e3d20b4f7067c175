import Foundation
import Genera
import Testing

@testable import Splatting

/// Formats that are only read, written here by hand.
struct ForeignSceneTests {
    // MARK: SOG

    /// A scene of three splats with harmonics of degree 1, its numbers chosen so that bytes hold them.
    private static func writeSOG(_ folder: String, version: Int) throws {
        func picture(_ name: String, _ pixels: [[UInt8]], width: Int = 2) throws {
            let channels = pixels[0].count
            let rows = (pixels.count + width - 1) / width
            let padding = [UInt8](repeating: 0, count: (rows * width - pixels.count) * channels)
            let image = Image(width: width, height: rows, channels: channels, bytes: pixels.flatMap { $0 } + padding)
            try PNG.write(image, to: "\(folder)/\(name)")
        }
        try picture("low", [[0, 255, 0], [0, 255, 255], [255, 0, 128]])
        try picture("high", [[0, 255, 128], [0, 255, 255], [255, 0, 0]])
        try picture("scales", [[0, 1, 255], [2, 3, 4], [5, 6, 7]])
        try picture("quats", [[128, 128, 128, 252], [128, 128, 128, 255], [255, 0, 128, 253]])
        try picture("sh0", [[0, 128, 255, 255], [1, 2, 3, 0], [4, 5, 6, 128]])
        try picture(
            "centroids", (0..<128).flatMap { row in (0..<3).map { [UInt8(row), UInt8(10 * $0), 255] } }, width: 192)
        try picture("labels", [[0, 0], [65, 0], [3, 0]].map { $0 + [0] })
        let book = "[" + (0..<256).map { "\(Double($0) / 64 - 2)" }.joined(separator: ",") + "]"
        func table(_ channels: Int) -> String {
            version == 2
                ? #""codebook":\#(book)"#
                : channels == 1
                    ? #""mins":-2,"maxs":1.984375"#
                    : #""mins":[\#(list(-2, channels))],"maxs":[\#(list(1.984375, channels))]"#
        }
        func list(_ number: Double, _ count: Int) -> String {
            Array(repeating: "\(number)", count: count).joined(separator: ",")
        }
        let count = version == 2 ? #""version":2,"count":3,"antialias":true,"# : ""
        let shape = version == 2 ? "" : #""shape":[3,3],"#
        let text = """
            {\(count)"means":{\(shape)"mins":[-1,0,-2],"maxs":[1,3,2],"files":["low","high"]},
            "scales":{\(table(3)),"files":["scales"]},"quats":{"files":["quats"]},
            "sh0":{\(table(4)),"files":["sh0"]},"shN":{\(table(1)),"files":["centroids","labels"]}}
            """
        try AtomicFile.write(text, to: "\(folder)/meta.json")
    }

    /// Writes the scene into a folder. The bytes of a zip archive of it.
    static func sog(_ folder: String, version: Int) throws -> [UInt8] {
        try writeSOG(folder, version: version)
        return try Scenes.inFolder { other in
            try ZipWriter.write(to: "\(other)/a.sog") { zip in
                for name in FileSystem.names(in: folder) {
                    try zip.add(name, FileSystem.contents(of: "\(folder)/\(name)"))
                }
            }
            return try FileSystem.contents(of: "\(other)/a.sog")
        }
    }

    @Test("SOG of both versions, as a folder, its meta.json, and a zip", arguments: [1, 2])
    func sog(version: Int) throws {
        try Scenes.inFolder { folder in
            let archive = try Self.sog(folder, version: version)
            let scene = try SplatScene.read(folder)
            let splats = scene.splats
            #expect(splats.count == 3 && splats.degree == 1 && scene.isAntialiased == (version == 2))
            #expect(abs(splats[0, 0] - (1 - exp(1))) < 1e-5 && abs(splats[1, 0] - (exp(3) - 1)) < 1e-4)
            #expect(abs(splats[2, 0] - (exp(-2 + 4 * Float(128 << 8) / 65535) - 1)) < 1e-4)
            #expect(splats[3, 0] == -2 && splats[5, 0] == 255 / 64 - 2 && splats[4, 2] == 6 / 64 - 2)
            // The pixel of splat 0 drops w, that of splat 1 z.
            #expect(splats[6, 0] > 0.99 && splats[9, 1] > 0.99 && abs(splats[6, 2] - Float(0.5).squareRoot()) < 1e-6)
            #expect(splats[12, 0] == -2 && splats[14, 0] == 255 / 64 - 2)
            #expect(splats[10, 0] == (version == 2 ? 40 : 255 / 64 - 2) && splats[10, 1] == (version == 2 ? -40 : -2))
            // Splat 1 has row 65 of the palette, the second of the second line.
            #expect((0..<3).allSatisfy { abs(splats[15 + 3 * $0, 1] - (65 / 64 - 2)) < 1e-6 })
            #expect(abs(splats[16 + 3 * 2, 1] - (20 / 64 - 2)) < 1e-6 && abs(splats[17, 2] - (255 / 64 - 2)) < 1e-6)
            #expect(try SplatScene.read("\(folder)/meta.json").splats == splats)
            #expect(try Scenes.read(archive, named: "a.sog").splats == splats)
            try FileSystem.remove("\(folder)/labels")
            #expect(Scenes.message { try SplatScene.read(folder) }.contains("labels"))
        }
    }

    // MARK: glTF

    /// Two splats in binary glTF, under a node that doubles and shifts.
    static func glb(_ change: (inout String) -> Void = { _ in }) -> [UInt8] {
        let columns: [(String, String, [Float])] = [
            ("POSITION", "VEC3", [1, 2, 3, -1, 0, 1]),
            ("KHR_gaussian_splatting:ROTATION", "VEC4", [0, 0, 0, 1, 1, 0, 0, 0]),
            ("KHR_gaussian_splatting:SCALE", "VEC3", [1, 0.5, 0.25, 1, 1, 1]),
            ("KHR_gaussian_splatting:OPACITY", "SCALAR", [0.5, 1]),
            ("KHR_gaussian_splatting:SH_DEGREE_0_COEF_0", "VEC3", [1, 2, 3, 4, 5, 6]),
            ("KHR_gaussian_splatting:SH_DEGREE_1_COEF_0", "VEC3", [0.1, 0, 0, 0, 0, 0]),
            ("KHR_gaussian_splatting:SH_DEGREE_1_COEF_1", "VEC3", [0.2, 0, 0, 0, 0, 0]),
            ("KHR_gaussian_splatting:SH_DEGREE_1_COEF_2", "VEC3", [0.3, 0, 0, 0, 0, 0]),
        ]
        var (bytes, views, accessors, attributes) = ([UInt8](), [String](), [String](), [String]())
        for (index, (name, type, numbers)) in columns.enumerated() {
            views.append(#"{"buffer":0,"byteOffset":\#(bytes.count),"byteLength":\#(4 * numbers.count)}"#)
            accessors.append(#"{"bufferView":\#(index),"componentType":5126,"count":2,"type":"\#(type)"}"#)
            attributes.append(#""\#(name)":\#(index)"#)
            bytes += numbers.flatMap { little($0.bitPattern) }
        }
        var json = """
            {"asset":{"version":"2.0"},"extensionsUsed":["KHR_gaussian_splatting"],"scene":0,"scenes":[{"nodes":[0]}],
            "nodes":[{"children":[1],"scale":[2,2,2]},{"mesh":0,"translation":[0,0,10]}],
            "meshes":[{"primitives":[{"mode":0,"attributes":{\(attributes.joined(separator: ","))},
            "extensions":{"KHR_gaussian_splatting":{"kernel":"ellipse","colorSpace":"srgb_rec709_display"}}}]}],
            "buffers":[{"byteLength":\(bytes.count)}],"bufferViews":[\(views.joined(separator: ","))],
            "accessors":[\(accessors.joined(separator: ","))]}
            """
        change(&json)
        while json.utf8.count % 4 != 0 { json += " " }
        let body =
            little(UInt32(json.utf8.count)) + Array("JSON".utf8) + Array(json.utf8)
            + little(UInt32(bytes.count)) + Array("BIN\0".utf8) + bytes
        return Array("glTF".utf8) + little(2) + little(UInt32(12 + body.count)) + body
    }

    private static func little(_ value: UInt32) -> [UInt8] { withUnsafeBytes(of: value.littleEndian) { Array($0) } }

    @Test("glTF: linear sizes, opacities, nodes, axes and harmonics")
    func gltf() throws {
        let splats = try Scenes.read(Self.glb(), named: "a.glb").splats
        #expect(splats.count == 2 && splats.degree == 1)
        // Left, up, forward to right, down, forward: x and y turn round.
        #expect((0..<3).map { splats[$0, 0] } == [-2, -4, 26] && (0..<3).map { splats[$0, 1] } == [2, 0, 22])
        #expect(abs(splats[3, 0] - log(2)) < 1e-6 && abs(splats[5, 0] - log(0.5)) < 1e-6)
        #expect(splats[6, 0] == 1 && abs(splats[7, 1]) == 1)
        #expect(splats[10, 0] == 0 && splats[10, 1] == 40)
        #expect((12..<15).map { splats[$0, 1] } == [4, 5, 6])
        // The harmonics of degree 1 go with y, z and x.
        #expect((0..<3).map { splats[15 + 3 * $0, 0] } == [-0.1, 0.2, -0.3])
    }

    @Test("glTF that is not of splats, is of another kernel, or compressed, is refused by name")
    func otherGLTF() {
        func message(_ change: (inout String) -> Void) -> String {
            Scenes.message { try Scenes.read(Self.glb(change), named: "a.glb") }
        }
        #expect(
            message { $0 = $0.replacing(#""kernel":"ellipse""#, with: #""kernel":"box""#) }.contains("kernel 'box'"))
        #expect(message { $0 = $0.replacing(#""extensions":{"KHR"#, with: #""ext":{"KHR"#) }.contains("no mesh"))
        #expect(message { $0 = $0.replacing(#""scale":[2,2,2]"#, with: #""scale":[2,1,2]"#) }.contains("node 0"))
        #expect(
            message { $0 = $0.replacing(#"splatting:SCALE"#, with: "splatting:SIZE") }.contains("SCALE' is missing"))
        #expect(message { $0 = $0.replacing(#""count":2"#, with: #""count":2000000000"#) }.contains("do not fit"))
        #expect(message { $0 = $0.replacing(#""children":[1]"#, with: #""children":[0]"#) }.contains("circle"))
        let many = message {
            let children = Array(repeating: "1", count: 200).joined(separator: ",")
            $0 = $0.replacing(#""children":[1]"#, with: #""children":[\#(children)]"#)
            let empty = String(repeating: "{},", count: 1000)
            $0 = $0.replacing(#""primitives":["#, with: #""primitives":[\#(empty)"#)
        }
        #expect(many.contains("too many with their meshes"))
        #expect(
            message { $0 = $0.replacing(#""scene":0"#, with: #""extensionsRequired":["KHR_spz_compression"]"#) }
                .contains("KHR_spz_compression"))
    }

    // MARK: .ksplat

    /// A file of three splats.
    static func ksplat(level: Int, degree: Int) throws -> [UInt8] {
        let components = [0, 9, 24][degree]
        var header = [UInt8](repeating: 0, count: 4096)
        header[1] = 1
        func put(_ value: UInt32, _ offset: Int, _ bytes: inout [UInt8]) {
            bytes.replaceSubrange(offset..<offset + 4, with: little(value))
        }
        for word in [1, 2] { put(1, 4 * word, &header) }
        for word in [3, 4] { put(3, 4 * word, &header) }
        header[20] = UInt8(level)
        var section = [UInt8](repeating: 0, count: 1024)
        for word in [0, 1] { put(3, 4 * word, &section) }
        var body: [UInt8] = []
        if level > 0 {
            // Two splats in a full bucket, one in another.
            put(2, 8, &section)
            put(2, 12, &section)
            put(Float(5).bitPattern, 16, &section)
            section[20] = 12
            put(32767, 24, &section)
            put(1, 32, &section)
            put(1, 36, &section)
            body += little(1) + [Float(1), 2, 3, 10, 20, 30].flatMap { little($0.bitPattern) }
        }
        section[40] = UInt8(degree)
        for i in 0..<3 {
            let numbers: [Float] = [0.5, 1, 2, 1, 0, 0, 0]
            if level == 0 {
                body += ([Float(i), 2, 3] + numbers).flatMap { little($0.bitPattern) }
            } else {
                body += [UInt16(32767 + 6554 * i), 32767, 0].flatMap { little(UInt32($0)).prefix(2) }
                body += numbers.flatMap { little(half($0)).prefix(2) }
            }
            body += [255, 0, 128, 255]
            for index in 0..<components {
                let value = Float(index) / 32
                switch level {
                case 0: body += little(value.bitPattern)
                case 1: body += little(half(value)).prefix(2)
                default: body.append(UInt8((value + 1.5) / 3 * 255))
                }
            }
        }
        return header + section + body
    }

    @Test(".ksplat at its three levels", arguments: [0, 1, 2], [0, 1, 2])
    func readKSplat(level: Int, degree: Int) throws {
        var bytes = try Self.ksplat(level: level, degree: degree)
        let splats = try Scenes.read(bytes, named: "a.ksplat").splats
        #expect(splats.count == 3 && splats.degree == degree)
        if level == 0 {
            #expect(splats[0, 2] == 2 && splats[1, 0] == 2)
        } else {
            #expect(abs(splats[0, 1] - (1 + 6554 * 2.5 / 32767)) < 1e-5 && splats[1, 0] == 2 && splats[2, 0] == 0.5)
            #expect(splats[1, 2] == 20 && abs(splats[0, 2] - (10 + 2 * 6554 * 2.5 / 32767)) < 1e-5)
        }
        #expect(abs(splats[3, 0] - log(0.5)) < 1e-6 && splats[4, 1] == 0 && splats[6, 0] == 1 && splats[10, 0] == 40)
        let exactness: Float = level == 2 ? 3.0 / 255 : 1e-6
        for k in 1..<(degree + 1) * (degree + 1) {
            for channel in 0..<3 {
                let index = k < 4 ? 3 * channel + k - 1 : 9 + 5 * channel + k - 4
                #expect(abs(splats[12 + 3 * k + channel, 1] - Float(index) / 32) <= exactness)
            }
        }
        bytes[1] = 2
        #expect(Scenes.message { try Scenes.read(bytes, named: "a.ksplat") }.contains("version 0.2"))
    }

    /// The bits of a number in half precision that has them exactly.
    private static func half(_ value: Float) -> UInt32 {
        if value == 0 { return 0 }
        return value.bitPattern >> 16 & 0x8000 | UInt32(Int(value.exponent) + 15) << 10
            | (value.bitPattern >> 13 & 0x3FF)
    }
}
