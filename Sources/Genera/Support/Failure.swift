import Formats
import Imaging
import Tensors

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

    /// The report of any error thrown in Genera or a plugin.
    public init(_ error: any Error) {
        switch error {
        case let error as GeneraError: self.init(message: error.description, exitCode: error.exitCode)
        case let error as KeyMismatch: self.init(message: error.description, exitCode: 65)
        case let error as Engine.LoadError: self.init(message: error.description, exitCode: 69)
        case let error as TensorError: self.init(message: error.description, exitCode: 70)
        case let error as FormatError: self.init(message: error.description, exitCode: Self.code(error.reason))
        case let error as ImagingError: self.init(message: error.description, exitCode: Self.code(error.reason))
        default: self.init(message: "\(error)", exitCode: 70)
        }
    }

    private static func code(_ reason: String) -> Int32 {
        if reason.contains("cannot open") || reason.contains("No such file") { return 66 }
        if reason.contains("cannot create") { return 73 }
        let writing = ["cannot write", "cannot flush", "cannot close", "cannot rename", "cannot map"]
        return writing.contains(where: reason.contains) ? 74 : 65
    }
}
