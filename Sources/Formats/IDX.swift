import Tensors

/// The array format of MNIST: `.idx?-ubyte` files and their kin, compressed by gzip or not.
public enum IDX {
    /// Maps and reads the array at `path`.
    ///
    /// - Parameter limit: the most bytes that a compressed file may expand to.
    /// - Throws: ``FormatError`` when it cannot be mapped or expanded, or its size does not match its header.
    public static func read(path: String, limit: Int = 1 << 32) throws -> RawTensor {
        try read(MappedFile(path: path).view, file: path, limit: limit)
    }

    /// Reads a file's bytes; `file` names them in messages.
    ///
    /// - Throws: ``FormatError``, as `read(path:limit:)`.
    public static func read(_ view: ByteView, file: String, limit: Int = 1 << 32) throws -> RawTensor {
        let view = Gzip.isCompressed(view) ? try Gzip.expand(view, limit: limit, file: file) : view
        var cursor = ByteCursor(view, file: file)
        guard try cursor.integer(UInt16.self, "the magic number") == 0 else {
            throw cursor.error("not an IDX file: it must start with two zero bytes", at: 0)
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
        guard !overflow, size == cursor.remaining else {
            throw cursor.error(
                "shape \(shape) needs \(overflow ? "too many" : "\(size)") bytes, \(cursor.remaining) are there",
                advice: "is the file complete?")
        }
        let bytes = try type.converted(try cursor.take(size, "the elements"), file: file, place: "")
        return RawTensor(unchecked: type.dtype, shape, bytes).aligned()
    }

    private static let types: [UInt8: String] = [
        0x08: "|u1", 0x09: "|i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8",
    ]
}
