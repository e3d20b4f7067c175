import ArgumentParser
import Genera

/// `genera data`.
struct DataGroup: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "data", abstract: "Make data sets from installed fonts, and look into others.",
            discussion: Examples.text(
                "genera data emoji --size 32 --out emoji.zip", "genera data inspect emoji.zip --preview emoji.png"),
            subcommands: [EmojiCommand.self, GlyphsCommand.self, DataInspectCommand.self])
    }
}

/// Where a data set is written.
struct DataOutput: ParsableArguments {
    @Option(name: .shortAndLong, help: ArgumentHelp("The zip archive to write.", valueName: "file.zip"))
    var out: String

    @Flag(help: "Replace what is there.")
    var force = false

    @OptionGroup(title: "Talk") var talk: TalkOptions

    func validate() throws {
        guard FileSystem.fileExtension(of: out) == "zip" else {
            throw ValidationError("--out takes the name of a zip archive, got '\(out)'.")
        }
    }

    /// Refuses what is there.
    func check() throws { try FileSystem.requireWritable(out, force: force) }

    /// Writes pictures and their classes, and says so.
    func write(_ pictures: [PictureArchive.Entry], classes: [String]) throws {
        try PictureArchive.write(pictures, classes: classes, to: out)
        talk.print(
            ["\(out): \(pictures.count.grouped) pictures"],
            json: .object([
                ("file", .text(out)), ("pictures", .integer(pictures.count)),
                ("classes", .list(classes.map { .text($0) })),
            ]))
    }
}
