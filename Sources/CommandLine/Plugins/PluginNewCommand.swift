import ArgumentParser
import Formats
import Genera
import Scaffold

/// `genera plugin new NAME`.
struct PluginNewCommand: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "new",
            abstract: "Write a package for a new family of models, ready to build, train and sample.",
            discussion: Examples.text(
                "genera plugin new moons", "genera plugin new moons --genera https://example.org/genera.git --dry-run"))
    }

    @Argument(help: "The family's name: lower-case letters, digits and hyphens.")
    var name: String

    @Option(help: ArgumentHelp("The folder to write. (default: NAME)", valueName: "folder"))
    var into: String?

    @Option(
        help: ArgumentHelp(
            "Where the package gets Genera from: a folder, or a git address with the tag of this version. (default: the folder this program was built in)",
            valueName: "folder|url"))
    var genera: String?

    @Flag(help: "Say which files would be written, but write nothing.")
    var dryRun = false

    func run() throws {
        let scaffold = try told { try Scaffold(family: name, genera: source(), version: Version.current) }
        if CurrentRegistry.value.has(name) {
            throw GeneraError.usage("This program has a model family '\(name)' already. Choose another name.")
        }
        let folder = into ?? name
        let written = try told { try scaffold.write(to: folder, dryRun: dryRun) }
        for path in written { Console.result(dryRun ? "would write \(path)" : "wrote \(path)") }
        guard !dryRun else { return }
        Console.result("\nNext:")
        for line in scaffold.nextSteps(folder: folder, program: ProgramName.current) { Console.result("  \(line)") }
    }

    /// Where the package gets Genera from.
    private func source() throws -> String {
        if let genera { return genera }
        guard let folder = Scaffold.builtIn else {
            throw GeneraError.usage(
                "The folder this program was built in is gone: say where Genera is with --genera FOLDER or --genera URL."
            )
        }
        return folder
    }

    private func told<Result>(_ body: () throws -> Result) throws -> Result {
        do { return try body() } catch let error as ScaffoldError {
            throw error.isUsage
                ? GeneraError.usage(error.description)
                : GeneraError.cannotCreate(file: error.path ?? name, reason: error.reason)
        }
    }
}
