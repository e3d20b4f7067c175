import CZlib

extension Gzip {
    /// The first bytes of the expanded content, at most `count`.
    ///
    /// - Throws: ``FormatError`` when the data is damaged, or ends before that.
    public static func prefix(_ view: ByteView, count: Int, file: String) throws -> ByteView {
        let reader = GzipReader(view, file: file)
        var result: [UInt8] = []
        while result.count < count {
            let fresh = try reader.next()
            if fresh.isEmpty { break }
            result.append(contentsOf: fresh.prefix(count - result.count))
        }
        return ByteView(result)
    }

    /// A gzip file with the content, without name and time, so that equal contents give equal files.
    ///
    /// - Throws: ``FormatError`` when zlib cannot be started, or the content has 4 GiB or more.
    public static func compress(_ view: ByteView, level: Int = 9, file: String = "") throws -> [UInt8] {
        func error(_ reason: String) -> FormatError {
            FormatError(file: file, reason: "cannot compress: \(reason)", kind: .unavailable)
        }
        guard let size = UInt32(exactly: view.count) else { throw error("\(view.count) bytes are 4 GiB or more") }
        var stream = z_stream()
        // 16 more than the largest window asks for the head and the end of a gzip file.
        guard
            deflateInit2_(
                &stream, Int32(level), Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
                Int32(MemoryLayout<z_stream>.size)) == Z_OK
        else { throw error("zlib could not be started") }
        defer { deflateEnd(&stream) }
        let bound = Int(deflateBound(&stream, UInt(view.count)))
        return try [UInt8](unsafeUninitializedCapacity: bound) { memory, count in
            let code = view.withUnsafeBytes { bytes in
                stream.next_in = UnsafeMutablePointer(mutating: bytes.bindMemory(to: UInt8.self).baseAddress)
                stream.avail_in = size
                stream.next_out = memory.baseAddress
                stream.avail_out = UInt32(clamping: bound)
                return deflate(&stream, Z_FINISH)
            }
            guard code == Z_STREAM_END else { throw error("zlib gives code \(code)") }
            count = Int(stream.total_out)
        }
    }
}
