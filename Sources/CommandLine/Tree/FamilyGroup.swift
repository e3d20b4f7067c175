import ArgumentParser
import Genera

/// `genera FAMILY`: all that a family does.
struct FamilyGroup<Family: ModelFamily>: ParsableCommand {
    static var configuration: CommandConfiguration {
        let verbs = Family.verbs.map { CommandTree.command(of: $0, family: Family.self) }
        let first = CommandTree.current.words(after: Family.self).first ?? ""
        return CommandConfiguration(
            commandName: Family.name, abstract: Family.summary,
            discussion: Examples.text(
                "genera \(Family.name) \(first) --help", "genera cite \(Family.name)"),
            subcommands: actions + verbs)
    }

    private static var actions: [any ParsableCommand.Type] {
        func sampling<F: SamplingFamily>(_ family: F.Type) -> [any ParsableCommand.Type] {
            [Under<SampleCommand<F>>.self, Under<EvaluateCommand<F>>.self]
        }
        func training<F: TrainingFamily>(_ family: F.Type) -> [any ParsableCommand.Type] {
            [Under<TrainCommand<F>>.self]
        }
        return ((Family.self as? any SamplingFamily.Type).map { sampling($0) } ?? [])
            + ((Family.self as? any TrainingFamily.Type).map { training($0) } ?? [])
    }
}

/// A command that is named after its family where it stands below `genera sample`, and after what it does below the family.
protocol FamilyCommand: ParsableCommand {
    /// What it does, in a word.
    static var action: CommandTree.Action { get }
}

extension SampleCommand: FamilyCommand { static var action: CommandTree.Action { .sample } }
extension TrainCommand: FamilyCommand { static var action: CommandTree.Action { .train } }
extension EvaluateCommand: FamilyCommand { static var action: CommandTree.Action { .evaluate } }

extension CommandTree.Action {
    /// One line for the list of what a family does.
    var summary: String {
        switch self {
        case .sample: "Draw samples from a model."
        case .train: "Train a model, or go on with a training."
        case .evaluate: "Measure drawn samples beside real ones."
        }
    }
}

/// The same command below the family's name.
struct Under<Command: FamilyCommand>: ParsableCommand {
    static var configuration: CommandConfiguration {
        var configuration = Command.configuration
        configuration.commandName = Command.action.rawValue
        configuration.abstract = Command.action.summary
        return configuration
    }

    @OptionGroup var command: Command

    func run() throws {
        var command = command
        try command.run()
    }
}
