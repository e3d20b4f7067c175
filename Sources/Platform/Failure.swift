/// An error as a program reports it: one message for people, one number for scripts.
public struct Failure: Sendable, Equatable {
    /// What happened and what to do.
    public let message: String
    /// The exit status, after sysexits.h.
    public let exitCode: Int32

    /// Makes a report.
    public init(message: String, exitCode: Int32) {
        self.message = message
        self.exitCode = exitCode
    }

    /// The report of any error: its own words, fit to be shown, and the status of its kind. An error without a kind is a fault of the
    /// program.
    public init(_ error: any Error) {
        self.init(
            message: Printable.message("\(error)"), exitCode: ((error as? any KindedError)?.kind ?? .software).exitCode)
    }
}
