import Formats
import Imaging

/// A text, drawn as a page.
///
///     let page = TextPage(tokenizer.decode(tokens), typeface: .proportional)
public struct TextPage: Drawable, Hashable {
    /// What kind of letters a page has: `monospaced` or `proportional`.
    public typealias Typeface = PagePlot.Typeface

    /// The text.
    public let text: String
    /// The letters it is drawn with.
    public let typeface: Typeface

    /// Makes a page.
    public init(_ text: String, typeface: Typeface = .monospaced) {
        (self.text, self.typeface) = (text, typeface)
    }

    /// Makes a page of bytes in UTF-8; invalid ones become U+FFFD.
    public init(bytes: some Collection<UInt8>, typeface: Typeface = .monospaced) {
        self.init(String(decoding: bytes, as: UTF8.self), typeface: typeface)
    }

    /// A thousand.
    public static var pictureLimit: Int { 1000 }

    /// A page of at most 60 lines of 80 characters.
    public func drawn() throws -> Image { try PagePlot(text, typeface: typeface).render() }

    /// Up to four pages one below the other, more in a grid of smaller ones. What does not fit is cut with a note.
    ///
    /// - Throws: `GeneraError.software` if there are none.
    public static func picture(of samples: [TextPage]) throws -> Image {
        guard !samples.isEmpty else { throw GeneraError.software("There are no texts to draw.") }
        let (columns, lines) =
            switch samples.count {
            case 1: (80, 60)
            case ...4: (80, 24)
            case ...16: (44, 16)
            case ...64: (36, 10)
            default: (28, 6)
            }
        let pages = samples.map { PagePlot($0.text, typeface: $0.typeface, columns: columns, lines: lines) }
        return try PagePlot.grid(pages, across: samples.count <= 4 ? 1 : nil)
    }

    /// What stands between the texts of a file: a form feed, as between pages, on a line of its own.
    public static let separator = "\n\u{C}\n"

    /// A file in UTF-8 of all texts, `separator` between them. A form feed within a text is written as its symbol, U+240C.
    public static func data(of samples: [TextPage]) throws -> SampleData? {
        SampleData(fileExtension: "txt") { path in
            try AtomicFile.write(to: path) { sink in
                for (number, sample) in samples.enumerated() {
                    if number > 0 { try sink.write(separator) }
                    try sink.write(escaped(sample.text))
                }
            }
        }
    }

    private static func escaped(_ text: String) -> String {
        guard text.utf8.contains(0xC) else { return text }
        return text.unicodeScalars.reduce(into: "") { $0.unicodeScalars.append($1 == "\u{C}" ? "\u{240C}" : $1) }
    }
}
