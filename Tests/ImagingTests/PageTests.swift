import Testing

@testable import Imaging

@Suite struct PageTests {
    private func lines(_ text: String, columns: Int = 20, lines: Int = 60) throws -> [String] {
        let layout = PageLayout(PagePlot(text, columns: columns, lines: lines), try PageFonts())
        return layout.lines.map { $0.map(\.text).joined() }
    }

    @Test("Lines break between words, long words anywhere, and spaces at the end take no room")
    func wrapping() throws {
        #expect(try lines("the quick brown fox jumps") == ["the quick brown fox", "jumps"])
        #expect(try lines(String(repeating: "x", count: 45)).map(\.count) == [20, 20, 5])
        #expect(try lines("a\n\nb\r\nc\u{2028}d") == ["a", "", "b", "c", "d"])
        #expect(try lines("") == [])
    }

    @Test("Control characters are shown, formats are marked, tabs reach their stops")
    func controls() throws {
        #expect(try lines("a\u{0}b\u{1B}[0m\u{7F}\u{C}\u{85}c") == ["a^@b^[[0m^?^L", "c"])
        #expect(try lines("a\tb") == ["a→  b"])
        #expect(try lines("a\u{202E}b") == ["a·b"])
    }

    @Test("A long text is cut with an ellipsis and the number of bytes that are missing")
    func cutting() throws {
        let fonts = try PageFonts()
        let layout = PageLayout(PagePlot(String(repeating: "word ", count: 100), columns: 20, lines: 3), fonts)
        #expect(layout.lines.count == 3 && layout.lines[2].last?.text == "…")
        #expect((430...450).contains(layout.restBytes))
        #expect(PageLayout(PagePlot("one\ntwo\n", columns: 20, lines: 2), fonts).restBytes == 0)
    }

    @Test("Pages of a grid have one size")
    func grid() throws {
        let image = try PagePlot.grid([PagePlot("a"), PagePlot("a\nb\nc", typeface: .proportional)], across: 2)
        #expect(image.width > 2 * image.height)
        #expect(throws: ImagingError.self) { try PagePlot.grid([]) }
    }

    @Test(
        "Ten megabytes of anything take no time",
        arguments: ["x", " ", "\n", "\t", "\u{0}", "\u{200D}", "\u{301}", "\u{1F600}", "\u{1160}", "ab c\n"])
    func huge(piece: String) throws {
        let text = String(repeating: piece, count: 10_000_000 / piece.utf8.count)
        let clock = ContinuousClock()
        for typeface in PagePlot.Typeface.allCases {
            var image: Image?
            let time = try clock.measure { image = try PagePlot(text, typeface: typeface).render() }
            #expect(time < .seconds(3), "\(piece.debugDescription) took \(time)")
            #expect((image?.height ?? 0) < 2000)
        }
    }
}
