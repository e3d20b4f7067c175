import CPNG
import Platform

extension PNG {
    /// One text chunk: a keyword and its value.
    public struct Text: Equatable, Hashable, Sendable {
        /// 1 to 79 printable ASCII characters, without spaces at either end.
        public var keyword: String
        /// Any text without NUL; written as tEXt when it is plain ASCII, else as UTF-8 in iTXt.
        public var value: String

        /// Makes a text chunk; it is checked when it is written.
        public init(_ keyword: String, _ value: String) {
            self.keyword = keyword
            self.value = value
        }
    }

    /// The text chunks of a file, in their order; no pixel is decoded.
    ///
    /// - Throws: `ImagingError` when the file cannot be read, is damaged, or exceeds `limits`.
    public static func text(of path: String, limits: Limits = Limits()) throws -> [Text] {
        try naming(path) { try text(in: FileSystem.contents(of: path), limits: limits) }
    }

    /// The text chunks of a PNG in memory, in their order; no pixel is decoded.
    public static func text(in bytes: [UInt8], limits: Limits = Limits()) throws -> [Text] {
        let chunks = try PNGChunk.scan(bytes, limits: limits)
        return try withReader(textAlone(bytes, chunks), limits: limits) { texts(of: $0) }
    }

    /// A file of one pixel with the same text, whose pixel data are empty and never read.
    private static func textAlone(_ bytes: [UInt8], _ chunks: [PNGChunk]) -> [UInt8] {
        var file = PNGChunk.signature
        file.appendChunk("IHDR", [0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0])
        for chunk in chunks where ["tEXt", "zTXt", "iTXt"].contains(chunk.type) {
            file.appendChunk(chunk.type, bytes[chunk.data])
        }
        file.appendChunk("IDAT", [])
        file.appendChunk("IEND", [])
        return file
    }

    static func texts(of reader: OpaquePointer) -> [Text] {
        (0..<cpng_text_count(reader)).map { index in
            let text = cpng_text_at(reader, index)
            let bytes = UnsafeRawBufferPointer(start: text.value, count: text.length)
            let value = text.is_utf8 != 0 ? String(decoding: bytes, as: UTF8.self) : latin1(bytes)
            return Text(latin1(UnsafeRawBufferPointer(start: text.keyword, count: length(of: text.keyword))), value)
        }
    }

    private static func length(of string: UnsafePointer<CChar>) -> Int {
        var count = 0
        while string[count] != 0 { count += 1 }
        return count
    }

    private static func latin1(_ bytes: UnsafeRawBufferPointer) -> String {
        String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
    }

    /// The chunks of `texts`, ready to be put into a file.
    static func chunks(of texts: [Text], limits: Limits = Limits()) throws -> [UInt8] {
        var bytes: [UInt8] = []
        for text in texts {
            try check(text, limits: limits)
            let isPlain = text.value.utf8.allSatisfy { (32...126).contains($0) || $0 == 10 }
            let flags: [UInt8] = isPlain ? [0] : [0, 0, 0, 0, 0]
            bytes.appendChunk(isPlain ? "tEXt" : "iTXt", Array(text.keyword.utf8) + flags + Array(text.value.utf8))
        }
        return bytes
    }

    private static func check(_ text: Text, limits: Limits) throws {
        let keyword = Array(text.keyword.utf8)
        let isPrintable = keyword.allSatisfy { (32...126).contains($0) }
        let isTrimmed = keyword.first != 32 && keyword.last != 32 && !text.keyword.contains("  ")
        guard (1...79).contains(keyword.count), isPrintable, isTrimmed else {
            throw ImagingError(
                place: "text '\(text.keyword)'",
                reason: "a PNG keyword is 1 to 79 printable ASCII characters without spaces at its ends or in a row")
        }
        guard !text.value.utf8.contains(0) else {
            throw ImagingError(place: "text '\(text.keyword)'", reason: "PNG text cannot hold a NUL character")
        }
        guard text.value.utf8.count + 128 <= limits.chunkBytes else {
            throw ImagingError(
                place: "text '\(text.keyword)'",
                reason: "\(text.value.utf8.count) bytes exceed the limit of \(limits.chunkBytes) a text chunk")
        }
    }
}
