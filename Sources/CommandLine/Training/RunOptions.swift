import ArgumentParser
import Genera

/// Where a training run lives.
struct RunOptions: ParsableArguments {
    @Option(
        name: [.customLong("output"), .customLong("out"), .customShort("o")],
        help: ArgumentHelp("The run directory, made anew. (default: the next free runs/FAMILY-N)", valueName: "folder"))
    var output: String?

    @Option(help: ArgumentHelp("Go on with the run in this folder.", valueName: "folder"))
    var resume: String?

    @Option(
        help: ArgumentHelp(
            "Choices by what they are for: see above. (default: by the data and the machine)", valueName: "name"))
    var preset: String?

    @Option(help: ArgumentHelp("Threads that one operation may use, on each worker.", valueName: "n"))
    var threads = 1

    @Flag(help: "Check everything and say what would be trained, but train nothing.")
    var dryRun = false

    func validate() throws {
        guard (1...1024).contains(threads) else {
            throw ValidationError("--threads must be from 1 to 1,024, got \(threads).")
        }
        if resume != nil, output != nil { throw ValidationError("--resume and --output exclude each other.") }
    }

    /// The run directory.
    ///
    /// - Throws: `GeneraError.cannotCreate` for a new run in a folder that holds one or cannot be written.
    func folder(family: String) throws -> String {
        if let resume { return RunDirectory(resume).path }
        guard let output else { return Self.free(family) }
        let path = RunDirectory(output).path
        guard !RunDirectory(path).isRun else {
            throw GeneraError.cannotCreate(
                file: path,
                reason: "already holds a run. Go on with `\(ProgramName.command("train \(Text.shellWord(path))"))`, "
                    + "or choose another --output."
            )
        }
        if FileSystem.exists(path), !FileSystem.isFolder(path) {
            throw GeneraError.cannotCreate(file: path, reason: "is a file; a folder was expected.")
        }
        return path
    }

    private static func free(_ family: String) -> String {
        var number = 1
        while FileSystem.exists("runs/\(family)-\(number)") { number += 1 }
        return "runs/\(family)-\(number)"
    }
}
