import ArgumentParser
import Imaging

/// `genera data emoji`.
struct EmojiCommand: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "emoji", abstract: "Draw the colour emoji of the font Noto Color Emoji: about 1,400 pictures.",
            discussion: Examples.text("genera data emoji --size 32 --out emoji.zip", "genera data emoji --size 64 --margin 0.05 --out emoji64.zip"))
    }

    @Option(help: ArgumentHelp("Pixels a side.", valueName: "n"))
    var size = 32

    @Option(help: ArgumentHelp("The part of the side that stays free at each edge.", valueName: "ratio"))
    var margin = 0.0

    @OptionGroup(title: "Output") var output: DataOutput

    func validate() throws {
        guard (4...512).contains(size) else { throw ValidationError("--size must be from 4 to 512, got \(size).") }
        guard (0..<0.5).contains(margin) else { throw ValidationError("--margin must be at least 0 and below 0.5, got \(margin).") }
    }

    func run() throws {
        try output.check()
        let pictures = try EmojiRenderer().render(size: size, margin: margin)
        try output.write(pictures.map { ($0, nil) }, classes: [])
    }
}
