import ArgumentParser
import Scaffold

// What `swift package new-family` runs. `genera plugin new` does the same for people who have the program.
struct ScaffoldTool: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "new-family", abstract: "Write a package for a new family of models.",
        usage: "swift package --allow-writing-to-package-directory new-family NAME [--into FOLDER] [--dry-run]")

    @Argument(help: "The family's name: lower-case letters, digits and hyphens.")
    var name: String

    @Option(help: ArgumentHelp("The folder to write. (default: NAME in this package's folder)", valueName: "folder"))
    var into: String?

    @Option(help: ArgumentHelp("Where the new package gets Genera from.", valueName: "folder|url"))
    var genera: String?

    @Option(help: ArgumentHelp("The tag to ask for at a git address.", valueName: "version"))
    var version: String?

    @Flag(help: "Say which files would be written, but write nothing.")
    var dryRun = false

    func run() throws {
        do {
            guard let source = genera ?? Scaffold.builtIn else {
                throw ScaffoldError(reason: "Say where Genera is with --genera.", path: nil)
            }
            let scaffold = try Scaffold(family: name, genera: source, version: version ?? Scaffold.version)
            let folder = into ?? name
            for path in try scaffold.write(to: folder, dryRun: dryRun) {
                print(dryRun ? "would write \(path)" : "wrote \(path)")
            }
            guard !dryRun else { return }
            print("\nNext:")
            for line in scaffold.nextSteps(folder: folder, program: "genera") { print("  \(line)") }
        } catch let error as ScaffoldError {
            throw ValidationError(error.description)
        }
    }
}

ScaffoldTool.main()
