import ArgumentParser
import Genera

/// The program itself: `genera`.
struct RootCommand: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "genera",
            abstract: "Draw from generative models, and train them.",
            discussion: Examples.text(
                "genera sample pfgmpp --count 64 --seed 7 --out emoji.png",
                "genera reproduce emoji.png"),
            version: Version.software,
            subcommands: [
                ListCommand.self, SampleGroup.self, TrainGroup.self, ReproduceCommand.self, OptimiseScheduleGroup.self,
                InspectCommand.self, ConvertCommand.self, DataGroup.self, ConfigGroup.self, DoctorCommand.self,
                CiteCommand.self,
            ])
    }

    /// The words that may come first.
    static var commandNames: [String] {
        configuration.subcommands.compactMap { $0.configuration.commandName } + ["help"]
    }
}

/// The examples at the end of a command's help.
enum Examples {
    /// Two or more command lines under a heading.
    static func text(_ lines: String...) -> String {
        "EXAMPLES:\n" + lines.map { "  \($0)" }.joined(separator: "\n")
    }
}
