import Tensors

/// One numpy array in a `.npy` file: versions 1 to 3, row or column order, either byte order.
public enum NPY {
    static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)

    /// Maps and reads the array at `path`.
    ///
    /// Unsigned 16- and 32-bit numbers widen to `int32` and `int64`. Row-major little-endian content is not copied.
    /// - Throws: ``FormatError`` when the file cannot be mapped, its header is not as the format says, its elements are
    ///   not numbers, or its size does not match its shape.
    public static func read(path: String) throws -> RawTensor {
        try read(MappedFile(path: path).view, file: path)
    }

    /// Reads an array's bytes; `file` and `place` name them in messages.
    ///
    /// - Throws: ``FormatError``, as `read(path:)`.
    public static func read(_ view: ByteView, file: String, place: String = "") throws -> RawTensor {
        let (header, start) = try header(view, file: file, place: place)
        guard let data = view.slice(from: start, count: view.count - start) else {
            throw FormatError(file: file, place: place, reason: "no data")
        }
        return try tensor(header, data, file: file, place: place)
    }

    /// Reads an array of texts (numpy's `U` and `S`), all axes in one list.
    ///
    /// - Throws: ``FormatError`` when the array holds something else, is not in row order, or is damaged.
    public static func texts(_ view: ByteView, file: String, place: String = "") throws -> [String] {
        let (header, start) = try header(view, file: file, place: place)
        func error(_ reason: String) -> FormatError { FormatError(file: file, place: place, reason: reason) }
        guard let type = NumpyText(header.descr) else {
            throw error("elements of type \(quoted(header.descr)) are no texts")
        }
        guard !header.isFortran || header.shape.count < 2 else { throw error("texts in column order are not read") }
        let (size, overflow) = (elementCount(of: header.shape) ?? Int.max).multipliedReportingOverflow(
            by: type.byteCount)
        guard !overflow, size == view.count - start, let data = view.slice(from: start, count: size) else {
            throw error(
                "shape \(header.shape) of \(header.descr) does not fit the \(view.count - start) bytes that are there")
        }
        // Texts of no bytes have no bytes to count them by.
        guard type.byteCount > 0 else {
            guard let count = elementCount(of: header.shape), count <= 1 << 24 else {
                throw error("too many empty texts")
            }
            return Array(repeating: "", count: count)
        }
        return try type.texts(data).map { text in
            guard let text else { throw error("a text is not valid") }
            return text
        }
    }

    /// The header of an array, and where its data start. Only the first bytes of the file need be there.
    ///
    /// - Throws: ``FormatError``, as `read(path:)`.
    static func header(
        _ view: ByteView, file: String, place: String = ""
    ) throws -> (fields: NPYHeader.Fields, start: Int) {
        var cursor = ByteCursor(view, file: file, place: place)
        guard view.has(magic) else {
            throw FormatError(
                view, isNot: "an NPY file", file: file, place: place,
                reason: "not an NPY file: it must start with \\x93NUMPY")
        }
        cursor.offset = magic.count
        let version = try cursor.integer(UInt8.self, "the version")
        _ = try cursor.integer(UInt8.self, "the version")
        guard (1...3).contains(version) else {
            throw cursor.error("NPY version \(version) is not read; 1 to 3 are", at: 6)
        }
        let length =
            version == 1
            ? Int(try cursor.integer(UInt16.self, "the header's length"))
            : Int(try cursor.integer(UInt32.self, "the header's length"))
        guard length <= 1 << 20 else { throw cursor.error("a header of \(length) bytes; at most 1048576 are read") }
        let start = cursor.offset
        guard let text = try cursor.take(length, "the header").text() else {
            throw cursor.error("the header is not UTF-8", at: start)
        }
        var parser = NPYHeader(text, error: { ByteCursor(view, file: file, place: place).error($0, at: start) })
        return (try parser.parse(), cursor.offset)
    }

    private static func tensor(_ header: NPYHeader.Fields, _ data: ByteView, file: String, place: String) throws
        -> RawTensor
    {
        func error(_ reason: String) -> FormatError { FormatError(file: file, place: place, reason: reason) }
        guard let type = NumpyType(header.descr) else {
            throw FormatError(
                file: file, place: place, reason: "elements of type \(quoted(header.descr)) are not read",
                advice: "save numbers or truth values, not objects or texts")
        }
        let (size, overflow) = (elementCount(of: header.shape) ?? Int.max).multipliedReportingOverflow(
            by: type.byteCount)
        guard !overflow, size == data.count else {
            throw error(
                "shape \(header.shape) of \(header.descr) needs \(overflow ? "too many" : "\(size)") bytes, \(data.count) are there"
            )
        }
        let bytes = try type.converted(data, file: file, place: place)
        guard header.isFortran, header.shape.count > 1 else {
            return try RawTensor(dtype: type.dtype, shape: header.shape, bytes: bytes, file: file, place: place)
                .aligned()
        }
        var strides: [Int] = []
        for axis in header.shape.indices { strides.append(header.shape[..<axis].reduce(1) { $0 * max($1, 1) }) }
        return try RawTensor(
            dtype: type.dtype, shape: header.shape, strides: strides, offset: 0, storage: bytes, file: file,
            place: place)
    }

    /// Writes `tensor` to `path` atomically, as version 1.
    ///
    /// - Throws: ``FormatError``, as `head(of:)`, or of the system.
    public static func write(_ tensor: RawTensor, to path: String) throws {
        let head = try head(of: tensor, file: path)
        try AtomicFile.write(to: path) {
            try $0.write(head)
            try $0.write(tensor.bytes)
        }
    }

    /// The bytes before the elements.
    ///
    /// - Throws: ``FormatError`` for `bfloat16`, which numpy lacks.
    static func head(of tensor: RawTensor, file: String, place: String = "") throws -> [UInt8] {
        guard let descr = tensor.dtype.numpy else {
            throw FormatError(
                file: file, place: place, reason: "cannot write: numpy has no \(tensor.dtype)",
                advice: "convert it to float32")
        }
        let sizes = tensor.shape.map(String.init).joined(separator: ", ")
        let tuple = tensor.shape.count == 1 ? "(\(sizes),)" : "(\(sizes))"
        let text = "{'descr': '\(descr)', 'fortran_order': False, 'shape': \(tuple), }"
        let padding = 63 - (10 + text.utf8.count) % 64
        let header = Array(text.utf8) + [UInt8](repeating: 0x20, count: padding) + [0x0A]
        return magic + [1, 0] + little(UInt16(header.count)) + header
    }
}

extension DType {
    var numpy: String? {
        switch self {
        case .bool: "|b1"
        case .uint8: "|u1"
        case .int8: "|i1"
        case .int16: "<i2"
        case .int32: "<i4"
        case .int64: "<i8"
        case .float16: "<f2"
        case .float32: "<f4"
        case .float64: "<f8"
        case .complex64: "<c8"
        case .complex128: "<c16"
        case .bfloat16: nil
        }
    }
}
