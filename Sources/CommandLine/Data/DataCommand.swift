import ArgumentParser
import Genera

/// `genera data`.
struct DataGroup: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "data", abstract: "Make data sets of pictures, and look into data sets.",
            discussion: Examples.text(
                "genera data inspect photographs", "genera data pack photographs --size 32 --out photographs.zip"),
            subcommands: [DataInspectCommand.self, DataPackCommand.self, EmojiCommand.self, GlyphsCommand.self])
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
        say(count: pictures.count, classes: classes)
    }

    /// Says what was written.
    func say(count: Int, classes: [String]) {
        talk.print(
            ["\(out): \(count.grouped) pictures"],
            json: .object([
                ("file", .text(out)), ("pictures", .integer(count)), ("classes", .list(classes.map { .text($0) })),
            ]))
    }
}
