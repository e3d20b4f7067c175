import ArgumentParser
import Imaging

/// `genera data emoji`.
struct EmojiCommand: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "emoji", abstract: "Draw the colour emoji of the font Noto Color Emoji: about 1,400 pictures.",
            discussion: Examples.text(
                "genera data emoji --size 32 --out emoji.zip",
                "genera data emoji --size 64 --margin 0.05 --out emoji64.zip"))
    }

    @Option(help: ArgumentHelp("Pixels a side.", valueName: "n"))
    var size = 32

    @Option(help: ArgumentHelp("The part of the side that stays free at each edge.", valueName: "ratio"))
    var margin = 0.0

    @Option(help: ArgumentHelp("Only the first so many. (default: all)", valueName: "n"))
    var limit: Int?

    @OptionGroup(title: "Output") var output: DataOutput

    func validate() throws {
        guard (4...512).contains(size) else { throw ValidationError("--size must be from 4 to 512, got \(size).") }
        guard (0..<0.5).contains(margin) else {
            throw ValidationError("--margin must be at least 0 and below 0.5, got \(margin).")
        }
        if let limit, limit < 1 { throw ValidationError("--limit must be at least 1, got \(limit).") }
    }

    func run() throws {
        try output.check()
        let renderer = try EmojiRenderer()
        let characters = Array(renderer.characters.prefix(limit ?? .max))
        let pictures = try renderer.render(size: size, characters: characters, margin: margin)
        try output.write(pictures.map { ($0, nil) }, classes: [])
    }
}
