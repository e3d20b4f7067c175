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
    /// Number of columns.
    public let columnCount: Int
    private let lines: [Int]

    /// Maps and reads the table at `path`.
    ///
    /// The delimiter is the one of tab, semicolon and comma that comes first in the first line.
    /// - Throws: ``FormatError`` when it cannot be mapped, is not UTF-8, or its rows differ in length.
    public init(path: String) throws { try self.init(MappedFile(path: path).view, file: path) }

    /// Reads a file's bytes; `file` names them in messages.
    ///
    /// - Throws: ``FormatError``, as `init(path:)`.
    public init(_ view: ByteView, file: String) throws {
        self.file = file
        let plain = Gzip.isCompressed(view) ? try Gzip.expand(view, file: file) : view
        var parser = CSVParser(bytes: plain.array(), file: file)
        var table = try parser.table()
        guard let first = table.first else { throw FormatError(file: file, reason: "the table is empty") }
        columnCount = first.cells.count
        for row in table where row.cells.count != first.cells.count {
            throw FormatError(
                file: file, place: "line \(row.line)",
                reason: "\(row.cells.count) cells, \(first.cells.count) were expected as in the first row")
        }
        header = first.cells.allSatisfy { number($0) != nil } ? nil : first.cells
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
                guard let value = number(row[index]) else {
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

/// A decimal number with optional spaces around it; `nan` and `inf` count, hexadecimal does not.
private func number(_ cell: String) -> Double? {
    let trimmed = String(cell.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    return trimmed.utf8.contains { $0 == 0x78 || $0 == 0x58 } ? nil : Double(trimmed)
}

private struct CSVParser {
    let bytes: [UInt8]
    let file: String
    private var position = 0
    private var line = 1

    init(bytes: [UInt8], file: String) {
        self.bytes = bytes
        self.file = file
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
    }

    mutating func table() throws -> [(cells: [String], line: Int)] {
        let firstLine = bytes[position...].prefix { $0 != 0x0A }
        let delimiter = firstLine.first { [0x09, 0x3B, 0x2C].contains($0) } ?? 0x2C
        var result: [(cells: [String], line: Int)] = []
        while position < bytes.count {
            let start = line
            let cells = try row(delimiter)
            if cells != [""] { result.append((cells, start)) }
        }
        return result
    }

    private mutating func row(_ delimiter: UInt8) throws -> [String] {
        var cells: [String] = []
        while true {
            cells.append(try cell(delimiter))
            guard position < bytes.count else { return cells }
            let end = bytes[position]
            position += 1
            if end == delimiter { continue }
            if end == 0x0D, position < bytes.count, bytes[position] == 0x0A { position += 1 }
            line += 1
            return cells
        }
    }

    private mutating func cell(_ delimiter: UInt8) throws -> String {
        let start = line
        var text: [UInt8] = []
        if position < bytes.count, bytes[position] == 0x22 {
            position += 1
            while true {
                guard position < bytes.count else { throw error("a quoted cell does not end", start) }
                let byte = bytes[position]
                position += 1
                if byte == 0x0A { line += 1 }
                if byte != 0x22 { text.append(byte); continue }
                guard position < bytes.count, bytes[position] == 0x22 else { break }
                text.append(0x22)
                position += 1
            }
            guard position == bytes.count || [delimiter, 0x0A, 0x0D].contains(bytes[position]) else {
                throw error("something follows a closing quote", line)
            }
        } else {
            let end = bytes[position...].firstIndex { $0 == delimiter || $0 == 0x0A || $0 == 0x0D } ?? bytes.count
            text = Array(bytes[position..<end])
            position = end
        }
        guard let result = String(validating: text, as: UTF8.self) else { throw error("the text is not UTF-8", start) }
        return result
    }

    private func error(_ reason: String, _ line: Int) -> FormatError {
        FormatError(file: file, place: "line \(line)", reason: reason)
    }
}
