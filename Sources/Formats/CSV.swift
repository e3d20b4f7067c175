/// A table of text cells with a delimiter, as spreadsheets write it, compressed by gzip or not.
///
///     let table = try CSV(path: "points.csv")
///     let x = try table.numbers(columns: ["x", "y"])  // row-major
public struct CSV: Sendable {
    /// The path, or the name given for bytes from elsewhere.
    public let file: String
    /// Names of the columns, or nil when the first row is all numbers.
    public let header: [String]?
    /// Cells, row by row; every row has `columnCount` of them.
    public let rows: [[String]]
    /// How many cells every row has.
    public let columnCount: Int
    private let lines: [Int]

    /// Maps and reads the table at `path`.
    ///
    /// The delimiter is a tab where the name ends with `.tsv`, else the one of tab, semicolon and comma that comes first
    /// in the first line outside quotes.
    /// - Throws: ``FormatError`` when it cannot be mapped, is not UTF-8, or its rows differ in length.
    public init(path: String) throws { try self.init(MappedFile(path: path).view, file: path) }

    /// Reads a file's bytes; `file` names them in messages.
    ///
    /// - Throws: ``FormatError``, as `init(path:)`.
    public init(_ view: ByteView, file: String) throws {
        self.file = file
        var text = try DelimitedText(view, file: file, delimiter: delimiter(for: file))
        var row = DelimitedText.Row()
        var table: [(cells: [String], line: Int)] = []
        var size = 0
        while try text.next(&row) {
            let cells = try row.texts(file: file)
            guard cells.count == table.first?.cells.count ?? cells.count else {
                throw FormatError(
                    file: file, place: "line \(row.line)",
                    reason: "\(cells.count) cells, \(table[0].cells.count) were expected as in the first row")
            }
            size += cells.reduce(0) { $0 + $1.utf8.count }
            guard size <= 1 << 32 else { throw FormatError(file: file, reason: "it has more than 4 GiB of text") }
            table.append((cells, row.line))
        }
        guard let first = table.first else { throw FormatError(file: file, reason: "the table is empty") }
        columnCount = first.cells.count
        header = first.cells.allSatisfy { decimalNumber($0) != nil } ? nil : first.cells
        if header != nil { table.removeFirst() }
        rows = table.map(\.cells)
        lines = table.map(\.line)
    }

    /// The column called `name`, counted from 0.
    ///
    /// - Throws: ``FormatError`` that names the nearest.
    public func column(_ name: String) throws -> Int {
        if let index = header?.firstIndex(of: name) { return index }
        throw FormatError(
            file: file, place: "header", reason: "there is no column \(quoted(name))",
            advice: nearestName(to: name, in: header ?? []).map { "did you mean \(quoted($0))?" } ?? "")
    }

    /// The numbers of some columns, or of all when none are named, row-major: `rows.count * columns.count` values.
    ///
    /// - Throws: ``FormatError`` for an unknown column or a cell that is not a number, with its line.
    public func numbers(columns: [String] = []) throws -> [Double] {
        let chosen = columns.isEmpty ? Array(0..<columnCount) : try columns.map { try column($0) }
        var result: [Double] = []
        result.reserveCapacity(rows.count * chosen.count)
        for (row, line) in zip(rows, lines) {
            for index in chosen {
                guard let value = decimalNumber(row[index]) else {
                    let name = header.map { quoted($0[index]) } ?? "\(index + 1)"
                    throw FormatError(
                        file: file, place: "line \(line), column \(name)",
                        reason: "\(quoted(row[index])) is not a number")
                }
                result.append(value)
            }
        }
        return result
    }

    /// Writes `values`, row-major, atomically; numbers read back as the same `Double`.
    ///
    /// - Throws: ``FormatError`` of the system. The header's count must divide the values' count.
    public static func write(_ values: [Double], header: [String], to path: String) throws {
        precondition(
            !header.isEmpty && values.count % header.count == 0, "\(values.count) values in \(header.count) columns")
        try AtomicFile.write(to: path) { sink in
            try sink.write(line(header) + "\n")
            for start in stride(from: 0, to: values.count, by: header.count) {
                try sink.write(values[start..<start + header.count].map { "\($0)" }.joined(separator: ",") + "\n")
            }
        }
    }

    /// Writes rows of text cells atomically, quoting where needed.
    ///
    /// - Throws: ``FormatError`` of the system.
    public static func write(rows: [[String]], header: [String], to path: String) throws {
        try AtomicFile.write(to: path) { sink in
            for row in [header] + rows { try sink.write(line(row) + "\n") }
        }
    }

    /// One line without its end: cells by RFC 4180, in quotes where they hold a delimiter, a quote, a space at either end or an end of line.
    ///
    /// A single empty cell is `""`, for an empty line is no row.
    public static func line(_ cells: [String], delimiter: Character = ",") -> String {
        if cells == [""] { return "\"\"" }
        return cells.map(quotedCell).joined(separator: String(delimiter))
    }

    private static func quotedCell(_ text: String) -> String {
        let needsQuotes =
            text.hasPrefix(" ") || text.hasSuffix(" ")
            || text.unicodeScalars.contains { [",", "\"", "\n", "\r", "\t", ";"].contains($0) }
        guard needsQuotes else { return text }
        // By scalars: `\r\n` and a quote with a combining mark are one `Character`.
        var result = "\""
        for scalar in text.unicodeScalars {
            result.unicodeScalars.append(scalar)
            if scalar == "\"" { result += "\"" }
        }
        return result + "\""
    }
}

/// The delimiter that the ending of a name says: a tab for `.tsv` and `.tab`; nil for others, which show it themselves.
func delimiter(for file: String) -> UInt8? {
    let name = file.lowercased()
    let plain = name.hasSuffix(".gz") ? name.dropLast(3) : name[...]
    return plain.hasSuffix(".tsv") || plain.hasSuffix(".tab") ? 0x09 : nil
}
