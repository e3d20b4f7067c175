import CZstd

/// Zstandard, with an upper bound on what comes out, so that a small hostile file cannot fill the memory.
public enum Zstandard {
    /// No block of 128 KiB takes fewer than four bytes.
    static let largestRatio = 1 << 15

    /// Whether the bytes start as a frame does.
    public static func isCompressed(_ view: ByteView) -> Bool { view.has([0x28, 0xB5, 0x2F, 0xFD]) }

    /// The content of frames of which the expanded size is known.
    ///
    /// - Throws: ``FormatError`` when the data is damaged or does not give exactly `count` bytes.
    public static func expand(_ view: ByteView, count: Int, file: String, place: String = "") throws -> ByteView {
        func error(_ reason: String) -> FormatError {
            FormatError(file: file, place: place, reason: reason, advice: "the file is damaged")
        }
        guard count >= 0, count / largestRatio <= view.count else {
            throw error("\(view.count) compressed bytes cannot hold the \(count) bytes that are announced")
        }
        let memory = try Memory(count: count) { target in
            let made = view.withUnsafeBytes {
                ZSTD_decompress(target.baseAddress, target.count, $0.baseAddress, $0.count)
            }
            if ZSTD_isError(made) != 0 { throw error("the compressed data is damaged: \(message(made))") }
            guard made == count else { throw error("compressed data gives \(made) bytes, \(count) were announced") }
        }
        return ByteView(memory)
    }

    /// The content of frames, all of them one after the other.
    ///
    /// - Throws: ``FormatError`` when the data is damaged, cut short, or gives more than `limit` bytes.
    public static func expand(_ view: ByteView, limit: Int = Deflate.limit, file: String, place: String = "") throws
        -> ByteView
    {
        func error(_ reason: String, _ advice: String = "") -> FormatError {
            FormatError(file: file, place: place, reason: reason, advice: advice)
        }
        guard let stream = ZSTD_createDStream() else { throw error("Zstandard could not be started") }
        defer { ZSTD_freeDStream(stream) }
        var result: [UInt8] = []
        var block = [UInt8](repeating: 0, count: ZSTD_DStreamOutSize())
        try view.withUnsafeBytes { bytes in
            var input = ZSTD_inBuffer(src: bytes.baseAddress, size: bytes.count, pos: 0)
            while true {
                let (left, made) = block.withUnsafeMutableBytes { memory in
                    var output = ZSTD_outBuffer(dst: memory.baseAddress, size: memory.count, pos: 0)
                    return (ZSTD_decompressStream(stream, &output, &input), output.pos)
                }
                if ZSTD_isError(left) != 0 {
                    throw error("the compressed data is damaged: \(message(left))", "the file is damaged")
                }
                guard result.count + made <= limit else {
                    throw Deflate.tooLarge(nil, limit: limit, file: file, place: place)
                }
                result.append(contentsOf: block[..<made])
                if left == 0 && input.pos == input.size { return }
                if made == 0 && input.pos == input.size {
                    throw error("the compressed data ends too early", "the file is cut short")
                }
            }
        }
        return ByteView(result)
    }

    /// One frame with the content; a level is 1 (fast) to 19 (small).
    ///
    /// - Throws: ``FormatError`` when memory is out.
    public static func compress(_ view: ByteView, level: Int = 9, file: String = "") throws -> [UInt8] {
        let bound = ZSTD_compressBound(view.count)
        return try [UInt8](unsafeUninitializedCapacity: bound) { memory, count in
            let made = view.withUnsafeBytes {
                ZSTD_compress(memory.baseAddress, bound, $0.baseAddress, $0.count, Int32(level))
            }
            if ZSTD_isError(made) != 0 {
                throw FormatError(file: file, reason: "cannot compress: \(message(made))", kind: .unavailable)
            }
            count = made
        }
    }

    private static func message(_ code: Int) -> String { String(cString: ZSTD_getErrorName(code)) }
}
