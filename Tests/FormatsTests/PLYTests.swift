import Foundation
import Testing

@testable import Formats

@Suite struct PLYTests {
    /// A table with a column of each type and a list, its values such that all types hold them.
    private func tables(_ count: Int) -> [PLY.Table] {
        let whole = (0..<count).map { Int32($0 * 3 - 5) }
        return [
            PLY.Table(
                "vertex", count: count,
                [
                    .init("x", .floats(whole.map { Float($0) / 4 }[...])),
                    .init("y", .doubles(whole.map { Double($0) / 8 })),
                    .init("tag", .bytes(whole.map { UInt8(truncatingIfNeeded: $0) })),
                    .init("bits", .words(whole.map { UInt32(bitPattern: $0) })), .init("i", .integers(whole)),
                ]),
            PLY.Table(
                "face", count: 3,
                [
                    .init("before", .bytes([1, 2, 3])), .init("vertex_indices", .lists([[1, 2, 3], [], [-4]])),
                    .init("after", .floats([0.5, 1.5, 2.5])),
                ]),
            PLY.Table("last", count: 1, [.init("a", .integers([-7]))]),
        ]
    }

    @Test("What is written reads back, in every encoding", arguments: PLY.Encoding.allCases, [0, 1, 64, 201])
    func roundTrip(encoding: PLY.Encoding, count: Int) throws {
        try Support.withTemporaryFolder { folder in
            try PLY.write(
                tables(count), comments: ["made here", "two\nlines"], encoding: encoding, to: "\(folder)/a.ply")
            let file = try PLY(path: "\(folder)/a.ply")
            let whole = (0..<count).map { $0 * 3 - 5 }
            #expect(file.encoding == encoding && file.comments == ["made here", "two lines"])
            #expect(file.elements.map(\.name) == ["vertex", "face", "last"] && file.element("vertex")?.count == count)
            #expect(try file.floats("x", of: "vertex") == whole.map { Float($0) / 4 })
            #expect(try file.doubles("y", of: "vertex") == whole.map { Double($0) / 8 })
            #expect(try file.integers("tag", of: "vertex") == whole.map { Int(UInt8(truncatingIfNeeded: $0)) })
            #expect(try file.words("bits", of: "vertex") == whole.map { UInt32(truncatingIfNeeded: $0) })
            #expect(
                try file.integers("i", of: "vertex") == whole && file.floats("i", of: "vertex") == whole.map(Float.init)
            )
            #expect(try file.lists("vertex_indices", of: "face") == [[1, 2, 3], [], [-4]])
            #expect(try file.integers("before", of: "face") == [1, 2, 3])
            #expect(try file.floats("after", of: "face") == [0.5, 1.5, 2.5] && file.integers("a", of: "last") == [-7])
        }
    }

    @Test("Both families of names of types, and all types, are known")
    func types() throws {
        let names = [
            "char", "int8", "uchar", "uint8", "short", "int16", "ushort", "uint16", "int", "int32", "uint", "uint32",
            "float",
            "float32", "double", "float64",
        ]
        let text =
            "ply\r\nformat ascii 1.0\r\nobj_info by hand\r\nelement v 1\r\n"
            + names.enumerated().map { "property \($1) p\($0)\r\n" }.joined() + "end_header\r\n"
            + (0..<16).map(String.init).joined(separator: " ")
        let file = try PLY(ByteView(Array(text.utf8)), file: "f")
        for index in 0..<16 { #expect(try file.integers("p\(index)", of: "v") == [index]) }
        let sizes = file.elements[0].properties.map(\.type.byteCount)
        #expect(sizes == [1, 1, 1, 1, 2, 2, 2, 2, 4, 4, 4, 4, 4, 4, 8, 8] && file.comments == ["by hand"])
    }

    @Test("Numbers of text are read to the last bit")
    func text() throws {
        let words = [
            "0", "-0.5", "+3", "1e10", "1.5E-3", ".25", "2.", "1e400", "nan", "-inf", "123456789012345678901234567890",
            "4.9e-324", "0.1", "3.4028235e38", "1e-23", "299792458.000000000000001",
        ]
        let text = "ply\nformat ascii 1.0\nelement v \(words.count)\nproperty double x\nend_header\n"
        let file = try PLY(ByteView(Array((text + words.joined(separator: "\n")).utf8)), file: "f")
        for (got, word) in zip(try file.doubles("x", of: "v"), words) {
            let wanted = try #require(Double(word) ?? (word == "2." ? 2 : nil))
            #expect(got == wanted || got.isNaN && wanted.isNaN, "\(word)")
        }
        for bad in ["1x", "--1", "e5", "0x", "1e", "+", "1.2.3"] {
            let one = "ply\nformat ascii 1.0\nelement v 1\nproperty double x\nend_header\n\(bad)\n"
            Support.expectMessage("not a number") {
                try PLY(ByteView(Array(one.utf8)), file: "f").doubles("x", of: "v")
            }
        }
    }

    @Test("Sizes are checked before memory is taken")
    func claims() {
        func message(_ lines: String, _ body: String = "") -> String {
            let text = "ply\nformat \(lines)\nend_header\n\(body)"
            return Support.message { try PLY(ByteView(Array(text.utf8)), file: "f") }
        }
        let little = "binary_little_endian 1.0"
        #expect(
            message("\(little)\nelement v 2000000000\nproperty float x", "abcd").contains(
                "8000000000 bytes, 4 are there"))
        #expect(message("ascii 1.0\nelement v 2000000000\nproperty float x", "1 2").contains("do not fit the 3 bytes"))
        #expect(
            message("ascii 1.0\nelement v 1\nproperty list uchar float x", "9000000000000000000 1").contains("missing"))
        #expect(
            message("\(little)\nelement v 1\nproperty list uint double x", "\u{7F}\u{7F}\u{7F}\u{7F}").contains(
                "0 are left"))
        #expect(message("\(little)\nelement v 1\nproperty list char double x", "\u{7F}").contains("1016 bytes"))
        #expect(message("\(little)\nelement v 2147483648").isEmpty)
        #expect(message("\(little)\nelement v 2147483649").contains("greater than"))
        #expect(message("\(little)\nelement v 1\nproperty list float int x").contains("length of a list"))
        #expect(message("\(little)\nproperty float x").contains("before the first element"))
        #expect(message("\(little)\nelement v 1\nelement v 1").contains("two elements"))
        #expect(message("\(little)\nthing").contains("'thing' is none of"))
        Support.expectMessage("no line 'format'") { try PLY(ByteView(Array("ply\nend_header\n".utf8)), file: "f") }
        Support.expectMessage("not a PLY file") { try PLY(ByteView(Array("ply".utf8)), file: "f") }
    }

    @Test("A header of very many names takes no time that grows with their square")
    func manyNames() throws {
        let start = ContinuousClock().now
        for line in [
            (0..<50_000).map { "element e\($0) 0\n" },
            ["element e 0\n"] + (0..<40_000).map { "property char p\($0)\n" },
        ] {
            let text = "ply\nformat ascii 1.0\n" + line.joined() + "end_header\n"
            let file = try PLY(ByteView(text.utf8), file: "f")
            #expect(file.elements.count + file.elements[0].properties.count >= 40_001)
        }
        #expect(ContinuousClock().now - start < .seconds(5))
        for double in ["element e 0\nelement e 0\n", "element e 0\nproperty char a\nproperty char a\n"] {
            let text = "ply\nformat ascii 1.0\n" + double + "end_header\n"
            Support.expectMessage("two") { try PLY(ByteView(text.utf8), file: "f") }
        }
    }

    @Test("Columns that are not there are named, with the nearest")
    func missing() throws {
        let text =
            "ply\nformat ascii 1.0\nelement vertex 1\nproperty float scale\nproperty list uchar int l\nend_header\n1 0\n"
        let file = try PLY(ByteView(Array(text.utf8)), file: "f")
        Support.expectMessage("did you mean 'scale'?") { try file.floats("scal", of: "vertex") }
        Support.expectMessage("'l', a number a row, is a list") { try file.floats("l", of: "vertex") }
        Support.expectMessage("is one number a row") { try file.lists("scale", of: "vertex") }
        Support.expectMessage("there are 'vertex'") { try file.floats("x", of: "face") }
    }

    @Test("Every cut is refused", arguments: PLY.Encoding.allCases)
    func cuts(encoding: PLY.Encoding) throws {
        try Support.withTemporaryFolder { folder in
            try PLY.write(tables(3), encoding: encoding, to: "\(folder)/a.ply")
            let bytes = try MappedFile(path: "\(folder)/a.ply").view.array()
            // Of text a cut can end in a shorter number.
            Support.expectCutsRefused(bytes, allowsSuccess: encoding == .ascii) { try PLY($0, file: "f") }
        }
    }

    @Test("What a PLY file cannot hold is not written")
    func writing() throws {
        try Support.withTemporaryFolder { folder in
            Support.expectMessage("has blanks") {
                try PLY.write([.init("a b", count: 0, [])], to: "\(folder)/a.ply")
            }
            Support.expectMessage("more than 255") {
                try PLY.write(
                    [.init("a", count: 1, [.init("l", .lists([Array(repeating: 1, count: 256)]))])],
                    to: "\(folder)/a.ply")
            }
            #expect(!FileManager.default.fileExists(atPath: "\(folder)/a.ply"))
        }
    }
}
