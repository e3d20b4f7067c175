import ArgumentParser
import Formats
import Genera

/// `genera config`.
struct ConfigGroup: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "config", abstract: "Print and check configuration files.",
            discussion: Examples.text("genera config defaults pfgmpp > train.yaml", "genera config check train.yaml"),
            subcommands: [ConfigShowCommand.self, ConfigCheckCommand.self, ConfigDefaultsCommand.self])
    }
}

/// Which command a configuration is for.
struct ConfigurationKind: ParsableArguments {
    @Flag(help: "The options of `genera sample` instead of those of `genera train`.")
    var sampling = false

    @Option(help: ArgumentHelp("The options of one of the family's own commands.", valueName: "command"))
    var verb: String?

    /// The words that name the command of a family.
    func words(_ family: String) -> [String] { verb.map { [family, $0] } ?? [sampling ? "sample" : "train", family] }

    /// The family's command.
    ///
    /// - Throws: `GeneraError` for a family that does not sample, or does not learn.
    func command(named name: String) throws -> any ParsableCommand.Type {
        guard let found = try CommandTree.current.command(in: words(name)) else {
            throw GeneraError.unavailable("There is no `\(ProgramName.current) \(words(name).joined(separator: " "))`.")
        }
        return found.type
    }

    /// All options that a file sets, and the defaults of the others.
    ///
    /// - Throws: whatever is wrong with the file, with its line.
    func record(of path: String, family name: String?) throws -> (family: String, record: OptionRecord) {
        let name = try name ?? ConfigurationFile(path).family()
        let words = try Words(words(name) + ["--config", path])
        do {
            let command = try RootCommand.parseAsRoot(words.prepared)
            guard let recording = command as? any RecordingCommand else {
                throw GeneraError.software("The command of '\(name)' cannot be recorded.")
            }
            return (name, try recording.record())
        } catch let error as GeneraError {
            throw error
        } catch {
            throw UsageError(error, words: words)
        }
    }
}

/// A command whose options make a configuration file.
protocol RecordingCommand: ParsableCommand {
    /// The options with their values.
    func record() throws -> OptionRecord
}

extension TrainCommand: RecordingCommand {}

extension SampleCommand: RecordingCommand {
    func record() throws -> OptionRecord {
        try OptionRecord(options).appending(OptionRecord(selection)).appending(OptionRecord(machine))
    }
}

/// `genera config show FILE`.
struct ConfigShowCommand: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "show", abstract: "Print a configuration with all defaults filled in.",
            discussion: Examples.text("genera config show train.yaml", "genera config show runs/first"))
    }

    @Argument(help: "A YAML file, or a run directory.", completion: .file(extensions: ["yaml", "yml"]))
    var file: String

    @Option(help: "The family, if the file does not say so.")
    var family: String?

    @OptionGroup var kind: ConfigurationKind

    func run() throws {
        let (family, record) = try kind.record(
            of: FileSystem.isFolder(file) ? RunDirectory(file).configurationFile : file, family: family)
        Console.result(bytes: Array(YAMLOptions.text([("family", .scalar(family))] + record.yaml).utf8))
    }
}

/// `genera config check FILE`.
struct ConfigCheckCommand: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "check", abstract: "Check a configuration: every key, every value.",
            discussion: Examples.text(
                "genera config check train.yaml", "genera config check draw.yaml --sampling --family pfgmpp"))
    }

    @Argument(help: "A YAML file.", completion: .file(extensions: ["yaml", "yml"]))
    var file: String

    @Option(help: "The family, if the file does not say so.")
    var family: String?

    @OptionGroup var kind: ConfigurationKind

    func run() throws {
        let (family, _) = try kind.record(of: file, family: family)
        Console.result(
            "\(file): a good configuration of `\(ProgramName.current) \(kind.words(family).joined(separator: " "))`.")
    }
}

/// `genera config defaults FAMILY`.
struct ConfigDefaultsCommand: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "defaults",
            abstract: "Print a configuration file with every option, its meaning and its default.",
            discussion: Examples.text(
                "genera config defaults pfgmpp --preset draft > train.yaml",
                "genera config defaults pfgmpp --sampling"))
    }

    @Argument(help: "The family.")
    var family: String

    @Option(help: ArgumentHelp("With what this preset of training sets.", valueName: "name"))
    var preset: String?

    @OptionGroup var kind: ConfigurationKind

    func run() throws {
        let command = try kind.command(named: family)
        let hidden = [
            "config", "resume", "output", "out", "dry-run", "force", "quiet", "verbose", "json", "trajectory", "preset",
        ]
        let sets = try PresetValues(preset, of: command)
        let rows = try OptionTable(command).rows.filter { !hidden.contains($0.key) }
        let head = ["family: \(family)", preset.map { "preset: \($0)" } ?? sets.remark].filter { !$0.isEmpty }
        Console.result((head + rows.map { Self.lines($0, sets) }).joined(separator: "\n\n"))
    }

    private static func lines(_ row: OptionTable.Row, _ sets: PresetValues) -> String {
        let help = row.help.isEmpty ? "" : "# \(row.help)\n"
        if let value = sets.values[row.key] ?? row.defaultValue {
            let line = YAMLOptions.text([(row.key, .scalar(value))]).dropLast()
            return help + (sets.open.contains(row.key) ? "# \(line)" : line)
        }
        return help + (row.isRequired ? "\(row.key):    # must be given" : "# \(row.key):")
    }
}

/// What presets of training set, for a file that is printed.
private struct PresetValues {
    /// The values of the preset that was named, by key.
    var values: [String: String] = [:]
    /// The keys that are left to the preset that will be chosen, where none was named.
    var open: Set<String> = []
    /// What a reader should know of those.
    var remark: String {
        open.isEmpty ? "" : "# Options that presets set are left open; --preset NAME prints the values of one."
    }

    init(_ name: String?, of command: any ParsableCommand.Type) throws {
        guard let family = command as? any PresetCommand.Type else {
            if name != nil { throw GeneraError.usage("--preset is for the options of `genera train`.") }
            return
        }
        let schema = try OptionSchema(command)
        func entries(_ preset: TrainingPreset) -> [(key: String, value: String)] {
            preset.record.entries.compactMap { entry in
                schema.fields.first { $0.tokens.contains(entry.token) }.map { ($0.key, entry.values.first ?? "true") }
            }
        }
        if let name {
            values = Dictionary(entries(try family.preset(named: name))) { $1 }
        } else {
            open = Set(family.presets.flatMap(entries).map(\.key))
        }
    }
}
