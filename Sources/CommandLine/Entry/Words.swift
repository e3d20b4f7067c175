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
    /// The command whose help is worth reading, for example `genera sample pfgmpp`.
    let command: String
    /// The preset that words or configuration name.
    let preset: String?

    /// Prepares words.
    ///
    /// - Parameter chosen: the preset of a training for which nothing names one.
    /// - Throws: `GeneraError.usage` for an unknown command or preset, `unknownFamily` for an unknown family, and errors of the
    ///   configuration file.
    init(_ given: [String], chosen: PresetChoice? = nil) throws {
        let words = Self.joiningNegativeNumbers(given)
        written = words
        let tree = CommandTree.current
        let resolved = try Self.trainingTarget(words)
        let found = try tree.command(in: resolved)
        let known = found?.name ?? resolved.first.flatMap { tree.firstWords.contains($0) ? [$0] : nil } ?? []
        command = ([ProgramName.current] + known).joined(separator: " ")
        guard let found else {
            (prepared, configuration, preset) = (resolved, nil, nil)
            return
        }
        configuration = Self.value(of: "--resume", in: found.rest) ?? Self.value(of: "--config", in: found.rest)
        var expanded = found.rest
        if let configuration {
            let file = try ConfigurationFile(configuration)
            expanded = try file.expanded(before: found.rest, of: found.type, family: found.family)
        }
        preset = Self.value(of: "--preset", in: expanded)
        prepared = found.name + (try Self.preset(preset, chosen, before: expanded, of: found.type))
    }

    /// The words with those of a preset before them.
    private static func preset(
        _ named: String?, _ chosen: PresetChoice?, before words: [String], of type: any ParsableCommand.Type
    ) throws -> [String] {
        guard let command = type as? any PresetCommand.Type, let name = named ?? chosen?.name else { return words }
        let record = try command.preset(named: name).record.without(words, OptionSchema(type))
        return record.arguments + (named == nil ? ["--preset", name] : []) + words
    }

    /// The file and line of an option that a message names, if the configuration file set it.
    func place(ofOptionIn message: String) -> String? {
        configuration.flatMap { try? ConfigurationFile($0) }?.place(ofOptionIn: message, given: written)
    }

    /// `train FILE.yaml` and `train RUN_DIRECTORY` become `train FAMILY` with an option.
    private static func trainingTarget(_ words: [String]) throws -> [String] {
        guard words.count > 1, words[0] == "train", !words[1].hasPrefix("-"), isFile(words[1]) else { return words }
        let option = FileSystem.isFolder(words[1]) ? "--resume" : "--config"
        return ["train", try ConfigurationFile(words[1]).family(), option] + words.dropFirst()
    }

    private static func isFile(_ name: String) -> Bool {
        if CurrentRegistry.value.has(name) { return false }
        // The package of a family that is not loaded, in a folder of its name.
        if FileSystem.isFolder(name), !RunDirectory(name).isRun, PluginHint.sentence(for: name) != nil { return false }
        return FileSystem.exists(name) || name.contains("/")
            || ["yaml", "yml"].contains(FileSystem.fileExtension(of: name))
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
