import ArgumentParser
import Formats
import Genera

/// Options from a YAML file, turned into words that stand before those of the command line.
struct ConfigurationFile {
    /// Keys that a file may have beside the options: which family it is for, which Genera wrote it, and where.
    private static let reserved = ["family", "genera", StartFolder.key]

    /// Options that a file cannot set: they say where files are, not what is done.
    private static let excluded = ["config", "resume", "help", "version"]

    private let options: YAMLOptions

    /// Reads a file, or the one of a run directory.
    ///
    /// - Throws: `FormatError` with the line of what is wrong, `GeneraError.noInput` for a folder without a run.
    init(_ path: String) throws {
        options = FileSystem.isFolder(path) ? try RunDirectory(path).configuration() : try YAMLOptions(path: path)
    }

    /// The family that the file is for.
    ///
    /// - Throws: `FormatError` if it does not say so.
    func family() throws -> String {
        if let name = options["family"]?.text { return name }
        throw FormatError(
            file: options.file, reason: "it does not say which family it is for",
            advice: "add a line such as 'family: pfgmpp'")
    }

    /// The words with those of the file before them. Options given in words win over the file's.
    ///
    /// - Throws: `FormatError` with the line of an unknown key or a value of the wrong kind, or if the file is for another
    ///   family.
    func expanded(before words: [String], of command: any ParsableArguments.Type, family: String) throws -> [String] {
        let whole = try OptionSchema(command)
        try options.check(known: whole.keys.filter { !Self.excluded.contains($0) } + Self.reserved)
        try requireFamily(family)
        let record = try foundPaths(in: OptionRecord(options, schema: whole, ignoring: Self.reserved), of: command)
        return record.without(words, whole).arguments + words
    }

    /// The record with paths that lead from where the run was begun, if that is not here and they lead to nothing here.
    private func foundPaths(in record: OptionRecord, of command: any ParsableArguments.Type) throws -> OptionRecord {
        guard let start = StartFolder(of: options, in: FileSystem.parent(of: options.file)) else { return record }
        // What is one of a few words is no path, though there may be a folder of that name.
        let words = Set(try OptionTable(command).rows.filter(\.hasChoices).map(\.key))
        let entries = record.entries.map { entry in
            words.contains(entry.key) ? entry : .init(token: entry.token, values: entry.values.map(start.found))
        }
        return OptionRecord(entries: entries)
    }

    private func requireFamily(_ family: String) throws {
        guard let named = options.entries.first(where: { $0.key == "family" }), named.value.text != family else {
            return
        }
        throw FormatError(
            file: options.file, place: "line \(named.line)",
            reason: "this configuration is for '\(named.value.text ?? "")', not for '\(family)'")
    }

    /// The file and line that set an option named in a message, where the words given have not set it.
    func place(ofOptionIn message: String, given words: [String]) -> String? {
        let named = message.split { !($0.isLetter || $0.isNumber || $0 == "-") }.filter { $0.hasPrefix("--") }
        let entry = options.entries.first { entry in
            named.contains("--\(entry.key)")
                && !words.contains { $0 == "--\(entry.key)" || $0.hasPrefix("--\(entry.key)=") }
        }
        return entry.map { "\(options.file): line \($0.line)" }
    }
}
