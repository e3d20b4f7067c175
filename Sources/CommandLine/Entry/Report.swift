import ArgumentParser
import Genera

/// Ends of runs in words: one sentence on standard error, and a status after sysexits.h.
enum Report {
    /// Tells an error and gives the exit status. Requests for help and versions come here too, as the parser throws them.
    static func status(of error: any Error) -> Int32 {
        if RootCommand.exitCode(for: error).isSuccess {
            let text = RootCommand.fullMessage(for: error)
            if !text.isEmpty { Console.result(text) }
            return ofResults()
        }
        switch error {
        case let code as ExitCode: return Console.lostResults.map { status(of: $0) } ?? code.rawValue
        case let error as GeneraError: return tell(message(of: error), exitCode(of: error.kind))
        case let error as ValidationError: return tell(error.message, FailureKind.usage.exitCode)
        default:
            let failure = Failure(error)
            return tell(failure.message, failure.exitCode)
        }
    }

    /// The status of a kind; of work that was stopped, that of the signal.
    private static func exitCode(of kind: FailureKind) -> Int32 {
        kind == .interrupted ? StopSignals.status : kind.exitCode
    }

    /// Success, unless some of the results could not be written.
    static func ofResults() -> Int32 { Console.lostResults.map { status(of: $0) } ?? 0 }

    /// The error's words; for a family that is not known, also where its plugin may be.
    private static func message(of error: GeneraError) -> String {
        guard case let .unknownFamily(name, _, _) = error, let hint = PluginHint.sentence(for: name) else {
            return error.description
        }
        return "\(error) \(hint)"
    }

    private static func tell(_ message: String, _ status: Int32) -> Int32 {
        Console.error("\(ProgramName.current): \(message)")
        return status
    }
}
