/// A PLY file (Stanford's polygon format), mapped: named elements, each a table whose columns are its properties.
///
///     let file = try PLY(path: "points.ply")
///     let x = try file.floats("x", of: "vertex")
///     let faces = try file.lists("vertex_indices", of: "face")
///
/// Reads text and binary of both byte orders, numbers of every type under both families of names, and lists. All sizes are
/// checked against the bytes that are there when the file is opened.
public struct PLY: Sendable {
    /// How the numbers are written.
    public enum Encoding: String, Sendable, CaseIterable {
        case ascii
        case littleEndian = "binary_little_endian"
        case bigEndian = "binary_big_endian"
    }

    /// The type of a number.
    public enum Scalar: String, Sendable, CaseIterable {
        case int8 = "char"
        case uint8 = "uchar"
        case int16 = "short"
        case uint16 = "ushort"
        case int32 = "int"
        case uint32 = "uint"
        case float32 = "float"
        case float64 = "double"

        /// The type of a name such as `float` or `float32`; nil for a name that the format does not have.
        public init?(name: some StringProtocol) {
            guard let type = Self(rawValue: String(name)) ?? Self.aliases[String(name)] else { return nil }
            self = type
        }

        private static let aliases: [String: Scalar] = [
            "int8": .int8, "uint8": .uint8, "int16": .int16, "uint16": .uint16, "int32": .int32, "uint32": .uint32,
            "float32": .float32, "float64": .float64,
        ]

        /// Bytes of one number in a binary file.
        public var byteCount: Int {
            switch self {
            case .int8, .uint8: 1
            case .int16, .uint16: 2
            case .int32, .uint32, .float32: 4
            case .float64: 8
            }
        }

        /// Whether it holds whole numbers only.
        public var isInteger: Bool { self != .float32 && self != .float64 }
    }

    /// One column of an element.
    public struct Property: Sendable, Equatable {
        /// Its name.
        public let name: String
        /// The type of its numbers.
        public let type: Scalar
        /// The type of the number that says how long a list is; nil where there is one number a row.
        public let countType: Scalar?

        /// Whether each row holds a list.
        public var isList: Bool { countType != nil }
    }

    /// A table of the file.
    public struct Element: Sendable, Equatable {
        /// Its name, for example `vertex`.
        public let name: String
        /// How many rows it has.
        public let count: Int
        /// Its columns in the order of the file.
        public internal(set) var properties: [Property]

        /// The column of a name.
        public func property(_ name: String) -> Property? { properties.first { $0.name == name } }

        /// Bytes of a row in a binary file; nil where lists make rows of different lengths.
        var stride: Int? {
            properties.contains(where: \.isList) ? nil : properties.reduce(0) { $0 + $1.type.byteCount }
        }
    }

    /// The path, or the name given for bytes from elsewhere.
    public let file: String
    /// How the numbers are written.
    public let encoding: Encoding
    /// The texts of `comment` and `obj_info` lines, in order.
    public let comments: [String]
    /// The tables in the order of the file.
    public let elements: [Element]
    let view: ByteView
    /// Where each element's rows begin, and behind the last where they end.
    let starts: [Int]

    /// Maps the file at `path`.
    ///
    /// - Throws: ``FormatError`` for a header that is not as the format says, or when there are fewer bytes than it promises.
    public init(path: String) throws {
        try self.init(MappedFile(path: path).view, file: path)
    }

    /// Reads a file's bytes; `file` names them in messages.
    ///
    /// - Throws: ``FormatError``, as `init(path:)`.
    public init(_ view: ByteView, file: String) throws {
        let header = try PLYHeader(view, file: file)
        (self.view, self.file) = (view, file)
        (encoding, comments, elements) = (header.encoding, header.comments, header.elements)
        var starts = [header.byteCount]
        for element in header.elements {
            let start = starts[starts.count - 1]
            let end =
                header.encoding == .ascii
                ? try PLYText(view, file: file).end(of: element, from: start)
                : try PLYRows(view, file: file, order: header.encoding).end(of: element, from: start)
            starts.append(end)
        }
        self.starts = starts
    }

    /// Whether the bytes begin as a PLY file does.
    public static func isPLY(_ view: ByteView) -> Bool {
        view.has(Array("ply\n".utf8)) || view.has(Array("ply\r".utf8))
    }

    /// The element of a name; nil where there is none.
    public func element(_ name: String) -> Element? { elements.first { $0.name == name } }

    /// Bytes behind the last element, which belong to nothing.
    public var trailingByteCount: Int { view.count - starts[starts.count - 1] }

    // MARK: Columns

    /// A column as `Float`, `[count]`; whole numbers and `double` are rounded to the nearest.
    ///
    /// - Throws: ``FormatError`` where there is no such column of single numbers, or text is not a number.
    public func floats(_ property: String, of element: String) throws -> [Float] {
        try numbers(property, of: element, zero: Float(0))
    }

    /// A column as `Double`, `[count]`.
    ///
    /// - Throws: ``FormatError``, as `floats(_:of:)`.
    public func doubles(_ property: String, of element: String) throws -> [Double] {
        try numbers(property, of: element, zero: Double(0))
    }

    /// A column of whole numbers as `Int`, `[count]`. Fractions are cut towards zero.
    ///
    /// - Throws: ``FormatError``, as `floats(_:of:)`.
    public func integers(_ property: String, of element: String) throws -> [Int] {
        try numbers(property, of: element, zero: Int(0))
    }

    /// A column of lists, `[count][any]`.
    ///
    /// - Throws: ``FormatError`` where there is no such column of lists, or text is not a number.
    public func lists(_ property: String, of element: String) throws -> [[Double]] {
        let (table, start) = try find(element)
        guard let index = table.properties.firstIndex(where: { $0.name == property && $0.isList }) else {
            throw missing(property, in: table, kind: "list")
        }
        var result: [[Double]] = []
        result.reserveCapacity(table.count)
        let keep: (Int, [Double]) -> Void = { _, values in result.append(values) }
        if encoding == .ascii {
            try PLYText(view, file: file).visit(table, from: start, lists: index, numbers: nil, keep)
        } else {
            try PLYRows(view, file: file, order: encoding).visit(table, from: start, lists: index, numbers: nil, keep)
        }
        return result
    }

    /// Copies columns to memory of the caller's, all in one pass over the file: at each address `count` numbers.
    ///
    /// - Throws: ``FormatError``, as `floats(_:of:)`.
    /// - Precondition: there are as many places as names, each with room for all rows.
    public func copy(_ properties: [String], of element: String, to places: [UnsafeMutablePointer<Float>]) throws {
        try copyColumns(properties, of: element, to: places)
    }

    private func numbers<Number: PLYNumber>(_ property: String, of element: String, zero: Number) throws -> [Number] {
        let (table, _) = try find(element)
        // Rows of no bytes can be claimed without any bytes to prove them.
        guard table.property(property) != nil else { throw missing(property, in: table, kind: "number") }
        return try [Number](unsafeUninitializedCapacity: table.count) { memory, count in
            memory.initialize(repeating: zero)
            count = table.count
            guard let base = memory.baseAddress else { return }
            try copyColumns([property], of: element, to: [base])
        }
    }

    private func copyColumns<Number: PLYNumber>(
        _ properties: [String], of element: String, to places: [UnsafeMutablePointer<Number>]
    ) throws {
        precondition(properties.count == places.count)
        let (table, start) = try find(element)
        let columns = try zip(properties, places).map { name, place in
            guard let index = table.properties.firstIndex(where: { $0.name == name && !$0.isList }) else {
                throw missing(name, in: table, kind: "number")
            }
            return PLYColumn(index: index, place: place)
        }
        if encoding == .ascii {
            try PLYText(view, file: file).copy(table, from: start, columns)
        } else {
            try PLYRows(view, file: file, order: encoding).copy(table, from: start, columns)
        }
    }

    private func find(_ element: String) throws -> (Element, start: Int) {
        guard let index = elements.firstIndex(where: { $0.name == element }) else {
            let names = elements.map { quoted($0.name) }.joined(separator: ", ")
            throw FormatError(
                file: file, place: "header", reason: "there is no element \(quoted(element))",
                advice: names.isEmpty ? "the file has no elements" : "there are \(names)")
        }
        return (elements[index], starts[index])
    }

    private func missing(_ name: String, in element: Element, kind: String) -> FormatError {
        let found = element.property(name).map { $0.isList ? "is a list" : "is one number a row" } ?? "is missing"
        return FormatError(
            file: file, place: "element \(quoted(element.name))",
            reason: "the property \(quoted(name)), a \(kind) a row, \(found)",
            advice: nearestName(to: name, in: element.properties.map(\.name)).map { "did you mean \(quoted($0))?" }
                ?? "")
    }
}

/// A column that is wanted, and where its numbers go.
struct PLYColumn<Number> {
    let index: Int
    let place: UnsafeMutablePointer<Number>
}

/// A type that columns are read as. (Functions, not initialisers: those would make `Float.init` mean several things.)
protocol PLYNumber: BitwiseCopyable {
    static func from(double: Double) -> Self
    static func from(float: Float) -> Self
    static func from(whole: Int) -> Self
}

extension Float: PLYNumber {
    static func from(double: Double) -> Float { Float(double) }
    static func from(float: Float) -> Float { float }
    static func from(whole: Int) -> Float { Float(whole) }
}

extension Double: PLYNumber {
    static func from(double: Double) -> Double { double }
    static func from(float: Float) -> Double { Double(float) }
    static func from(whole: Int) -> Double { Double(whole) }
}

extension Int: PLYNumber {
    static func from(double: Double) -> Int {
        let whole = double.rounded(.towardZero)
        return double.isNaN ? 0 : Int(exactly: whole) ?? (whole < 0 ? .min : .max)
    }
    static func from(float: Float) -> Int { from(double: Double(float)) }
    static func from(whole: Int) -> Int { whole }
}
