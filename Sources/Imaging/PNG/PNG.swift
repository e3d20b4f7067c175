import CPNG
import Platform

/// Reads and writes PNG (ISO/IEC 15948).
///
///     try PNG.write(image, to: "cat.png", text: [PNG.Text("Software", "Genera")])
///     let image = try PNG.read("cat.png")
public enum PNG {
    /// What a reader accepts; checked before anything is allocated.
    public struct Limits: Equatable, Sendable {
        /// Pixels a picture, and for an animation pixels of all frames together.
        public var pixels: Int
        /// Bytes of one chunk other than pixels, also after decompression.
        public var chunkBytes: Int

        /// 100 megapixels and 8 MiB a chunk unless told otherwise.
        public init(pixels: Int = 100_000_000, chunkBytes: Int = 8 << 20) {
            self.pixels = pixels
            self.chunkBytes = chunkBytes
        }
    }

    /// Reads a file of any colour type; palettes and 1, 2 and 4 bits become 8-bit samples, 16 bits stay.
    ///
    /// - Throws: `ImagingError` when the file cannot be read, is damaged, or exceeds `limits`.
    public static func read(_ path: String, limits: Limits = Limits()) throws -> Image {
        try naming(path) { try decode(FileSystem.contents(of: path), limits: limits).image }
    }

    /// Reads a PNG in memory, with its text chunks.
    ///
    /// - Throws: `ImagingError` when the bytes are damaged or exceed `limits`.
    public static func decode(_ bytes: [UInt8], limits: Limits = Limits()) throws -> (image: Image, text: [Text]) {
        let chunks = try PNGChunk.scan(bytes, limits: limits)
        return try withReader(bytes, limits: limits) { reader in
            let header = cpng_reader_header(reader)
            try checkPlausible(bytes, chunks: chunks)
            let image = try pixels(of: reader, header)
            return (image, texts(of: reader))
        }
    }

    /// Writes a file as a whole or not at all.
    ///
    /// - Throws: `ImagingError` when a text chunk is not allowed or the file cannot be written; then nothing is left behind.
    public static func write(_ image: Image, to path: String, text: [Text] = []) throws {
        try naming(path) { try AtomicFile.write(encode(image, text: text), to: path) }
    }

    /// The bytes of a PNG file; the same picture and text give the same bytes with the same libpng and zlib.
    ///
    /// - Throws: `ImagingError` when a text chunk is not allowed.
    public static func encode(_ image: Image, text: [Text] = []) throws -> [UInt8] {
        var bytes = try encodeBare(image)
        bytes.insert(contentsOf: try chunks(of: text), at: headerEnd)
        return bytes
    }

    /// Where the IHDR chunk ends: signature, length, type, 13 bytes, checksum.
    static let headerEnd = 33

    private static func encodeBare(_ image: Image) throws -> [UInt8] {
        let header = cpng_header(
            width: UInt32(image.width), height: UInt32(image.height), channels: UInt8(image.channels),
            bit_depth: UInt8(image.bitDepth))
        var encoded: UnsafeMutablePointer<UInt8>?
        var count = 0
        var message = [CChar](repeating: 0, count: 256)
        let status = image.samples.withUnsafeBytes { pixels in
            cpng_encode(
                header, pixels.bindMemory(to: UInt8.self).baseAddress, &encoded, &count, &message, message.count)
        }
        guard status == 0 else {
            let reason = String(decoding: message.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
            throw ImagingError(reason: "libpng cannot write an image of \(image.shape): \(reason)")
        }
        defer { cpng_free(encoded) }
        return Array(UnsafeBufferPointer(start: encoded, count: count))
    }

    static func withReader<Result>(
        _ bytes: [UInt8], limits: Limits, _ body: (OpaquePointer) throws -> Result
    ) throws -> Result {
        try bytes.withUnsafeBufferPointer { buffer in
            let memory = max(64 << 20, limits.chunkBytes * 4)
            let opened = cpng_open(buffer.baseAddress, buffer.count, limits.chunkBytes, memory)
            guard let reader = opened else { throw ImagingError(reason: "memory is out", kind: .unavailable) }
            defer { cpng_close(reader) }
            try check(reader)
            return try body(reader)
        }
    }

    private static func check(_ reader: OpaquePointer) throws {
        guard let message = cpng_message(reader) else { return }
        throw ImagingError(reason: "the PNG data is damaged: \(String(cString: message))")
    }

    /// Deflate shrinks to 1/1032 at best, so a short file cannot hold a large picture.
    private static func checkPlausible(_ bytes: [UInt8], chunks: [PNGChunk]) throws {
        let (width, height) = (Int(bytes.bigEndian32(at: 16)), Int(bytes.bigEndian32(at: 20)))
        let (depth, colourType) = (Int(bytes[24]), Int(bytes[25]))
        let samples = [0: 1, 2: 3, 3: 1, 4: 2, 6: 4][colourType] ?? 1
        let compressed = chunks.filter { $0.type == "IDAT" }.reduce(0) { $0 + $1.data.count }
        guard width * height / 8 * depth * samples <= (compressed + 64) * 1032 else {
            throw ImagingError(
                place: "IDAT", reason: "\(compressed) bytes cannot hold \(width)x\(height) pixels; the file is damaged")
        }
    }

    private static func pixels(of reader: OpaquePointer, _ header: cpng_header) throws -> Image {
        let (width, height, channels) = (Int(header.width), Int(header.height), Int(header.channels))
        let count = width * height * channels
        func read(_ buffer: UnsafeMutableRawBufferPointer) {
            _ = cpng_read_pixels(reader, buffer.bindMemory(to: UInt8.self).baseAddress, buffer.count)
        }
        let samples: Image.Samples
        if header.bit_depth == 16 {
            var words = [UInt16](repeating: 0, count: count)
            words.withUnsafeMutableBytes(read)
            samples = .words(words)
        } else {
            var bytes = [UInt8](repeating: 0, count: count)
            bytes.withUnsafeMutableBytes(read)
            samples = .bytes(bytes)
        }
        try check(reader)
        return Image(width: width, height: height, channels: channels, samples: samples)
    }
}

extension Image.Samples {
    /// The samples as memory, in the machine's byte order.
    func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        switch self {
        case .bytes(let bytes): try bytes.withUnsafeBytes(body)
        case .words(let words): try words.withUnsafeBytes(body)
        }
    }
}
