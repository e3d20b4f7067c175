import ArgumentParser
import Genera

extension ReservedWords {
    /// The words and options of this command line.
    static let ofProgram = ReservedWords(commands: Set(CommandTree.builtinWords)) { place in
        func schema(_ types: any ParsableArguments.Type...) throws -> OptionSchema {
            try types.reduce(OptionSchema(fields: [])) { try $0 + OptionSchema($1) }
        }
        let talk = try schema(TalkOptions.self, ConfigurationOption.self)
        return switch place {
        case .sample:
            try talk + schema(SelectionOptions.self, PictureOptions.self, MachineOptions.self)
        case .evaluate:
            try talk + schema(SourceOptions.self, MeasuringOptions.self, ReportOptions.self, MachineOptions.self)
        case .train: try talk + schema(TrainingSettings.self, RunOptions.self)
        case .verb: talk
        }
    }
}
