import Genera

extension Passage {
    /// Text, and JSON with tokens and the rounds that revealed them.
    public static let formats: [SampleFormat<Passage>] = [
        SampleFormat(
            ["txt", "text"], "texts in UTF-8 with a form feed on a line of its own between them",
            read: { path in
                let texts = try pages(path, "txt").map(\.text)
                return SampleList(texts.count == 1 ? pieces(texts[0]) : texts.map { Passage($0) }, name: path)
            },
            write: { try TextPage.write($0.map { TextPage($0.text) }, to: $1) }),
        SampleFormat(
            "json", "JSON with a list 'texts': tokens, and the round that revealed each",
            read: { path in SampleList(try json(path), name: path) },
            write: { samples, path in
                try AtomicFile.write(to: path) { sink in
                    try sink.write("{\"texts\": [")
                    for (number, sample) in samples.enumerated() {
                        try sink.write((number > 0 ? ",\n" : "\n") + sample.json)
                    }
                    try sink.write("\n]}\n")
                }
            }),
    ]

    private static func pages(_ path: String, _ ending: String) throws -> [TextPage] {
        guard let read = TextPage.formats.first(where: { $0.fileExtension == ending })?.read else { return [] }
        let source = try read(path)
        return try source.samples(Array(0..<source.count))
    }

    /// Letters of a piece of a text that was one sample alone.
    private static let pieceLength = 1024

    /// A long text in pieces that end where lines do, if they do.
    static func pieces(_ text: String) -> [Passage] {
        let letters = Array(text.utf8)
        var (pieces, start) = ([Passage](), 0)
        while start < letters.count {
            var end = min(start + pieceLength, letters.count)
            if end < letters.count {
                let line = letters[(start + pieceLength / 2)..<end].lastIndex(of: 10).map { $0 + 1 }
                end = line ?? end
                // Not within a letter.
                while end < letters.count, letters[end] & 0xC0 == 0x80 { end += 1 }
            }
            pieces.append(Passage(String(decoding: letters[start..<end], as: UTF8.self)))
            start = end
        }
        return pieces.isEmpty ? [Passage("")] : pieces
    }

    /// Texts of a file that this family wrote, or any that writes texts.
    private static func json(_ path: String) throws -> [Passage] {
        let value = try JSONText.parse(MappedFile(path: path).view, file: path)
        guard case let .array(items)? = value["texts"] else {
            throw GeneraError.badData(
                file: path, reason: "it has no list 'texts'", advice: "{\"texts\": [...]} was expected.")
        }
        return try items.enumerated().map { number, item in
            if case let .string(text) = item { return Passage(text) }
            guard case let .string(text)? = item["text"] else {
                let runs = item["runs"]?.items?.compactMap { $0["text"]?.text }
                guard let runs else {
                    throw GeneraError.badData(
                        file: path, reason: "item \(number) of 'texts' (counted from 0) has no 'text'")
                }
                return Passage(runs.joined())
            }
            return Passage(text)
        }
    }

    private var json: String {
        let numbers = tokens.map { $0.number.map { "\($0)" } ?? "null" }.joined(separator: ", ")
        let reveals = tokens.map { "\($0.reveal)" }.joined(separator: ", ")
        return
            "{\"text\": \(JSONText.quote(text)), \"rounds\": \(rounds), \"tokens\": [\(numbers)], \"reveals\": [\(reveals)]}"
    }
}
