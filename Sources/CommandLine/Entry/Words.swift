import ArgumentParser
import Formats
import Genera

/// The words of the command line, made ready for parsing: names are checked, so that a wrong one gets a good answer, and
/// configuration files become words.
struct Words {
    /// What is parsed.
    let prepared: [String]
    /// What the user wrote.
    let written: [String]
    /// The configuration file or run directory, if one was named.
    let configuration: String?

    /// Prepares words.
    ///
    /// - Throws: `GeneraError.usage` for an unknown command, `unknownFamily` for an unknown family, and errors of the
    ///   configuration file.
    init(_ words: [String]) throws {
        written = words
        try Self.checkCommand(words)
        let resolved = try Self.withFamily(words)
        configuration = Self.value(of: "--resume", in: resolved) ?? Self.value(of: "--config", in: resolved)
        guard let command = try Self.familyCommand(resolved) else {
            prepared = resolved
            return
        }
        let rest = Array(resolved.dropFirst(2))
        let start = try resolved.prefix(2) + Self.familyDefaults(resolved)
        guard let configuration else {
            prepared = start + rest
            return
        }
        prepared = try start + ConfigurationFile(configuration).expanded(before: rest, of: command, family: resolved[1])
    }

    /// What a family trains with unless told otherwise. Of options that occur twice the parser takes the last.
    private static func familyDefaults(_ words: [String]) throws -> [String] {
        guard words[0] == "train" else { return [] }
        return try TrainGroup.trainable(named: words[1]).trainingDefaults
    }

    /// The file and line of an option that a message names, if the configuration file set it.
    func place(ofOptionIn message: String) -> String? {
        configuration.flatMap { try? ConfigurationFile($0) }?.place(ofOptionIn: message, given: written)
    }

    /// The command whose help is worth reading, for example `genera sample pfgmpp`.
    var command: String {
        let names = prepared.prefix { !$0.hasPrefix("-") }.prefix(2)
        let known = names.enumerated().prefix { index, name in
            index == 0
                ? RootCommand.commandNames.contains(name) : CurrentRegistry.value.families.contains { $0.name == name }
        }
        return ([ProgramName.current] + known.map(\.element)).joined(separator: " ")
    }

    private static func checkCommand(_ words: [String]) throws {
        guard let command = words.first, !command.hasPrefix("-") else { return }
        let known = RootCommand.commandNames
        guard known.contains(command) || command.hasPrefix("-") else {
            let nearest = nearestName(to: command, in: known).map { " Did you mean '\($0)'?" } ?? ""
            throw GeneraError.usage("There is no command '\(command)'.\(nearest) See `\(ProgramName.current) --help`.")
        }
    }

    /// Checks the family's name. `train FILE.yaml` and `train RUN_DIRECTORY` become `train FAMILY` with an option.
    private static func withFamily(_ words: [String]) throws -> [String] {
        let commands = ["sample", "train", "evaluate", "optimise-schedule", "cite"]
        guard words.count > 1, commands.contains(words[0]), !words[1].hasPrefix("-") else { return words }
        let (command, target) = (words[0], words[1])
        if command == "train", isFile(target) {
            let option = FileSystem.isFolder(target) ? "--resume" : "--config"
            return [command, try ConfigurationFile(target).family(), option, target] + words.dropFirst(2)
        }
        if command == "train" {
            _ = try TrainGroup.trainable(named: target)
        } else {
            _ = try CurrentRegistry.value.family(named: target)
        }
        return words
    }

    private static func isFile(_ name: String) -> Bool {
        if TrainGroup.all.contains(where: { $0.name == name }) { return false }
        return FileSystem.exists(name) || name.contains("/")
            || ["yaml", "yml"].contains(FileSystem.fileExtension(of: name))
    }

    /// The command that takes a configuration file.
    private static func familyCommand(_ words: [String]) throws -> (any ParsableCommand.Type)? {
        guard words.count > 1, !words[1].hasPrefix("-") else { return nil }
        switch words[0] {
        case "train": return TrainGroup.command(of: try TrainGroup.trainable(named: words[1]))
        case "sample": return SampleGroup.command(of: try CurrentRegistry.value.sampling(named: words[1]))
        case "evaluate": return EvaluateGroup.command(of: try CurrentRegistry.value.sampling(named: words[1]))
        default: return nil
        }
    }

    private static func value(of option: String, in words: [String]) -> String? {
        for (index, word) in words.enumerated() {
            if word == "--" { return nil }
            if word == option { return index + 1 < words.count ? words[index + 1] : nil }
            if word.hasPrefix("\(option)=") { return String(word.dropFirst(option.count + 1)) }
        }
        return nil
    }
}
