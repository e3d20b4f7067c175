import ArgumentParser
import Formats
import Genera
import Synchronization

/// Which plugins are loaded. The parser shows these options in the help; they are taken out of the words before it starts,
/// wherever they stand, because the plugins' families are commands themselves.
struct ProgramOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Load the model families of a shared library. Goes before the command; may be repeated.", valueName: "path")
    )
    var plugin: [String] = []

    @Flag(help: "Load plugins also from files and folders that other users can write to.")
    var trust = false

    /// The options of this run.
    static var current: ProgramOptions {
        get { state.withLock { $0 } }
        set { state.withLock { $0 = newValue } }
    }
    private static let state = Mutex(try! ProgramOptions.parse([]))

    /// Commands that must work whatever state plugins are in.
    private static let withoutPlugins: Set<String> = ["plugin", "doctor", "--version"]

    /// The options among some words, and the other words.
    ///
    /// - Throws: `GeneraError.usage` for `--plugin` without a path.
    static func split(_ words: [String]) throws -> (options: ProgramOptions, rest: [String]) {
        var found: [String] = []
        var rest: [String] = []
        var words = words[...]
        while let word = words.popFirst(), word != "--" {
            if word == "--trust" || word.hasPrefix("--plugin=") {
                found.append(word)
            } else if word == "--plugin" {
                guard let path = words.popFirst(), !path.hasPrefix("-") else {
                    throw GeneraError.usage(
                        "--plugin needs the path of a shared library. See `\(ProgramName.current) --help`.")
                }
                found += [word, path]
            } else {
                rest.append(word)
            }
            if words.first == "--" {
                rest += words
                break
            }
        }
        return (try ProgramOptions.parse(found), rest)
    }

    /// Adds the families of the plugins that were named, and of those in the usual places. The latter are passed over with
    /// a warning where something is wrong with them.
    ///
    /// - Throws: `PluginError` of a plugin that was named.
    func load(into registry: inout Registry, before command: String?) throws {
        let loader = PluginLoader(trustsAll: trust)
        for path in plugin { try loader.load(path, into: &registry) }
        if let command, Self.withoutPlugins.contains(command) { return }
        for problem in PluginFolders.standard.load(with: loader, into: &registry) {
            Console.error("\(ProgramName.current): warning: plugin not loaded: \(problem)")
        }
    }
}
