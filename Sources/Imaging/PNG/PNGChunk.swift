import CPNG

/// One chunk of a PNG file: a type of four letters and its data.
struct PNGChunk {
    let type: String
    /// Where the data lies in the file.
    let data: Range<Int>

    /// The eight bytes that every PNG file begins with.
    static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

    /// Walks all chunks of a file and checks lengths, checksums and the end.
    ///
    /// - Throws: `ImagingError` naming the byte and the chunk.
    static func scan(_ bytes: [UInt8], limits: PNG.Limits) throws -> [PNGChunk] {
        guard bytes.starts(with: signature) else {
            throw ImagingError(
                place: "byte 0",
                reason: bytes.isEmpty
                    ? "the file is empty" : "this is not a PNG file: its first bytes are another format's")
        }
        var chunks: [PNGChunk] = []
        var offset = signature.count
        while chunks.last?.type != "IEND" {
            let chunk = try next(in: bytes, at: offset, limits: limits)
            if chunks.isEmpty { try checkHeader(chunk, in: bytes, limits: limits) }
            chunks.append(chunk)
            offset = chunk.data.upperBound + 4
        }
        return chunks
    }

    private static func next(in bytes: [UInt8], at offset: Int, limits: PNG.Limits) throws -> PNGChunk {
        guard bytes.count - offset >= 12 else { throw truncated(at: bytes.count, nil) }
        let length = Int(bytes.bigEndian32(at: offset))
        let letters = bytes[offset + 4..<offset + 8]
        guard letters.allSatisfy({ (65...90).contains($0) || (97...122).contains($0) }) else {
            throw ImagingError(place: "byte \(offset)", reason: "no chunk begins here: its type is not four letters")
        }
        let type = String(decoding: letters, as: UTF8.self)
        guard type == "IDAT" || type == "fdAT" || length <= limits.chunkBytes else {
            throw ImagingError(
                place: "byte \(offset) (\(type))",
                reason: "the chunk has \(length) bytes, more than the limit of \(limits.chunkBytes)")
        }
        guard length <= bytes.count - offset - 12 else { throw truncated(at: bytes.count, type) }
        let end = offset + 8 + length
        let crc = bytes.withUnsafeBufferPointer { cpng_crc32(0, $0.baseAddress! + offset + 4, length + 4) }
        guard crc == bytes.bigEndian32(at: end) else {
            throw ImagingError(
                place: "byte \(offset) (\(type))", reason: "the checksum is wrong",
                advice: "Copy or download the file again.")
        }
        return PNGChunk(type: type, data: offset + 8..<end)
    }

    private static func checkHeader(_ chunk: PNGChunk, in bytes: [UInt8], limits: PNG.Limits) throws {
        guard chunk.type == "IHDR", chunk.data.count == 13 else {
            throw ImagingError(place: "byte 8", reason: "the file does not begin with an image header (IHDR)")
        }
        let (width, height) = (Int(bytes.bigEndian32(at: 16)), Int(bytes.bigEndian32(at: 20)))
        guard width > 0, height > 0 else {
            throw ImagingError(place: "byte 16 (IHDR)", reason: "the image has no pixels: \(width)x\(height)")
        }
        guard width <= limits.pixels / height else {
            throw ImagingError(
                place: "byte 16 (IHDR)",
                reason: "the image has \(width)x\(height) pixels, more than the limit of \(limits.pixels)",
                advice: "Raise the limit if you trust the file.")
        }
    }

    private static func truncated(at offset: Int, _ type: String?) -> ImagingError {
        ImagingError(
            place: "byte \(offset)", reason: "the file ends too early" + (type.map { ", inside \($0)" } ?? ""),
            advice: "Copy or download the file again.")
    }
}

extension [UInt8] {
    /// The big-endian number in four bytes from `offset`.
    func bigEndian32(at offset: Int) -> UInt32 {
        (offset..<offset + 4).reduce(0) { $0 << 8 | UInt32(self[$1]) }
    }

    /// The big-endian number in two bytes from `offset`.
    func bigEndian16(at offset: Int) -> Int { Int(self[offset]) << 8 | Int(self[offset + 1]) }

    mutating func append(bigEndian value: UInt32) {
        for shift in [24, 16, 8, 0] as [UInt32] { append(UInt8(truncatingIfNeeded: value >> shift)) }
    }

    mutating func append(bigEndian value: UInt16) {
        append(UInt8(value >> 8))
        append(UInt8(value & 255))
    }

    /// Appends a PNG chunk: length, type, data, checksum.
    mutating func appendChunk(_ type: String, _ data: some Collection<UInt8>) {
        append(bigEndian: UInt32(data.count))
        let start = count
        append(contentsOf: type.utf8)
        append(contentsOf: data)
        let crc = withUnsafeBufferPointer { cpng_crc32(0, $0.baseAddress! + start, count - start) }
        append(bigEndian: crc)
    }
}
