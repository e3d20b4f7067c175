import Formats
import Imaging

extension TextPage {
    /// What stands between the texts of a `.txt` file: a form feed, as between pages, on a line of its own.
    public static let separator = "\n\u{C}\n"

    /// Text, with `separator` between the samples, and JSON, which keeps colours and letters.
    ///
    /// A form feed within a text is written to `.txt` as its symbol, U+240C.
    public static let formats: [SampleFormat<TextPage>] = [
        SampleFormat(
            "txt", "texts in UTF-8 with a form feed on a line of its own between them", read: readText,
            write: { samples, path in
                try AtomicFile.write(to: path) { sink in
                    for (number, sample) in samples.enumerated() {
                        if number > 0 { try sink.write(separator) }
                        try sink.write(escaped(sample.text))
                    }
                }
            }),
        SampleFormat(
            "json", "JSON with a list 'texts', colours included",
            recognises: { _, content in JSONSamples.has("texts", content) }, read: readJSON,
            write: { try JSONSamples.write($0.map(\.json), as: "texts", to: $1) }),
    ]

    private static func escaped(_ text: String) -> String {
        guard text.utf8.contains(0xC) else { return text }
        return text.unicodeScalars.reduce(into: "") { $0.unicodeScalars.append($1 == "\u{C}" ? "\u{240C}" : $1) }
    }

    private static func readText(_ path: String) throws -> any SampleSource<TextPage> {
        let bytes = try MappedFile(path: path).view.array()
        let mark = Array(separator.utf8)
        var (texts, start, place) = ([TextPage](), 0, 0)
        func text(upTo end: Int) throws -> TextPage {
            guard let text = String(validating: bytes[start..<end], as: UTF8.self) else {
                throw GeneraError.badData(
                    file: path,
                    reason: "text \(texts.count) (counted from 0), which begins at byte \(start), is not UTF-8",
                    advice: "save the file as UTF-8")
            }
            return TextPage(text)
        }
        while place + mark.count <= bytes.count {
            guard bytes[place + 1] == 0xC, bytes[place..<place + mark.count].elementsEqual(mark) else {
                place += 1
                continue
            }
            texts.append(try text(upTo: place))
            place += mark.count
            start = place
        }
        texts.append(try text(upTo: bytes.count))
        return SampleList(texts, name: path)
    }

    private static func readJSON(_ path: String) throws -> any SampleSource<TextPage> {
        SampleList(try JSONSamples.read("texts", path, page), name: path)
    }

    private static func page(_ value: JSONValue) throws -> TextPage {
        func fault(_ what: String) -> JSONSamples.Fault { JSONSamples.Fault("\(what)") }
        if case let .string(text) = value { return TextPage(text) }
        guard case let .array(list)? = value["runs"] else {
            throw fault("a text is a string, or an object with 'runs'")
        }
        let runs = try list.map { item -> Run in
            guard case let .string(text)? = item["text"] else { throw fault("a run needs a 'text'") }
            guard let color = item["color"] else { return Run(text) }
            guard case let .string(word) = color, let ink = Color(hexText: word) else {
                throw fault("a colour is '#rrggbb' or '#rrggbbaa'")
            }
            return Run(text, color: ink)
        }
        guard let word = value["typeface"] else { return TextPage(runs: runs) }
        guard case let .string(name) = word, let typeface = Typeface(rawValue: name) else {
            throw fault("a typeface is 'monospaced' or 'proportional'")
        }
        return TextPage(runs: runs, typeface: typeface)
    }

    private var json: String {
        if typeface == .monospaced, runs.allSatisfy({ $0.color == nil }) { return JSONText.quote(text) }
        let items = runs.map { run in
            let color = run.color.map { ", \"color\": \"\($0.hexText)\"" } ?? ""
            return "{\"text\": \(JSONText.quote(run.text))\(color)}"
        }
        return "{\"typeface\": \"\(typeface.rawValue)\", \"runs\": [\(items.joined(separator: ", "))]}"
    }
}

extension Color {
    /// `#rrggbb`, or `#rrggbbaa` if it is not opaque.
    var hexText: String {
        let parts = alpha == 1 ? [red, green, blue] : [red, green, blue, alpha]
        return "#"
            + parts.map { part in
                let level = Int((min(max(part, 0), 1) * 255).rounded())
                return (level < 16 ? "0" : "") + String(level, radix: 16)
            }.joined()
    }

    /// Reads what `hexText` gives; nil for another text.
    init?(hexText: String) {
        let digits = hexText.dropFirst()
        guard hexText.first == "#", digits.count == 6 || digits.count == 8, let number = UInt32(digits, radix: 16),
            digits.first != "+"
        else { return nil }
        self.init(hex: digits.count == 6 ? number : number >> 8)
        if digits.count == 8 { alpha = Double(number & 255) / 255 }
    }
}
