import ArgumentParser
import Genera

/// The whole command line, for programs that bring families of their own.
///
///     import CommandLine
///     import Genera
///
///     GeneraMain.run(families: builtinFamilies + [MyFamily.self])
///
/// Such a program has every command of `genera`, and its families look like all others.
public enum GeneraMain {
    /// Does what the words ask for and ends the program with the status that belongs to it.
    ///
    /// - Parameters:
    ///   - families: what can be sampled and trained.
    ///   - arguments: the words after the program's name; nil for those the program was started with.
    ///   - name: what help and messages call the program; nil for the name of its file.
    public static func run(
        families: [any ModelFamily.Type] = builtinFamilies, arguments: [String]? = nil, name: String? = nil
    ) -> Never {
        let words = Swift.CommandLine.arguments
        ProgramName.set(name ?? words.first.map(FileSystem.name) ?? "genera")
        ThisProcess.exit(status(families: families, arguments: arguments ?? Array(words.dropFirst())))
    }

    /// Does what the words ask for; what came of it, after sysexits.h.
    static func status(families: [any ModelFamily.Type], arguments: [String]) -> Int32 {
        ThisProcess.prepare()
        do {
            let (options, rest) = try ProgramOptions.split(arguments)
            ProgramOptions.current = options
            var registry = Registry(reserved: .ofProgram)
            let own = Set(builtinFamilies.map { ObjectIdentifier($0) })
            for family in families {
                try registry.register(family, isKnownGood: own.contains(ObjectIdentifier(family)))
            }
            CurrentRegistry.set(registry)
            try options.load(into: &registry, before: rest.first)
            CurrentRegistry.set(registry)
            let words = try Words(rest)
            var command = try parse(words)
            try command.run()
            return Report.ofResults()
        } catch {
            return Report.status(of: error)
        }
    }

    /// The command that words name. A training without a preset is given the one that its data and the machine ask for.
    private static func parse(_ words: Words) throws -> any ParsableCommand {
        let command = try parsed(words)
        guard words.preset == nil, let training = command as? any PresetCommand, let choice = try training.choice()
        else { return command }
        training.tell(choice)
        return try parsed(Words(words.written, chosen: choice))
    }

    private static func parsed(_ words: Words) throws -> any ParsableCommand {
        do {
            return try RootCommand.parseAsRoot(words.prepared)
        } catch {
            if RootCommand.exitCode(for: error).isSuccess { throw error }
            throw UsageError(error, words: words)
        }
    }
}

/// What the launcher calls.
///
/// - Returns: the program's exit status.
@_cdecl("genera_main")
public func generaMain(
    _ count: Int32, _ words: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> Int32 {
    let arguments = (1..<max(Int(count), 1)).compactMap { index in words?[index].map { String(cString: $0) } }
    let status = GeneraMain.status(families: builtinFamilies, arguments: arguments)
    ThisProcess.exit(status)
}
