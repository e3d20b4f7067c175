import Testing

@testable import Formats

/// Small files that expand to large ones are refused before memory is taken.
@Suite struct SizeLimitTests {
    /// A zip archive of one compressed entry that announces any size.
    private func archive(_ name: String, _ content: [UInt8], announced: Int, flags: UInt16 = 0) throws -> ByteView {
        // Without the head of ten bytes and the eight at the end, gzip is deflate.
        let packed = try Gzip.compress(ByteView(content)).dropFirst(10).dropLast(8)
        let common =
            little(flags) + little(UInt16(8)) + little(UInt32(0)) + little(Deflate.checksum(ByteView(content)))
            + little(UInt32(packed.count)) + little(UInt32(announced)) + little(UInt16(name.utf8.count))
            + little(UInt16(0))
        let entry = little(UInt32(0x0403_4B50)) + little(UInt16(20)) + common + Array(name.utf8) + packed
        let directory =
            little(UInt32(0x0201_4B50)) + little(UInt16(20)) + little(UInt16(20)) + common
            + [UInt8](repeating: 0, count: 14) + Array(name.utf8)
        return ByteView(
            entry + directory + little(UInt32(0x0605_4B50)) + little(UInt32(0)) + little(UInt16(1)) + little(UInt16(1))
                + little(UInt32(directory.count)) + little(UInt32(entry.count)) + little(UInt16(0)))
    }

    @Test("An entry that is as large as it says is read, up to the limit of its reader")
    func entries() throws {
        let content = [UInt8](repeating: 7, count: 100_000)
        let zip = try ZipArchive(archive("a.bin", content, announced: content.count), file: "f")
        #expect(try zip.data("a.bin").array() == content)
        #expect(try zip.data("a.bin", limit: 100_000).count == 100_000)
        #expect(try zip.prefix("a.bin", count: 12).array() == Array(content.prefix(12)))
        Support.expectMessage("f: 'a.bin': it expands to 100000 bytes, at most 99999 bytes are read") {
            try zip.data("a.bin", limit: 99_999)
        }
        Support.expectMessage("it expands to 4000000000 bytes, at most 1 GB are read") {
            try ZipArchive(archive("a.bin", content, announced: 4_000_000_000), file: "f").data("a.bin")
        }
    }

    @Test("The pickle of a PyTorch file has at most 256 MB, and its storages what it says")
    func torch() throws {
        let pickle = PickleBytes.document(PickleBytes.int(1))
        let small = try archive("a/data.pkl", pickle, announced: pickle.count)
        #expect(try TorchArchive(small, file: "f").root.int == 1)
        Support.expectMessage("'a/data.pkl': it expands to 268435457 bytes, at most 256 MB are read") {
            try TorchArchive(archive("a/data.pkl", pickle, announced: (256 << 20) + 1), file: "f")
        }
    }

    @Test("An array in an archive expands to what its header says, and is described by that alone")
    func arrays() throws {
        let numbers = RawTensor([Int64](repeating: 0, count: 1000), shape: [10, 100])
        let content = try NPY.head(of: numbers, file: "f") + numbers.bytes.array()
        let file = try NPZ(archive("x.npy", content, announced: content.count), file: "f")
        #expect(try file.tensor("x").shape == [10, 100])
        let description = try file.description(of: "x")
        #expect(description.shape == [10, 100] && description.type == "int64" && description.byteCount == 8000)
        Support.expectMessage("does not fit the 999999872 bytes that are announced") {
            try NPZ(archive("x.npy", content, announced: 1_000_000_000), file: "f").tensor("x")
        }
        Support.expectMessage("it expands to") { try file.tensor("x", limit: 4000) }
    }

    @Test("A compressed IDX file expands to what its header says, and no further")
    func idx() throws {
        let head: [UInt8] = [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4]
        let good = try Gzip.compress(ByteView(head + Array(0..<24)))
        let read = try IDX.read(ByteView(good), file: "f")
        #expect(read.shape == [2, 3, 4] && read.int64s() == Array(0..<24))
        #expect(try IDX.shape(ByteView(good), file: "f").shape == [2, 3, 4])
        let long = try Gzip.compress(ByteView(head + [UInt8](repeating: 0, count: 1 << 24)))
        Support.expectMessage("it expands to more than the 40 bytes announced") {
            try IDX.read(ByteView(long), file: "f")
        }
        let short = try Gzip.compress(ByteView(head + Array(0..<23)))
        Support.expectMessage("it expands to 39 bytes, 40 were announced") { try IDX.read(ByteView(short), file: "f") }
        let huge: [UInt8] = [0, 0, 8, 1, 0x7F, 255, 255, 255]
        Support.expectMessage("it expands to 2147483655 bytes, at most 1 GB are read") {
            try IDX.read(ByteView(try Gzip.compress(ByteView(huge))), file: "f")
        }
        Support.expectMessage("compressed bytes cannot hold the 1000007 bytes") {
            try IDX.read(ByteView(try Gzip.compress(ByteView([0, 0, 8, 1, 0, 15, 66, 63]))), file: "f")
        }
    }

    @Test("What expands without end is left at the limit, which the message names")
    func streams() throws {
        let zeros = ByteView([UInt8](repeating: 0, count: 1 << 22))
        let packed = ByteView(try Gzip.compress(zeros))
        #expect(try Gzip.expand(packed, limit: 1 << 22, file: "f").count == 1 << 22)
        Support.expectMessage("it expands to more than 1000 bytes, which is the most that is read") {
            try Gzip.expand(packed, limit: 1000, file: "f")
        }
        #expect(try Gzip.expand(packed, count: 1 << 22, file: "f").count == 1 << 22)
        Support.expectMessage("more than the 100 bytes announced") { try Gzip.expand(packed, count: 100, file: "f") }
    }
}
