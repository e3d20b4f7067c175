import Testing

@testable import Imaging

@Suite struct HostilePNGTests {
    private func message(_ bytes: [UInt8], limits: PNG.Limits = PNG.Limits()) -> String {
        do {
            _ = try PNG.decode(bytes, limits: limits)
            return "no error"
        } catch {
            return "\(error)"
        }
    }

    /// A file whose header is given and whose other chunks are well formed.
    private func file(header: [UInt8], _ body: (inout [UInt8]) -> Void = { _ in }) -> [UInt8] {
        var bytes = PNGChunk.signature
        bytes.appendChunk("IHDR", header)
        body(&bytes)
        bytes.appendChunk("IDAT", [0x78, 0x9C, 0x63, 0x60, 0, 0, 0, 2, 0, 1])
        bytes.appendChunk("IEND", [])
        return bytes
    }

    private func header(_ width: UInt32, _ height: UInt32, depth: UInt8 = 8, type: UInt8 = 0) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(bigEndian: width)
        bytes.append(bigEndian: height)
        return bytes + [depth, type, 0, 0, 0]
    }

    @Test("A file cut anywhere is an error that says so")
    func truncated() throws {
        let whole = try PNG.encode(.noise(30, 20, channels: 3), text: [PNG.Text("Recipe", "something")])
        for count in stride(from: 0, to: whole.count, by: 50) {
            let text = message(Array(whole[..<count]))
            #expect(text.contains(count == 0 ? "the file is empty" : "ends too early"), "\(count): \(text)")
        }
        #expect(message(Array(whole.dropLast())).contains("ends too early"))
    }

    @Test("A flipped bit anywhere in the pixels is a wrong checksum")
    func checksum() throws {
        var bytes = try PNG.encode(.noise(30, 20, channels: 3))
        bytes[200] ^= 4
        #expect(message(bytes) == "byte 33 (IDAT): the checksum is wrong. Copy or download the file again.")
    }

    @Test("A header of 60000x60000 is refused before anything is allocated")
    func hugeHeader() {
        #expect(
            message(file(header: header(60000, 60000)))
                == "byte 16 (IHDR): the image has 60000x60000 pixels, more than the limit of 100000000. Raise the limit if you trust the file."
        )
    }

    @Test("A large header over little data is refused", arguments: [0, 2, 6] as [UInt8])
    func implausible(type: UInt8) {
        let text = message(file(header: header(9000, 9000, depth: 16, type: type)))
        #expect(text == "IDAT: 10 bytes cannot hold 9000x9000 pixels; the file is damaged.")
    }

    @Test("A picture without pixels is refused", arguments: [(0, 5), (5, 0), (0, 0)] as [(UInt32, UInt32)])
    func empty(width: UInt32, height: UInt32) {
        #expect(
            message(file(header: header(width, height)))
                == "byte 16 (IHDR): the image has no pixels: \(width)x\(height).")
    }

    @Test("Another format is named as such")
    func wrongMagic() {
        let text = message(Array("GIF89a and so on".utf8))
        #expect(text == "byte 0: this is not a PNG file: its first bytes are another format's.")
    }

    @Test("A huge text chunk is refused by its length")
    func hugeText() {
        let bytes = file(header: header(1, 1)) {
            $0.appendChunk("tEXt", Array("Key\0".utf8) + [UInt8](repeating: 65, count: 9 << 20))
        }
        #expect(message(bytes) == "byte 33 (tEXt): the chunk has 9437188 bytes, more than the limit of 8388608.")
        #expect(throws: ImagingError.self) { try PNG.text(in: bytes) }
    }

    @Test("Text that grows past the limit when decompressed is refused", arguments: ["zTXt", "iTXt"])
    func textBomb(type: String) throws {
        let flat = try PNG.encode(Image(width: 4000, height: 3000, channels: 1))
        let chunks = try PNGChunk.scan(flat, limits: PNG.Limits()).filter { $0.type == "IDAT" }
        let stream = chunks.flatMap { flat[$0.data] }
        let prefix = Array("Key\0".utf8) + (type == "zTXt" ? [0] : [1, 0, 0, 0])
        let bytes = file(header: header(1, 1)) { $0.appendChunk(type, prefix + stream) }
        #expect(message(bytes).contains("the PNG data is damaged"))
        #expect(throws: ImagingError.self) { try PNG.text(in: bytes) }
    }

    @Test("Nonsense in the header is refused", arguments: [(3, 0), (8, 5), (16, 3), (7, 2)] as [(UInt8, UInt8)])
    func badHeader(depth: UInt8, type: UInt8) {
        #expect(message(file(header: header(1, 1, depth: depth, type: type))).contains("the PNG data is damaged"))
    }

    @Test("Errors name the file")
    func namesFile() {
        #expect {
            try PNG.read("/nonexistent/cat.png")
        } throws: {
            "\($0)" == "/nonexistent/cat.png: cannot open: No such file or directory; check the path"
        }
    }
}
