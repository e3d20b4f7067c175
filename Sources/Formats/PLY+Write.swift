extension PLY {
    /// A table to write.
    public struct Table {
        /// Its name.
        public let name: String
        /// How many rows it has.
        public let count: Int
        /// Its columns in order, each with `count` values.
        public let columns: [Column]

        /// Makes a table.
        ///
        /// - Precondition: every column has `count` values.
        public init(_ name: String, count: Int, _ columns: [Column]) {
            precondition(columns.allSatisfy { $0.values.count == count }, "columns of a table are equally long")
            (self.name, self.count, self.columns) = (name, count, columns)
        }
    }

    /// A column to write.
    public struct Column {
        /// Its name.
        public let name: String
        /// Its numbers.
        public let values: Values

        /// Makes a column.
        public init(_ name: String, _ values: Values) { (self.name, self.values) = (name, values) }
    }

    /// The numbers of a column, which give it its type.
    public enum Values {
        /// `float`.
        case floats(ArraySlice<Float>)
        /// `double`.
        case doubles([Double])
        /// `uchar`.
        case bytes([UInt8])
        /// `uint`.
        case words([UInt32])
        /// `int`.
        case integers([Int32])
        /// Lists of `int`, each with its length, `uchar`, before it: at most 255 numbers.
        case lists([[Int32]])

        var count: Int {
            switch self {
            case .floats(let values): values.count
            case .doubles(let values): values.count
            case .bytes(let values): values.count
            case .words(let values): values.count
            case .integers(let values): values.count
            case .lists(let values): values.count
            }
        }

        var type: String {
            switch self {
            case .floats: "float"
            case .doubles: "double"
            case .bytes: "uchar"
            case .words: "uint"
            case .integers: "int"
            case .lists: "list uchar int"
            }
        }
    }

    /// Writes tables to `path`, atomically.
    ///
    /// - Throws: ``FormatError`` for a name with blanks or a list of more than 255 numbers, or ``FileError`` for a failure of
    ///   the system; the target is then unchanged.
    public static func write(
        _ tables: [Table], comments: [String] = [], encoding: Encoding = .littleEndian, to path: String
    ) throws {
        let header = try header(tables, comments, encoding, path)
        try AtomicFile.write(to: path) { sink in
            try sink.write(header)
            for table in tables {
                switch encoding {
                case .ascii: try writeText(table, to: sink)
                case .littleEndian, .bigEndian: try writeRows(table, isSwapped: encoding == .bigEndian, to: sink)
                }
            }
        }
    }

    private static func header(
        _ tables: [Table], _ comments: [String], _ encoding: Encoding, _ path: String
    ) throws -> String {
        var lines = ["ply", "format \(encoding.rawValue) 1.0"]
        lines += comments.map { "comment " + $0.split(whereSeparator: \.isNewline).joined(separator: " ") }
        for table in tables {
            lines.append("element \(table.name) \(table.count)")
            lines += table.columns.map { "property \($0.values.type) \($0.name)" }
            for name in [table.name] + table.columns.map(\.name)
            where name.isEmpty || name.contains(where: \.isWhitespace) {
                throw FormatError(file: path, reason: "cannot write: the name \(quoted(name)) is empty or has blanks")
            }
            for column in table.columns {
                guard case .lists(let lists) = column.values, lists.contains(where: { $0.count > 255 }) else {
                    continue
                }
                throw FormatError(
                    file: path, place: quoted(column.name), reason: "cannot write: a list of more than 255 numbers")
            }
        }
        return lines.joined(separator: "\n") + "\nend_header\n"
    }

    private static func writeText(_ table: Table, to sink: AtomicFile.Sink) throws {
        for row in 0..<table.count {
            let words = table.columns.map { column in
                switch column.values {
                case .floats(let values): "\(values[values.startIndex + row])"
                case .doubles(let values): "\(values[row])"
                case .bytes(let values): "\(values[row])"
                case .words(let values): "\(values[row])"
                case .integers(let values): "\(values[row])"
                case .lists(let values):
                    ([values[row].count] + values[row].map(Int.init)).map(String.init).joined(separator: " ")
                }
            }
            try sink.write(words.joined(separator: " ") + "\n")
        }
    }

    private static func writeRows(_ table: Table, isSwapped: Bool, to sink: AtomicFile.Sink) throws {
        let widths = table.columns.map { column in
            switch column.values {
            case .floats, .words, .integers: 4
            case .doubles: 8
            case .bytes: 1
            case .lists: 0
            }
        }
        guard !widths.contains(0) else { return try writeListRows(table, isSwapped: isSwapped, to: sink) }
        let stride = widths.reduce(0, +)
        // Some hundred kilobytes at a time: each column is put into its place in all rows of a block.
        let blockCount = max(1, (1 << 18) / max(stride, 1))
        var block = [UInt8](repeating: 0, count: blockCount * stride)
        for first in Swift.stride(from: 0, to: table.count, by: blockCount) {
            let rows = first..<min(first + blockCount, table.count)
            block.withUnsafeMutableBytes { bytes in
                var offset = 0
                for (column, width) in zip(table.columns, widths) {
                    put(column.values, rows, to: bytes.baseAddress! + offset, stride, isSwapped)
                    offset += width
                }
            }
            try block.withUnsafeBytes { try sink.write(UnsafeRawBufferPointer(rebasing: $0[..<(rows.count * stride)])) }
        }
    }

    private static func put(
        _ values: Values, _ rows: Range<Int>, to place: UnsafeMutableRawPointer, _ stride: Int, _ isSwapped: Bool
    ) {
        func put<T: FixedWidthInteger & BitwiseCopyable>(_ bits: (Int) -> T) {
            for (i, row) in rows.enumerated() {
                let value = isSwapped ? bits(row).bigEndian : bits(row).littleEndian
                (place + i * stride).storeBytes(of: value, as: T.self)
            }
        }
        switch values {
        case .floats(let values): values.withUnsafeBufferPointer { memory in put { memory[$0].bitPattern } }
        case .doubles(let values): put { values[$0].bitPattern }
        case .bytes(let values): put { values[$0] }
        case .words(let values): put { values[$0] }
        case .integers(let values): put { values[$0] }
        case .lists: break
        }
    }

    private static func writeListRows(_ table: Table, isSwapped: Bool, to sink: AtomicFile.Sink) throws {
        func bytes<T: FixedWidthInteger>(_ value: T) -> [UInt8] {
            withUnsafeBytes(of: isSwapped ? value.bigEndian : value.littleEndian) { Array($0) }
        }
        for row in 0..<table.count {
            for column in table.columns {
                switch column.values {
                case .floats(let values): try sink.write(bytes(values[values.startIndex + row].bitPattern))
                case .doubles(let values): try sink.write(bytes(values[row].bitPattern))
                case .bytes(let values): try sink.write([values[row]])
                case .words(let values): try sink.write(bytes(values[row]))
                case .integers(let values): try sink.write(bytes(values[row]))
                case .lists(let values):
                    try sink.write([UInt8(values[row].count)] + values[row].flatMap { bytes($0) })
                }
            }
        }
    }
}
