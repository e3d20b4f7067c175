import Tensors

/// The array format of MNIST: `.idx?-ubyte` files and their kin, compressed by gzip or not.
public enum IDX {
    /// Maps and reads the array at `path`.
    ///
    /// - Parameter limit: the most bytes that a compressed file may expand to.
    /// - Throws: ``FormatError`` when it cannot be mapped or expanded, or its size does not match its header.
    public static func read(path: String, limit: Int = Deflate.limit) throws -> RawTensor {
        try read(MappedFile(path: path).view, file: path, limit: limit)
    }

    /// Reads a file's bytes; `file` names them in messages.
    ///
    /// - Throws: ``FormatError``, as `read(path:limit:)`.
    public static func read(_ view: ByteView, file: String, limit: Int = Deflate.limit) throws -> RawTensor {
        guard Gzip.isCompressed(view) else {
            let header = try header(view, file: file)
            return try tensor(header, view, file: file)
        }
        // No more is expanded than the header says.
        let header = try header(Gzip.prefix(view, count: headerLimit, file: file), file: file)
        guard header.end <= limit else { throw Deflate.tooLarge(header.end, limit: limit, file: file) }
        return try tensor(header, Gzip.expand(view, count: header.end, file: file), file: file)
    }

    /// The shape and the elements' type of the array, from its first bytes.
    ///
    /// - Throws: ``FormatError``, as `read(path:limit:)`.
    public static func shape(_ view: ByteView, file: String) throws -> (shape: [Int], dtype: DType) {
        let start = Gzip.isCompressed(view) ? try Gzip.prefix(view, count: headerLimit, file: file) : view
        let header = try header(start, file: file)
        return (header.shape, header.type.dtype)
    }

    private struct Header {
        let type: NumpyType
        let shape: [Int]
        /// Where the elements lie.
        let start: Int
        let end: Int
    }

    /// Bytes of the longest header, of 255 dimensions.
    private static let headerLimit = 4 + 4 * 255

    private static func header(_ view: ByteView, file: String) throws -> Header {
        var cursor = ByteCursor(view, file: file)
        guard try cursor.integer(UInt16.self, "the magic number") == 0 else {
            throw FormatError(
                view, isNot: "an IDX file", file: file, part: "byte 0",
                reason: "not an IDX file: it must start with two zero bytes")
        }
        let code = try cursor.integer(UInt8.self, "the element type")
        guard let type = types[code].flatMap({ NumpyType($0) }) else {
            throw cursor.error("element type 0x\(String(code, radix: 16)) is unknown", at: 2)
        }
        var shape: [Int] = []
        for axis in 0..<(try cursor.integer(UInt8.self, "the number of dimensions")) {
            shape.append(Int(try cursor.integer(UInt32.self, "size \(axis)").byteSwapped))
        }
        let (size, overflow) = (elementCount(of: shape) ?? Int.max).multipliedReportingOverflow(by: type.byteCount)
        let (end, isTooLarge) = size.addingReportingOverflow(cursor.offset)
        guard !overflow, !isTooLarge else { throw cursor.error("shape \(shape) needs too many bytes") }
        return Header(type: type, shape: shape, start: cursor.offset, end: end)
    }

    private static func tensor(_ header: Header, _ view: ByteView, file: String) throws -> RawTensor {
        guard header.end == view.count else {
            throw FormatError(
                file: file, place: "byte \(header.start)",
                reason:
                    "shape \(header.shape) needs \(header.end - header.start) bytes, \(view.count - header.start) are there",
                advice: "is the file complete?")
        }
        let elements = view.slice(from: header.start, count: header.end - header.start)!
        let bytes = try header.type.converted(elements, file: file, place: "")
        return RawTensor(unchecked: header.type.dtype, header.shape, bytes).aligned()
    }

    private static let types: [UInt8: String] = [
        0x08: "|u1", 0x09: "|i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8",
    ]
}
