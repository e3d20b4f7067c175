import CCairo

/// The fonts of pages, and how characters look in them. Use it from one thread at a time.
final class PageFonts {
    /// The family of small notes.
    let sans = FontLibrary.sansFamily
    private let ruler: Canvas
    private let faces: [PagePlot.Typeface: FontFace]
    private lazy var emojiFace = Self.openEmoji()
    private var bitmaps: [UInt32: Image?] = [:]
    private var widths: [String: Double] = [:]
    private var columnWidths: [PagePlot.Typeface: Double] = [:]

    init() throws {
        ruler = try Canvas(width: 8, height: 8)
        var faces: [PagePlot.Typeface: FontFace] = [:]
        for typeface in PagePlot.Typeface.allCases {
            let family = typeface == .monospaced ? FontLibrary.monospacedFamily : FontLibrary.sansFamily
            let entries = FontLibrary.list(family: family, scalable: true)
            let regular = entries.first { ["Book", "Regular", "Roman"].contains($0.style) } ?? entries.first
            faces[typeface] = regular.flatMap { try? FontFace($0) }
        }
        self.faces = faces
    }

    func family(_ typeface: PagePlot.Typeface) -> String {
        typeface == .monospaced ? FontLibrary.monospacedFamily : sans
    }

    /// The width of a monospaced character, or of an average letter.
    func columnWidth(_ typeface: PagePlot.Typeface) -> Double {
        if let width = columnWidths[typeface] { return width }
        let trial = typeface == .monospaced ? "0" : "the quick brown fox jumps over a lazy dog"
        let width = ruler.lineWidth(trial, PageLayout.style, family: family(typeface)) / Double(trial.count)
        columnWidths[typeface] = max(width, 1)
        return max(width, 1)
    }

    /// How a character is drawn: mostly one glyph, several for control characters and tabs, none for what is not seen.
    func glyphs(of character: Character, _ typeface: PagePlot.Typeface, column: Int) -> [PageLayout.Glyph] {
        let scalars = character.unicodeScalars.prefix(8)
        guard let first = scalars.first else { return [] }
        let unit = columnWidth(typeface)
        if character == "\t" {
            let stop = 4 - column % 4
            let arrow = PageLayout.Glyph(text: "→", look: .marked, width: width(of: "→", typeface), isSpace: true)
            let blank = PageLayout.Glyph(text: " ", look: .plain, width: width(of: " ", typeface), isSpace: true)
            return [arrow] + Array(repeating: blank, count: stop - 1)
        }
        if let name = Self.caret(first) {
            return name.map {
                PageLayout.Glyph(text: String($0), look: .marked, width: width(of: String($0), typeface))
            }
        }
        if first.properties.generalCategory == .format || first.properties.generalCategory == .lineSeparator {
            return [PageLayout.Glyph(text: "·", look: .marked, width: width(of: "·", typeface))]
        }
        let wantsPicture = first.properties.isEmojiPresentation || scalars.dropFirst().first == "\u{FE0F}"
        let isKnown = faces[typeface]?.hasGlyph(first.value) ?? true
        if wantsPicture || !isKnown, bitmap(first.value) != nil {
            return [PageLayout.Glyph(text: String(first), look: .emoji, width: 2 * unit)]
        }
        let shown = scalars.filter { $0 != "\u{FE0F}" && $0 != "\u{200D}" && $0.value >= 32 }
        let text = String(String.UnicodeScalarView(shown))
        if !isKnown, typeface == .monospaced, faces[.proportional]?.hasGlyph(first.value) == true {
            let columns = max((width(of: text, .proportional) / unit).rounded(.up), 1)
            return [PageLayout.Glyph(text: text, look: .other, width: columns * unit)]
        }
        return [
            PageLayout.Glyph(
                text: text, look: first == "\u{FFFD}" ? .marked : .plain, width: width(of: text, typeface),
                isSpace: first == " " || first.properties.isWhitespace && first != "\u{A0}")
        ]
    }

    /// The name of a control character in the manner of terminals: `^A`.
    private static func caret(_ scalar: Unicode.Scalar) -> String? {
        switch scalar.value {
        case 0..<32: return Unicode.Scalar(scalar.value + 64).map { "^\($0)" }
        case 127: return "^?"
        case 128..<160: return "�"
        default: return nil
        }
    }

    private func width(of text: String, _ typeface: PagePlot.Typeface) -> Double {
        let key = typeface.rawValue + text
        if let width = widths[key] { return width }
        let width = ruler.lineWidth(text, PageLayout.style, family: family(typeface))
        if widths.count < 10_000 { widths[key] = width }
        return width
    }

    /// The picture of an emoji.
    func emoji(_ text: String) -> Image? { text.unicodeScalars.first.flatMap { bitmap($0.value) } }

    private func bitmap(_ code: UInt32) -> Image? {
        guard code > 0x7F else { return nil }
        if let known = bitmaps[code] { return known }
        let image = emojiFace?.colorBitmap(code)?.resized(width: 48, height: 48, by: .lanczos)
        bitmaps[code] = .some(image)
        return image
    }

    private static func openEmoji() -> FontFace? {
        guard let entry = FontLibrary.list(family: "Noto Color Emoji", scalable: nil).first,
            let face = try? FontFace(entry), face.selectLargestBitmaps()
        else { return nil }
        return face
    }
}

extension Canvas {
    /// Writes a line of text as it is, its left end and baseline at `point`.
    func line(_ text: String, at point: Point, _ style: TextStyle, family: String) {
        use(style.color)
        select(style, family: family)
        cairo_move_to(context, point.x, point.y)
        cairo_show_text(context, text)
    }

    /// How many points wide a line of text is.
    func lineWidth(_ text: String, _ style: TextStyle, family: String) -> Double {
        select(style, family: family)
        return advance(text)
    }
}
