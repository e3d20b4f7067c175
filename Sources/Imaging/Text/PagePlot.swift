/// A text on a page.
///
///     let image = try PagePlot("Call me Ishmael.").render()
///     let marked = PagePlot(runs: [.init("Call me "), .init("Ishmael", color: Color(hex: 0xD55E00)), .init(".")])
///
/// Lines are wrapped between words where they can be. Control characters are shown as `^A`, tabs as arrows, emoji in colour
/// where the font 'Noto Color Emoji' is installed, and characters that no font has as boxes. A text that does not fit ends
/// in an ellipsis and a note. Only what is shown is looked at, so that a text may have any length.
public struct PagePlot: Sendable {
    /// Which letters a page has.
    public enum Typeface: String, Hashable, Sendable, CaseIterable {
        /// Letters of equal width, for code and tables.
        case monospaced
        /// Letters of their own widths, for prose.
        case proportional
    }

    /// A piece of text in one colour.
    public struct Run: Hashable, Sendable {
        /// The letters of the piece; line breaks are kept.
        public var text: String
        /// Its ink; nil for that of all text.
        public var color: Color?

        /// Makes a piece of text.
        public init(_ text: String, color: Color? = nil) { (self.text, self.color) = (text, color) }
    }

    /// The text, piece after piece.
    public var runs: [Run]
    /// The letters.
    public var typeface: Typeface
    /// Characters in a line; of average width, if they differ.
    public var columns: Int
    /// The most lines of the page.
    public var lines: Int

    /// Makes a page; sizes are clamped to 8...400 columns and 1...400 lines.
    public init(_ text: String, typeface: Typeface = .monospaced, columns: Int = 80, lines: Int = 60) {
        self.init(runs: [Run(text)], typeface: typeface, columns: columns, lines: lines)
    }

    /// Makes a page of text in several colours; sizes are clamped as for one.
    public init(runs: [Run], typeface: Typeface = .monospaced, columns: Int = 80, lines: Int = 60) {
        (self.runs, self.typeface) = (runs, typeface)
        (self.columns, self.lines) = (min(max(columns, 8), 400), min(max(lines, 1), 400))
    }

    /// Draws the page, as high as its text, two pixels a point.
    ///
    /// - Throws: `ImagingError` when memory is out.
    public func render() throws -> Image { try Self.renderEach([self])[0] }

    /// Draws pages in a grid, all of the size of the largest, or one below the other, each as high as its text.
    ///
    /// - Parameter across: pages in a row; nil for about as many as rows.
    /// - Throws: `ImagingError` when there are none, or the sheet would be too large.
    public static func grid(_ pages: [PagePlot], across: Int? = nil) throws -> Image {
        if across == 1 { return try ImageGrid.column(renderEach(pages, isEven: false), padding: 8) }
        return try ImageGrid.arrange(renderEach(pages), columns: across, padding: 8, scale: 1)
    }

    private static func renderEach(_ pages: [PagePlot], isEven: Bool = true) throws -> [Image] {
        let fonts = try PageFonts()
        let layouts = pages.map { PageLayout($0, fonts) }
        let width = layouts.map(\.width).max() ?? 0
        let height = layouts.map(\.height).max() ?? 0
        return try layouts.map { try $0.render(width: width, height: isEven ? height : $0.height, fonts) }
    }
}

/// The lines of a page.
struct PageLayout {
    /// A character as it is drawn.
    struct Glyph {
        enum Look { case plain, marked, other, emoji }
        var text: String
        var look: Look
        var width: Double
        var isSpace = false
        /// The ink of plain text; nil for that of the page.
        var color: Color?
    }

    static let style = TextStyle(size: 9, color: Color(grey: 0.1))
    static let marked = TextStyle(size: 9, color: Color(hex: 0xC05010))
    static let note = TextStyle(size: 8, color: Color(grey: 0.5))
    static let leading = 13.0
    static let margin = 11.0

    private(set) var lines: [[Glyph]] = []
    /// How many bytes of the text did not fit.
    private(set) var restBytes = 0
    private let typeface: PagePlot.Typeface
    private let room: Double

    init(_ page: PagePlot, _ fonts: PageFonts) {
        typeface = page.typeface
        room = Double(page.columns) * fonts.columnWidth(page.typeface)
        var line: [Glyph] = []
        var (used, consumed) = (0.0, 0)
        func isFull() -> Bool { lines.count >= page.lines }
        for (character, color) in page.runs.lazy.flatMap({ run in run.text.lazy.map { ($0, run.color) } }) {
            if isFull() { break }
            if character.isNewline && character != "\u{B}" && character != "\u{C}" && character != "\r" {
                consumed += character.utf8.count
                lines.append(line)
                (line, used) = ([], 0)
                continue
            }
            for var glyph in fonts.glyphs(of: character, typeface, column: line.count) {
                let overflows = used + glyph.width > room + 0.01 && !glyph.isSpace
                if !line.isEmpty, overflows || line.count >= 4 * page.columns {
                    let tail = Self.tail(&line)
                    lines.append(line)
                    (line, used) = (tail, tail.reduce(0) { $0 + $1.width })
                }
                glyph.color = color
                line.append(glyph)
                used += glyph.width
            }
            if !isFull() { consumed += character.utf8.count }
        }
        if !isFull() && !line.isEmpty { lines.append(line) }
        let total = page.runs.reduce(0) { $0 + $1.text.utf8.count }
        let pending = line.dropLast().reduce(0) { $0 + $1.text.utf8.count }
        restBytes = isFull() && consumed < total ? total - consumed + pending : 0
        if restBytes > 0 { cutLastLine(fonts) }
    }

    /// Takes the last word off a line, unless it is the whole line.
    private static func tail(_ line: inout [Glyph]) -> [Glyph] {
        guard let space = line.lastIndex(where: \.isSpace), line.count - space < 40 else { return [] }
        let tail = Array(line[(space + 1)...])
        line.removeLast(line.count - space)
        return tail
    }

    private mutating func cutLastLine(_ fonts: PageFonts) {
        let ellipsis = Glyph(text: "…", look: .marked, width: fonts.columnWidth(typeface))
        var line = lines[lines.count - 1]
        while let last = line.last, last.isSpace || line.reduce(0, { $0 + $1.width }) + ellipsis.width > room {
            line.removeLast()
        }
        lines[lines.count - 1] = line + [ellipsis]
    }

    var width: Double { room + 2 * Self.margin }

    var height: Double {
        2 * Self.margin + Double(max(lines.count, 1)) * Self.leading - 3 + (restBytes > 0 ? Self.leading : 0)
    }

    func render(width: Double, height: Double, _ fonts: PageFonts) throws -> Image {
        let canvas = try Canvas(width: width.rounded(.up), height: height.rounded(.up), scale: PlotStyle.scale)
        let edge = [Point(0, 0), Point(canvas.width, 0), Point(canvas.width, canvas.height), Point(0, canvas.height)]
        canvas.fill(edge, Color(hex: 0xFCFCFA))
        canvas.stroke(edge + [edge[0], edge[1]], Color(grey: 0.8), width: 1)
        var base = Self.margin + 8
        for line in lines {
            draw(line, base: base, fonts, on: canvas)
            base += Self.leading
        }
        if lines.isEmpty {
            canvas.line("(empty)", at: Point(Self.margin, base), Self.note, family: fonts.sans)
        }
        if restBytes > 0 {
            let text = "… \(Self.grouped(restBytes)) more byte\(restBytes == 1 ? "" : "s")"
            let left = canvas.width - Self.margin - canvas.lineWidth(text, Self.note, family: fonts.sans)
            let foot = canvas.height - Self.margin + 2
            canvas.line(text, at: Point(left, foot), Self.note, family: fonts.sans)
        }
        return try canvas.image()
    }

    /// Draws neighbours of one look together.
    private func draw(_ line: [Glyph], base: Double, _ fonts: PageFonts, on canvas: Canvas) {
        var (start, left) = (0, Self.margin)
        while start < line.count {
            var end = start + 1
            let (look, color) = (line[start].look, line[start].color)
            while look != .emoji, look != .other, end < line.count, line[end].look == look, line[end].color == color {
                end += 1
            }
            if look == .emoji {
                let size = Self.style.size * 1.22
                let middle = left + line[start].width / 2
                if let bitmap = fonts.emoji(line[start].text) {
                    let box = Rectangle(x: middle - size / 2, y: base - size * 0.84, width: size, height: size)
                    canvas.draw(bitmap, in: box, isSmooth: true)
                }
            } else {
                let text = line[start..<end].map(\.text).joined()
                let plain = color.map { TextStyle(size: Self.style.size, color: $0) } ?? Self.style
                let style = look == .marked ? Self.marked : plain
                let family = look == .other ? fonts.sans : fonts.family(typeface)
                canvas.line(text, at: Point(left, base), style, family: family)
            }
            left += line[start..<end].reduce(0) { $0 + $1.width }
            start = end
        }
    }

    private static func grouped(_ count: Int) -> String {
        let digits = Array(String(count))
        return digits.enumerated().reduce(into: "") { text, digit in
            if digit.offset > 0, (digits.count - digit.offset) % 3 == 0 { text.append(",") }
            text.append(digit.element)
        }
    }
}
