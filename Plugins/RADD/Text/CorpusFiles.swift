import Genera

/// How the files of a corpus are read.
package struct CorpusReading: Sendable {
    /// What is one document of a file of text.
    package enum Records: String, CaseIterable, Sendable {
        /// The whole file.
        case whole
        /// Each line that is not empty.
        case lines
    }

    /// What is one document of a `.txt`.
    package var records: Records
    /// The field of a `.jsonl` with the text.
    package var field: String
    /// What is undone to each document before it is cut into tokens.
    package var detokeniser: Detokeniser
    /// Whether the tokenizer's end of text, where it has one, follows each document.
    package var endsDocuments: Bool

    package init(
        records: Records = .whole, field: String = "text", detokeniser: Detokeniser = .none, endsDocuments: Bool = true
    ) {
        (self.records, self.field, self.detokeniser) = (records, field, detokeniser)
        self.endsDocuments = endsDocuments
    }
}

/// The files of a corpus, mapped: `.txt`, `.jsonl` (or `.ndjson`) and `.bin` (numbers of tokens, two bytes each, little-endian),
/// compressed by gzip or not, or a folder of them.
package struct CorpusFiles: Sendable {
    /// What is in a file.
    enum Content: String, CaseIterable {
        case text = "txt"
        case json = "jsonl"
        case tokens = "bin"

        init?(path: String) {
            var ending = FileSystem.fileExtension(of: path)
            if ending == "gz" { ending = FileSystem.fileExtension(of: String(path.dropLast(3))) }
            if ending == "ndjson" { ending = "jsonl" }
            if ending == "text" { ending = "txt" }
            self.init(rawValue: ending)
        }
    }

    /// A stretch of a file, of whole documents or of one that goes on in the next.
    struct Piece: Sendable {
        let file: String
        let content: Content
        let view: ByteView
        /// Where it begins in the file.
        let offset: Int
        /// The number of its first line, from 1 on, in files of lines.
        let line: Int
        /// Whether a document ends with it, in files that are one document.
        let isEnd: Bool
    }

    /// How they are read.
    package let reading: CorpusReading
    /// The files in their order.
    package let paths: [String]
    let pieces: [Piece]

    /// Maps a file, or the files of a folder in the order of their names.
    ///
    /// - Throws: `GeneraError.noInput` for a folder without any, `GeneraError.badData` for text that is not UTF-8, with the
    ///   offset, `FormatError` for a file that cannot be opened.
    package init(path: String, _ reading: CorpusReading = CorpusReading()) throws {
        try self.init(paths: [path], reading)
    }

    /// Maps several files or folders.
    ///
    /// - Throws: as `init(path:)`.
    package init(paths: [String], _ reading: CorpusReading = CorpusReading()) throws {
        self.reading = reading
        self.paths = try paths.flatMap { path in
            guard FileSystem.isFolder(path) else { return [path] }
            let files = FileSystem.names(in: path).sorted().filter { Content(path: $0) != nil }
            guard !files.isEmpty else {
                throw GeneraError.noInput(
                    "\(path) holds no text.",
                    advice: "A corpus is of .txt, .jsonl or .bin files, or those with .gz behind.")
            }
            return files.map { "\(path)/\($0)" }
        }
        pieces = try self.paths.flatMap { try Self.pieces(of: $0, reading) }
    }

    init(pieces: [Piece], reading: CorpusReading, paths: [String]) {
        (self.pieces, self.reading, self.paths) = (pieces, reading, paths)
    }

    /// About how many bytes a piece has.
    static let stretch = 1 << 20

    private static func pieces(of path: String, _ reading: CorpusReading) throws -> [Piece] {
        var view = try MappedFile(path: path).view
        if Gzip.isCompressed(view) { view = try Gzip.expand(view, file: path) }
        // What has another ending is text, which is then checked.
        return try pieces(of: view, file: path, Content(path: path) ?? .text, reading)
    }

    static func pieces(of view: ByteView, file: String, _ content: Content, _ reading: CorpusReading) throws -> [Piece]
    {
        guard content != .tokens else {
            return [Piece(file: file, content: content, view: view, offset: 0, line: 1, isEnd: true)]
        }
        let kind = FileKind(view)
        guard kind != .empty else { return [] }
        if let fault = UTF8Check.firstFault(view) {
            guard kind == .text || kind == .json || kind == .other else {
                let refusal = kind.refusal(wanted: "text")
                throw GeneraError.badData(file: file, reason: refusal.reason, advice: refusal.advice)
            }
            throw GeneraError.badData(
                file: file, reason: "byte \(fault) is no UTF-8", advice: "save the text as UTF-8.")
        }
        let isOne = content == .text && reading.records == .whole
        // What is undone to a document may look at its ends.
        let isWhole = isOne && reading.detokeniser != .none
        var pieces: [Piece] = []
        var (start, line) = (view.startsWithMark ? 3 : 0, 1)
        while start < view.count {
            let end =
                isWhole
                ? view.count : isOne ? view.quietBreak(after: start + stretch) : view.lineEnd(after: start + stretch)
            guard let slice = view.slice(from: start, count: end - start) else { break }
            pieces.append(
                Piece(file: file, content: content, view: slice, offset: start, line: line, isEnd: end == view.count))
            if !isOne { line += slice.newlines }
            start = end
        }
        return pieces
    }
}

extension ByteView {
    /// Whether it begins with the byte order mark of UTF-8.
    fileprivate var startsWithMark: Bool { count >= 3 && self[0] == 0xEF && self[1] == 0xBB && self[2] == 0xBF }

    fileprivate var newlines: Int { withUnsafeBytes { $0.reduce(0) { $1 == 10 ? $0 + 1 : $0 } } }

    /// The place behind the first end of a line at or after a place.
    fileprivate func lineEnd(after place: Int) -> Int {
        withUnsafeBytes { bytes in
            guard place < bytes.count else { return bytes.count }
            return bytes[place...].firstIndex(of: 10).map { $0 + 1 } ?? bytes.count
        }
    }

    /// The first place at or after another where no tokenizer joins what is before and behind it: behind an end of a line that
    /// stands alone between two visible letters of ASCII.
    fileprivate func quietBreak(after place: Int) -> Int {
        func isVisible(_ byte: UInt8) -> Bool { byte > 32 && byte < 127 }
        return withUnsafeBytes { bytes in
            var place = Swift.max(place, 2)
            while place < bytes.count {
                if bytes[place - 1] == 10, isVisible(bytes[place]), isVisible(bytes[place - 2]) { return place }
                place += 1
            }
            return bytes.count
        }
    }
}
