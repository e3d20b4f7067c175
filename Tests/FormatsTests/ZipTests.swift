import Foundation
import Tensors
import Testing

@testable import Formats

@Suite struct ZipTests {
    private func archive(_ entries: [(String, String)], zip64: Bool = false) throws -> [UInt8] {
        var bytes: [UInt8] = []
        try Support.withTemporaryFolder { folder in
            try ZipWriter.write(to: folder + "/a.zip", usesZip64: zip64) { zip in
                for (name, text) in entries { try zip.add(name, Array(text.utf8)) }
            }
            bytes = try MappedFile(path: folder + "/a.zip").view.array()
        }
        return bytes
    }

    /// Replaces every `old` by `new`, which must be as long.
    private func replace(_ bytes: [UInt8], _ old: [UInt8], _ new: [UInt8]) -> [UInt8] {
        var bytes = bytes
        for start in bytes.indices where bytes[start...].starts(with: old) {
            bytes.replaceSubrange(start..<start + old.count, with: new)
        }
        return bytes
    }

    @Test("What is written reads back without a copy, aligned, with and without zip64", arguments: [false, true])
    func roundTrip(zip64: Bool) throws {
        let view = ByteView(try archive([("a.txt", "hello"), ("b/c.txt", ""), ("é.txt", "world")], zip64: zip64))
        let zip = try ZipArchive(view, file: "f")
        #expect(zip.entries.map(\.name) == ["a.txt", "b/c.txt", "é.txt"])
        let content = try zip.data("é.txt")
        #expect(content.text() == "world" && content.memory === view.memory)
        #expect(Int(bitPattern: content.baseAddress) % 64 == 0)
        #expect(try zip.data(zip.entries[0], checked: true).text() == "hello")
        Support.expectMessage("did you mean 'a.txt'?") { try zip.data("a.tx") }
    }

    @Test("Archives of other writers are read: zip64 records and compressed entries")
    func foreign() throws {
        let zip = try ZipArchive(path: Support.fixture("zip64.zip"))
        #expect(try zip.data("a.txt").text() == "hello" && zip.data("b/c.txt").text() == "world")
        let npz = try NPZ(path: Support.fixture("compressed.npz"))
        #expect(try npz.tensor("ones").floats() == [Float](repeating: 1, count: 1000))
    }

    @Test(
        "Names that leave the folder are refused",
        arguments: ["../evil.txt", "/etc/passwd", "a/../../b", "C:/x", "..\\x", "a/..", "nul\u{0}name"])
    func traversal(name: String) throws {
        Support.expectMessage("refusing the entry name") {
            try ZipArchive(ByteView(try archive([(name, "x")])), file: "f")
        }
    }

    @Test("Names used twice, shared bytes, encryption and unknown methods are refused")
    func hostile() throws {
        let two = try archive([("aa", "hello"), ("bb", "hello")])
        let same = replace(two, Array("bb".utf8), Array("aa".utf8))
        Support.expectMessage("two entries of this name") { try ZipArchive(ByteView(same), file: "f") }

        let directory = try #require(two.indices.filter { two[$0...].starts(with: [0x50, 0x4B, 1, 2]) }.last)
        func patched(_ offset: Int, _ bytes: [UInt8]) -> ByteView {
            var copy = two
            copy.replaceSubrange(directory + offset..<directory + offset + bytes.count, with: bytes)
            return ByteView(copy)
        }
        Support.expectMessage("shares bytes") { try ZipArchive(patched(42, little(UInt32(0))), file: "f") }
        Support.expectMessage("reach beyond the data") {
            try ZipArchive(patched(20, little(UInt32(1 << 30))), file: "f")
        }
        Support.expectMessage("encrypted") { try ZipArchive(patched(8, [1, 0]), file: "f").data("bb") }
        Support.expectMessage("compression method 99 is not read") {
            try ZipArchive(patched(10, [99, 0]), file: "f").data("bb")
        }
        Support.expectMessage("the compressed data") { try ZipArchive(patched(10, [8, 0]), file: "f").data("bb") }
        Support.expectMessage("CRC") {
            let zip = try ZipArchive(patched(16, [1, 2, 3, 4]), file: "f")
            return try zip.data(zip.entries[1], checked: true)
        }
        Support.expectMessage("its sizes 5 and 6 differ") {
            try ZipArchive(patched(24, little(UInt32(6))), file: "f").data("bb")
        }
        Support.expectMessage("has two entries") { try ZipArchive(ByteView(same), file: "f") }
    }

    @Test("A compressed entry cannot announce more than its bytes can hold")
    func bomb() throws {
        let view = ByteView([0x4B, 0x04, 0x00])
        Support.expectMessage("cannot hold the 1000000000 bytes") {
            try Deflate.inflate(view, count: 1_000_000_000, file: "f", place: "e")
        }
        Support.expectMessage("1 were announced") {
            try Deflate.inflate(ByteView([0x4B, 0x4C, 0x04, 0x00]), count: 1, file: "f", place: "e")
        }
        #expect(try Deflate.inflate(view, count: 1, file: "f", place: "e").text() == "a")
    }

    @Test("Every cut of an archive is refused", arguments: [false, true])
    func cuts(zip64: Bool) throws {
        let bytes = try archive([("a", "hello"), ("b", "world")], zip64: zip64)
        Support.expectCutsRefused(bytes) { try ZipArchive($0, file: "f") }
        Support.expectMessage("this is the beginning of a zip archive") {
            try ZipArchive(ByteView(bytes[..<(bytes.count / 2)]), file: "f")
        }
    }

    @Test("Gzip files expand up to a limit, and cut ones are refused")
    func gzip() throws {
        let view = try Support.view("idx.gz")
        #expect(try Gzip.expand(view, file: "f").count == 20)
        #expect(try Gzip.expand(ByteView(view.array() + view.array() + [0, 0]), file: "f").count == 40)
        Support.expectMessage("expands to more than 19 bytes") { try Gzip.expand(view, limit: 19, file: "f") }
        Support.expectCutsRefused(view.array()) { try Gzip.expand($0, file: "f") }
        var damaged = view.array()
        damaged[damaged.count - 6] ^= 1
        Support.expectMessage("the compressed data is damaged") { try Gzip.expand(ByteView(damaged), file: "f") }
    }
}
