import Genera

extension CorpusFiles.Piece {
    /// Hands on each document of the piece, or the part of one that it is.
    ///
    /// - Throws: what `body` throws, and `GeneraError.badData` or `FormatError` for a line that is not what it should be.
    func forEachDocument(_ reading: CorpusReading, _ body: (_ text: String, _ place: String) throws -> Void) throws {
        if content == .text && reading.records == .whole {
            return try body(view.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }, "from byte \(offset) on")
        }
        var (start, number) = (0, line)
        while start < view.count {
            let end = view.lineBreak(from: start)
            if let line = view.slice(from: start, count: end - start)?.trimmed, line.count > 0 {
                let place = "line \(number)"
                try body(content == .json ? text(line, reading.field, place) : line.text() ?? "", place)
            }
            (start, number) = (end + 1, number + 1)
        }
    }

    /// The text of a field of a line of JSON.
    private func text(_ line: ByteView, _ field: String, _ place: String) throws -> String {
        let value = try JSONText.parse(line, file: file, place: place)
        guard case .object(let members) = value else {
            throw GeneraError.badData(
                file: file, reason: "\(place) is no object", advice: "each line is {\"\(field)\": \"...\"}.")
        }
        guard let member = members.first(where: { $0.key == field }) else {
            let names = members.prefix(12).map { "'\($0.key)'" }.joined(separator: ", ")
            throw GeneraError.badData(
                file: file, reason: "\(place) has no field '\(field)'",
                advice: "it has \(names.isEmpty ? "none" : names).")
        }
        guard case .string(let text) = member.value else {
            throw GeneraError.badData(file: file, reason: "\(place): '\(field)' is no text")
        }
        return text
    }

    /// The numbers of a file of tokens.
    ///
    /// - Throws: `GeneraError.badData` for half a number, or one that is no token, with its place.
    func tokens(_ tokenizer: any Tokenizer) throws -> [Int32] {
        guard view.count % 2 == 0 else {
            throw GeneraError.badData(
                file: file, reason: "\(view.count) bytes are no whole number of tokens of two bytes",
                advice: "a .bin holds tokens as unsigned 16-bit numbers, little-endian.")
        }
        let vocabulary = tokenizer.vocabulary
        return try view.withUnsafeBytes { bytes in
            try (0..<bytes.count / 2).map { place in
                let token = UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: 2 * place, as: UInt16.self))
                guard Int(token) < vocabulary else {
                    throw GeneraError.badData(
                        file: file, reason: "the number \(token) at byte \(2 * place) is no token",
                        advice: "'\(tokenizer.name)' has \(vocabulary), from 0 to \(vocabulary - 1).")
                }
                return Int32(token)
            }
        }
    }
}

extension ByteView {
    /// The place of the next end of a line, or the end.
    fileprivate func lineBreak(from place: Int) -> Int {
        withUnsafeBytes { $0[place...].firstIndex(of: 10) ?? count }
    }

    /// Without a carriage return at the end; nothing if there are only blanks.
    fileprivate var trimmed: ByteView? {
        withUnsafeBytes { bytes in
            guard bytes.contains(where: { $0 != 32 && $0 != 9 && $0 != 13 }) else { return nil }
            return bytes.last == 13 ? slice(from: 0, count: count - 1) : self
        }
    }
}

extension CharacterTokenizer {
    /// The letters of a corpus, sorted by their numbers.
    ///
    /// - Throws: `GeneraError.usage` for fewer than two, or numbers of tokens in place of text.
    package init(of files: CorpusFiles) throws {
        var letters: Set<Unicode.Scalar> = []
        var seen = [Bool](repeating: false, count: 128)
        for piece in files.pieces {
            guard piece.content != .tokens else {
                throw GeneraError.usage(
                    "\(piece.file) holds numbers of tokens: which letters they are it does not say.")
            }
            try piece.forEachDocument(files.reading) { text, _ in
                for letter in files.reading.detokeniser(text).unicodeScalars {
                    if letter.value < 128 { seen[Int(letter.value)] = true } else { letters.insert(letter) }
                }
            }
        }
        for value in 0..<UInt8(128) where seen[Int(value)] { letters.insert(Unicode.Scalar(value)) }
        try self.init(letters: letters.sorted(), name: "characters")
    }
}
