import Imaging
import Platform

/// A text, drawn as a page.
///
///     let page = TextPage(tokenizer.decode(tokens), typeface: .proportional)
///     let marked = TextPage(runs: [.init("It was "), .init("the best", color: Color(hex: 0xD55E00)), .init(" of times")])
public struct TextPage: Drawable, Hashable {
    /// What kind of letters a page has: `monospaced` or `proportional`.
    public typealias Typeface = PagePlot.Typeface
    /// A piece of text in one colour.
    public typealias Run = PagePlot.Run

    /// The text, piece after piece.
    public let runs: [Run]
    /// The letters it is drawn with.
    public let typeface: Typeface

    /// The text.
    public var text: String { runs.count == 1 ? runs[0].text : runs.map(\.text).joined() }

    /// Makes a page of text in several colours. Neighbours of one colour become one piece, and empty ones are left out.
    public init(runs: [Run], typeface: Typeface = .monospaced) {
        var merged: [Run] = []
        for run in runs where !run.text.isEmpty {
            if let last = merged.last, last.color == run.color {
                merged[merged.count - 1].text += run.text
            } else {
                merged.append(run)
            }
        }
        (self.runs, self.typeface) = (merged, typeface)
    }

    /// Makes a page.
    public init(_ text: String, typeface: Typeface = .monospaced) {
        self.init(runs: [Run(text)], typeface: typeface)
    }

    /// Makes a page of bytes in UTF-8; invalid ones become U+FFFD.
    public init(bytes: some Collection<UInt8>, typeface: Typeface = .monospaced) {
        self.init(String(decoding: bytes, as: UTF8.self), typeface: typeface)
    }

    /// A thousand.
    public static var pictureLimit: Int { 1000 }

    /// A page of at most 60 lines of 80 characters.
    public func drawn() throws -> Image { try PagePlot(runs: runs, typeface: typeface).render() }

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
        let pages = samples.map { PagePlot(runs: $0.runs, typeface: $0.typeface, columns: columns, lines: lines) }
        return try PagePlot.grid(pages, across: samples.count <= 4 ? 1 : nil)
    }
}
