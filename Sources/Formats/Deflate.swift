import CZlib

/// Decompression with an upper bound on what comes out, so that a small hostile file cannot fill the memory.
public enum Deflate {
    /// Deflate cannot expand by more than this factor.
    static let largestRatio = 1032

    /// Bytes that compressed content may expand to where its reader does not know better: 1 GiB.
    public static let limit = 1 << 30

    /// The error for content that expands to more than a reader takes.
    ///
    /// - Parameter size: the bytes it expands to; nil where all that is known is that they are too many.
    static func tooLarge(_ size: Int?, limit: Int, file: String, place: String = "") -> FormatError {
        let most = text(limit)
        return FormatError(
            file: file, place: place,
            reason: size.map { "it expands to \($0) bytes, at most \(most) are read" }
                ?? "it expands to more than \(most), which is the most that is read",
            advice: "if it is neither damaged nor hostile, save it without compression")
    }

    /// `1 GB`, `256 MB`, `300 bytes`.
    private static func text(_ bytes: Int) -> String {
        if bytes >= 1 << 30, bytes % (1 << 30) == 0 { return "\(bytes >> 30) GB" }
        return bytes >= 10 << 20 ? "\(bytes >> 20) MB" : "\(bytes) bytes"
    }

    /// Raw deflate data (as in zip entries) of which the expanded size is known.
    ///
    /// - Throws: ``FormatError`` when the data is damaged or does not give exactly `count` bytes.
    public static func inflate(_ view: ByteView, count: Int, file: String, place: String) throws -> ByteView {
        func error(_ reason: String) -> FormatError {
            FormatError(file: file, place: place, reason: reason, advice: "the file is damaged")
        }
        guard count >= 0, count / largestRatio <= view.count else {
            throw error("\(view.count) compressed bytes cannot hold the \(count) bytes that are announced")
        }
        var stream = try InflateStream(windowBits: -15, file: file, place: place)
        defer { stream.end() }
        let memory = try Memory(count: count) { target in
            var extra: UInt8 = 0
            let (used, state) = try view.withUnsafeBytes { try stream.run($0, into: target) }
            var isComplete = state == .end
            if !isComplete, state == .more, stream.produced == count {
                // The end marker may still be to come once the output is full.
                isComplete = try withUnsafeMutableBytes(of: &extra) { spare in
                    try view.withUnsafeBytes {
                        try stream.run(UnsafeRawBufferPointer(rebasing: $0[used...]), into: spare).state == .end
                    }
                }
            }
            guard isComplete, stream.produced == count else {
                throw error("compressed data gives \(stream.produced) bytes or more, \(count) were announced")
            }
        }
        return ByteView(memory)
    }

    /// The first `count` bytes of raw deflate data, or fewer where it ends before.
    ///
    /// - Throws: ``FormatError`` when the data is damaged.
    static func prefix(_ view: ByteView, count: Int, file: String, place: String) throws -> [UInt8] {
        var stream = try InflateStream(windowBits: -15, file: file, place: place)
        defer { stream.end() }
        var result = [UInt8](repeating: 0, count: count)
        _ = try view.withUnsafeBytes { input in try result.withUnsafeMutableBytes { try stream.run(input, into: $0) } }
        return Array(result.prefix(stream.produced))
    }

    /// The CRC-32 of zip and gzip.
    public static func checksum(_ view: ByteView, seed: UInt32 = 0) -> UInt32 {
        view.withUnsafeBytes { checksum($0, seed: seed) }
    }

    static func checksum(_ bytes: UnsafeRawBufferPointer, seed: UInt32 = 0) -> UInt32 {
        var value = UInt(seed)
        var rest = bytes[...]
        while !rest.isEmpty {
            let part = UnsafeRawBufferPointer(rebasing: rest.prefix(1 << 30))
            value = UInt(crc32(value, part.bindMemory(to: UInt8.self).baseAddress, UInt32(part.count)))
            rest = rest.dropFirst(1 << 30)
        }
        return UInt32(truncatingIfNeeded: value)
    }
}

/// Files compressed by gzip.
public enum Gzip {
    /// Whether the bytes start as gzip does.
    public static func isCompressed(_ view: ByteView) -> Bool { view.has([0x1F, 0x8B]) }

    /// The expanded content, all members of the file one after the other.
    ///
    /// - Throws: ``FormatError`` when the data is damaged, cut short, or gives more than `limit` bytes.
    public static func expand(_ view: ByteView, limit: Int = Deflate.limit, file: String) throws -> ByteView {
        try requireCompressed(view, file: file)
        var result: [UInt8] = []
        let reader = GzipReader(view, file: file)
        while true {
            let fresh = try reader.next()
            if fresh.isEmpty { return ByteView(result) }
            guard result.count + fresh.count <= limit else {
                throw Deflate.tooLarge(nil, limit: limit, file: file)
            }
            result.append(contentsOf: fresh)
        }
    }

    /// The expanded content where its size is known, for example from its own header. What goes on behind that is not expanded.
    ///
    /// - Throws: ``FormatError`` when the data is damaged, cut short, or does not give exactly `count` bytes.
    public static func expand(_ view: ByteView, count: Int, file: String) throws -> ByteView {
        try requireCompressed(view, file: file)
        func error(_ reason: String) -> FormatError {
            FormatError(file: file, reason: reason, advice: "is the file complete?")
        }
        guard count >= 0, count / Deflate.largestRatio <= view.count else {
            throw error("\(view.count) compressed bytes cannot hold the \(count) bytes that are announced")
        }
        let reader = GzipReader(view, file: file)
        let memory = try Memory(count: count) { target in
            var made = 0
            while true {
                let fresh = try reader.next()
                if fresh.isEmpty { break }
                guard fresh.count <= count - made else {
                    throw error("it expands to more than the \(count) bytes announced")
                }
                UnsafeMutableRawBufferPointer(rebasing: target[made...]).copyBytes(from: fresh)
                made += fresh.count
            }
            guard made == count else { throw error("it expands to \(made) bytes, \(count) were announced") }
        }
        return ByteView(memory)
    }

    private static func requireCompressed(_ view: ByteView, file: String) throws {
        guard !isCompressed(view) else { return }
        throw FormatError(
            view, isNot: "a gzip file", file: file, reason: "not a gzip file: it must start with 1F 8B")
    }
}

/// Expands a gzip file a piece at a time.
final class GzipReader {
    private let view: ByteView
    private let file: String
    private var stream: InflateStream?
    /// Where the member that is being expanded starts, and how far the input is used.
    private var start = 0
    private var offset = 0
    private var block = [UInt8](repeating: 0, count: 1 << 16)

    init(_ view: ByteView, file: String) {
        self.view = view
        self.file = file
    }

    deinit { stream?.end() }

    /// The next bytes, up to 64 KiB; none at the end.
    ///
    /// - Throws: ``FormatError`` when the data is damaged or cut short.
    func next() throws -> ArraySlice<UInt8> {
        while true {
            if stream == nil {
                guard offset < view.count, !isPadding else { return [] }
                start = offset
                stream = try InflateStream(windowBits: 15 + 16, file: file, place: "byte \(start)")
            }
            let before = stream!.produced
            let (taken, state) = try view.withUnsafeBytes { input in
                try block.withUnsafeMutableBytes {
                    try stream!.run(UnsafeRawBufferPointer(rebasing: input[offset...]), into: $0)
                }
            }
            offset += taken
            let fresh = stream!.produced - before
            if state == .end {
                stream!.end()
                stream = nil
            } else if fresh == 0 && taken == 0 {
                throw FormatError(
                    file: file, place: "byte \(offset)", reason: "the compressed data ends too early",
                    advice: "the file is cut short")
            }
            if fresh > 0 { return block[0..<fresh] }
        }
    }

    /// Some writers pad the last member with zeros.
    private var isPadding: Bool {
        offset > 0 && view.withUnsafeBytes { $0[offset...].allSatisfy { $0 == 0 } }
    }
}

/// zlib's decompressor; `end()` must be called once.
private struct InflateStream {
    enum State { case more, end }
    private let stream: UnsafeMutablePointer<z_stream>
    private let file: String
    private let place: String
    private(set) var produced = 0

    init(windowBits: Int32, file: String, place: String) throws {
        self.file = file
        self.place = place
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        guard inflateInit2_(stream, windowBits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            stream.deallocate()
            throw FormatError(file: file, place: place, reason: "zlib could not be started", kind: .unavailable)
        }
    }

    func end() {
        inflateEnd(stream)
        stream.deallocate()
    }

    /// Expands until the input is used up, the output is full, or the data ends.
    mutating func run(
        _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
    ) throws -> (used: Int, state: State) {
        var (used, made) = (0, 0)
        while true {
            let (inSize, outSize) = (min(input.count - used, 1 << 30), min(output.count - made, 1 << 30))
            stream.pointee.next_in = UnsafeMutablePointer(
                mutating: input.baseAddress.map { ($0 + used).assumingMemoryBound(to: UInt8.self) })
            stream.pointee.avail_in = UInt32(inSize)
            stream.pointee.next_out = output.baseAddress.map { ($0 + made).assumingMemoryBound(to: UInt8.self) }
            stream.pointee.avail_out = UInt32(outSize)
            let code = CZlib.inflate(stream, Z_NO_FLUSH)
            let (taken, given) = (inSize - Int(stream.pointee.avail_in), outSize - Int(stream.pointee.avail_out))
            used += taken
            made += given
            produced += given
            if code == Z_STREAM_END { return (used, .end) }
            guard code == Z_OK || code == Z_BUF_ERROR else {
                let text = stream.pointee.msg.map { String(cString: $0) } ?? "code \(code)"
                throw FormatError(file: file, place: place, reason: "the compressed data is damaged: \(text)")
            }
            if (taken == 0 && given == 0) || used == input.count || made == output.count { return (used, .more) }
        }
    }
}
