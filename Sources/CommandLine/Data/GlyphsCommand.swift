import ArgumentParser
import Imaging

/// `genera data glyphs`.
struct GlyphsCommand: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "glyphs", abstract: "Draw letters of the installed fonts, with the letter as class.",
            discussion: Examples.text(
                "genera data glyphs --size 28 --out letters.zip",
                "genera data glyphs --letters 0123456789 --fonts 'DejaVu Sans' -o digits.zip")
        )
    }

    @Option(help: ArgumentHelp("Pixels a side.", valueName: "n"))
    var size = 28

    @Option(help: ArgumentHelp("The letters to draw. (default: letters and digits of English)", valueName: "text"))
    var letters: String?

    @Option(
        help: ArgumentHelp("Only fonts of this family; may be given several times. (default: all)", valueName: "name"))
    var fonts: [String] = []

    @Option(help: ArgumentHelp("The part of the side that stays free at each edge.", valueName: "ratio"))
    var margin = 0.07

    @OptionGroup(title: "Output") var output: DataOutput

    func validate() throws {
        guard (4...512).contains(size) else { throw ValidationError("--size must be from 4 to 512, got \(size).") }
        guard (0..<0.5).contains(margin) else {
            throw ValidationError("--margin must be at least 0 and below 0.5, got \(margin).")
        }
        if letters?.isEmpty == true { throw ValidationError("--letters must name at least one letter.") }
    }

    func run() throws {
        try output.check()
        let scalars = letters.map { Array($0.unicodeScalars) } ?? GlyphRenderer.alphanumerics
        let pictures = try GlyphRenderer(families: fonts.isEmpty ? nil : fonts).render(
            size: size, letters: scalars, margin: margin)
        let classes = Dictionary(scalars.enumerated().map { ($0.element, $0.offset) }) { first, _ in first }
        try output.write(pictures.map { ($0, classes[$0.character]) }, classes: scalars.map { String(Character($0)) })
    }
}
