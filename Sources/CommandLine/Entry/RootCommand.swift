import ArgumentParser
import Genera

/// The program itself: `genera`.
struct RootCommand: ParsableCommand {
    static var configuration: CommandConfiguration {
        let tree = CommandTree.current
        return CommandConfiguration(
            commandName: ProgramName.current,
            abstract: "Draw from generative models, and train them.",
            discussion: Examples.text(
                ["genera sample pfgmpp --count 64 --seed 7 --out emoji.png", "genera reproduce emoji.png"]),
            version: Version.software,
            subcommands: CommandTree.builtin,
            groupedSubcommands: [
                CommandGroup(name: "Family", subcommands: tree.familyGroups),
                CommandGroup(name: "Family's own", subcommands: tree.shortCommands),
            ].filter { !$0.subcommands.isEmpty })
    }

    @OptionGroup(title: "Plugins") var options: ProgramOptions
}

/// The examples at the end of a command's help.
enum Examples {
    /// Two or more command lines of `genera` under a heading, with the name that this program has.
    static func text(_ lines: String...) -> String { text(lines) }

    /// Command lines of `genera` under a heading, with the name that this program has.
    static func text(_ lines: [String]) -> String {
        let lines = lines.map { $0.hasPrefix("genera ") ? ProgramName.current + $0.dropFirst("genera".count) : $0 }
        return "EXAMPLES:\n" + lines.map { "  \($0)" }.joined(separator: "\n")
    }
}
