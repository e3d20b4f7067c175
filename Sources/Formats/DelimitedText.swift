/// Rows of cells from delimited text (RFC 4180), one after the other, in memory that does not grow with the file.
///
/// The text is UTF-8, compressed by gzip or not; lines end with LF, CRLF or CR; empty lines are no rows. A file that
/// is not as it should be gives an error with its line.
struct DelimitedText {
    /// Bytes of one cell, bytes of one row and cells of one row at most.
    static let limits = (cell: 1 << 20, row: 1 << 26, cells: 1 << 20)

    /// One row: its cells' bytes without quotes, one after the other, and where each ends.
    struct Row {
        /// The line on which it begins, counted from 1.
        fileprivate(set) var line = 0
        fileprivate var bytes: [UInt8] = []
        fileprivate var ends: [Int] = []
        fileprivate var hasQuotes = false

        /// Number of cells.
        var count: Int { ends.count }

        private func range(_ index: Int) -> Range<Int> { (index == 0 ? 0 : ends[index - 1])..<ends[index] }

        /// The cell's text, or nil when it is not UTF-8.
        func text(_ index: Int) -> String? { String(validating: bytes[range(index)], as: UTF8.self) }

        /// The texts of all cells.
        ///
        /// - Throws: ``FormatError`` with the line where one is not UTF-8.
        func texts(file: String) throws -> [String] {
            try (0..<count).map { index in
                guard let text = text(index) else {
                    throw FormatError(file: file, place: "line \(line)", reason: "the text is not UTF-8")
                }
                return text
            }
        }

        /// Whether the cell has no bytes but spaces.
        func isEmpty(_ index: Int) -> Bool { bytes[range(index)].allSatisfy { $0 == 0x20 } }

        /// The cell as a number, or nil.
        func number(_ index: Int) -> Double? {
            decimalNumber(String(decoding: bytes[range(index)].prefix(400), as: UTF8.self))
        }
    }

    let file: String
    /// What separates cells.
    let delimiter: UInt8
    private var source: Source
    private var piece: ByteView?
    private var position = 0
    private var line = 1

    /// Starts reading `view`, whose name is `file`.
    ///
    /// Without a delimiter it is the one of tab, semicolon and comma that comes first in the first line outside quotes.
    /// - Throws: ``FormatError`` for damaged gzip, UTF-16, and a file without text.
    init(_ view: ByteView, file: String, delimiter: UInt8? = nil) throws {
        self.file = file
        source = try Source(view, file: file)
        piece = try source.next()
        guard let first = piece else { throw FormatError(file: file, reason: "the table is empty") }
        if first.has([0xFF, 0xFE]) || first.has([0xFE, 0xFF]) {
            throw FormatError(
                file: file, place: "byte 0", reason: "the text is UTF-16, UTF-8 was expected",
                advice: "save it as UTF-8")
        }
        if first.has([0xEF, 0xBB, 0xBF]) { position = 3 }
        self.delimiter = delimiter ?? Self.delimiter(in: first)
    }

    private static func delimiter(in view: ByteView) -> UInt8 {
        view.withUnsafeBytes { bytes in
            var isQuoted = false
            for byte in bytes {
                switch byte {
                case 0x22: isQuoted.toggle()
                case 0x09, 0x3B, 0x2C: if !isQuoted { return byte }
                case 0x0A, 0x0D: if !isQuoted { return 0x2C }
                default: break
                }
            }
            return 0x2C
        }
    }

    /// Reads the next row into `row`, whose memory is used again; false at the end.
    ///
    /// - Throws: ``FormatError`` for quotes that do not end or have something behind them, and for cells and rows
    ///   beyond the limits.
    mutating func next(_ row: inout Row) throws -> Bool {
        while true {
            row.bytes.removeAll(keepingCapacity: true)
            row.ends.removeAll(keepingCapacity: true)
            row.hasQuotes = false
            row.line = line
            guard try read(&row) else { return false }
            if row.count > 1 || row.hasQuotes || !row.bytes.isEmpty { return true }
        }
    }

    private enum State { case start, plain, quoted, quoteInQuotes, carriageReturn }

    /// One line of cells, which may be empty; false when there is nothing more.
    private mutating func read(_ row: inout Row) throws -> Bool {
        var state = State.start
        var isInside = false
        while let view = piece {
            let end = try view.withUnsafeBytes { try scan($0, &row, &state, &isInside) }
            if end { return true }
            piece = try source.next()
            position = 0
        }
        guard isInside || state == .carriageReturn else { return false }
        if state == .carriageReturn { return true }
        guard state != .quoted else { throw error("a quoted cell does not end", row.line) }
        try endCell(&row)
        return true
    }

    /// Takes bytes of this piece until the line ends; true when it did.
    private mutating func scan(
        _ bytes: UnsafeRawBufferPointer, _ row: inout Row, _ state: inout State, _ isInside: inout Bool
    ) throws -> Bool {
        while position < bytes.count {
            let byte = bytes[position]
            if state == .carriageReturn {
                if byte == 0x0A { position += 1 }
                return true
            }
            isInside = true
            position += 1
            switch (state, byte) {
            case (.quoted, 0x22): state = .quoteInQuotes
            case (.quoted, _):
                if byte == 0x0A { line += 1 }
                row.bytes.append(byte)
                try take(&row, bytes) { $0 != 0x22 && $0 != 0x0A }
            case (.start, 0x22):
                row.hasQuotes = true
                state = .quoted
            case (.quoteInQuotes, 0x22):
                row.bytes.append(byte)
                state = .quoted
            case (_, delimiter):
                try endCell(&row)
                state = .start
            case (_, 0x0A), (_, 0x0D):
                try endCell(&row)
                line += 1
                state = .carriageReturn
                if byte == 0x0A { return true }
            case (.quoteInQuotes, _): throw error("something follows a closing quote", line)
            default:
                state = .plain
                row.bytes.append(byte)
                let delimiter = delimiter
                try take(&row, bytes) { $0 != delimiter && $0 != 0x0A && $0 != 0x0D }
            }
        }
        return false
    }

    /// Appends the bytes that follow as long as they are part of the cell.
    private mutating func take(
        _ row: inout Row, _ bytes: UnsafeRawBufferPointer, while isPart: (UInt8) -> Bool
    ) throws {
        let start = position
        while position < bytes.count, isPart(bytes[position]) { position += 1 }
        row.bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: bytes[start..<position]))
        guard row.bytes.count - (row.ends.last ?? 0) <= Self.limits.cell else {
            throw error("a cell has more than \(Self.limits.cell) bytes", row.line)
        }
    }

    private func endCell(_ row: inout Row) throws {
        row.ends.append(row.bytes.count)
        guard row.count <= Self.limits.cells, row.bytes.count <= Self.limits.row else {
            throw error("a row has more than \(Self.limits.cells) cells or \(Self.limits.row) bytes", row.line)
        }
    }

    private func error(_ reason: String, _ line: Int) -> FormatError {
        FormatError(file: file, place: "line \(line)", reason: reason)
    }

    /// The text's bytes in pieces of about a mebibyte.
    private enum Source {
        case plain(ByteView, at: Int)
        case compressed(GzipReader)

        init(_ view: ByteView, file: String) throws {
            self = Gzip.isCompressed(view) ? .compressed(GzipReader(view, file: file)) : .plain(view, at: 0)
        }

        mutating func next() throws -> ByteView? {
            switch self {
            case let .plain(view, at):
                guard at < view.count else { return nil }
                let count = min(1 << 20, view.count - at)
                self = .plain(view, at: at + count)
                return view.slice(from: at, count: count)
            case let .compressed(reader):
                let bytes = try reader.next()
                return bytes.isEmpty ? nil : ByteView(bytes)
            }
        }
    }
}

/// A decimal number with optional spaces around it; `nan` and `inf` count, hexadecimal does not.
func decimalNumber(_ cell: String) -> Double? {
    let text = cell.trimming(" ")
    return text.utf8.contains { $0 == 0x78 || $0 == 0x58 } ? nil : Double(text)
}

extension String {
    /// Without these characters at both ends.
    func trimming(_ character: Character) -> Substring {
        var rest = self[...]
        while rest.first == character { rest.removeFirst() }
        while rest.last == character { rest.removeLast() }
        return rest
    }
}
