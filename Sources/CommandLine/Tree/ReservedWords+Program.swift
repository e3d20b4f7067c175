import ArgumentParser
import Genera
import Synchronization

extension ReservedWords {
    /// The words and options of this command line.
    static let ofProgram = ReservedWords(commands: Set(CommandTree.builtinWords)) { try schemas.schema(of: $0) }

    private static let schemas = ProgramSchemas()
}

/// The program's options by place. The parser takes milliseconds to list them, and each plugin's are compared with them: they
/// are listed once.
private final class ProgramSchemas: Sendable {
    private let known = Mutex<[OptionPlace: OptionSchema]>([:])

    func schema(of place: OptionPlace) throws -> OptionSchema {
        try known.withLock { known in
            if let schema = known[place] { return schema }
            let schema = try list(place)
            known[place] = schema
            return schema
        }
    }

    private func list(_ place: OptionPlace) throws -> OptionSchema {
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
