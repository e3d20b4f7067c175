import Tensors

/// One numpy array in a `.npy` file: versions 1 to 3, row or column order, either byte order.
public enum NPY {
    private static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)

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
        var cursor = ByteCursor(view, file: file, place: place)
        guard view.has(magic) else { throw cursor.error("not an NPY file: it must start with \\x93NUMPY") }
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
        let header = try parser.parse()
        guard let data = view.slice(from: cursor.offset, count: cursor.remaining) else { throw cursor.error("no data") }
        return try tensor(header, data, file: file, place: place)
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

/// The header's Python dictionary: exactly `descr`, `fortran_order` and `shape`, once each.
struct NPYHeader {
    struct Fields {
        var descr: String
        var isFortran: Bool
        var shape: [Int]
    }

    private var rest: Substring
    private let error: (String) -> FormatError

    init(_ text: String, error: @escaping (String) -> FormatError) {
        rest = text[...]
        self.error = error
    }

    mutating func parse() throws -> Fields {
        var (descr, isFortran, shape): (String?, Bool?, [Int]?)
        try expect("{")
        while !accept("}") {
            let key = try text()
            try expect(":")
            switch key {
            case "descr" where descr == nil: descr = try descriptor()
            case "fortran_order" where isFortran == nil: isFortran = try truth()
            case "shape" where shape == nil: shape = try sizes()
            default: throw error("the header has \(quoted(key)) twice, or it is unknown")
            }
            if !accept(",") { try expect("}"); break }
        }
        skipSpace()
        guard rest.isEmpty, let descr, let isFortran, let shape else {
            throw error("the header must have 'descr', 'fortran_order' and 'shape' and nothing else")
        }
        return Fields(descr: descr, isFortran: isFortran, shape: shape)
    }

    private mutating func skipSpace() { rest = rest.drop { $0 == " " || $0 == "\n" || $0 == "\t" } }

    private mutating func accept(_ word: String) -> Bool {
        skipSpace()
        guard rest.hasPrefix(word) else { return false }
        rest = rest.dropFirst(word.count)
        return true
    }

    private mutating func expect(_ word: String) throws {
        guard accept(word) else { throw error("the header should have '\(word)' before \(quoted(rest.prefix(20)))") }
    }

    private mutating func text() throws -> String {
        skipSpace()
        guard let quote = rest.first, quote == "'" || quote == "\"", let end = rest.dropFirst().firstIndex(of: quote)
        else {
            throw error("the header should have a text before \(quoted(rest.prefix(20)))")
        }
        defer { rest = rest[rest.index(after: end)...] }
        return String(rest.dropFirst()[..<end])
    }

    private mutating func descriptor() throws -> String {
        skipSpace()
        if rest.first == "[" { throw error("arrays of records are not read") }
        return try text()
    }

    private mutating func truth() throws -> Bool {
        if accept("True") { return true }
        try expect("False")
        return false
    }

    private mutating func sizes() throws -> [Int] {
        var result: [Int] = []
        try expect("(")
        while !accept(")") {
            skipSpace()
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            guard let size = Int(digits), result.count < 64 else {
                throw error("the shape has a size that is negative, too large or not a number")
            }
            rest = rest.dropFirst(digits.count)
            // Python 2 wrote long integers with an L.
            _ = accept("L")
            result.append(size)
            if !accept(",") { try expect(")"); break }
        }
        return result
    }
}
