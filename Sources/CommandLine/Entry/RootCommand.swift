import ArgumentParser
import Genera

/// The program itself: `genera`.
struct RootCommand: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: ProgramName.current,
            abstract: "Draw from generative models, and train them.",
            discussion: Examples.text(
                "genera sample pfgmpp --count 64 --seed 7 --out emoji.png",
                "genera reproduce emoji.png"),
            version: Version.software,
            subcommands: [
                ListCommand.self, SampleGroup.self, TrainGroup.self, EvaluateGroup.self, ReproduceCommand.self,
                OptimiseScheduleGroup.self, InspectCommand.self, ConvertCommand.self, DataGroup.self,
                ConfigGroup.self, PluginGroup.self, DoctorCommand.self,
                CiteCommand.self,
            ])
    }

    @OptionGroup(title: "Plugins") var options: ProgramOptions

    /// The words that may come first.
    static var commandNames: [String] {
        configuration.subcommands.compactMap { $0.configuration.commandName } + ["help"]
    }
}

/// The examples at the end of a command's help.
enum Examples {
    /// Two or more command lines of `genera` under a heading, with the name that this program has.
    static func text(_ lines: String...) -> String {
        let lines = lines.map { $0.hasPrefix("genera ") ? ProgramName.current + $0.dropFirst("genera".count) : $0 }
        return "EXAMPLES:\n" + lines.map { "  \($0)" }.joined(separator: "\n")
    }
}
