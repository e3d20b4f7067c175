import Formats
import Imaging
import Metrics
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
        case let error as MetricError: self.init(message: error.description, exitCode: 65)
        case let error as KeyMismatch: self.init(message: error.description, exitCode: 65)
        case let error as Engine.LoadError: self.init(message: error.description, exitCode: 69)
        case let error as TensorError: self.init(message: error.description, exitCode: 70)
        case let error as FormatError: self.init(message: error.description, exitCode: Self.code(error.reason))
        case let error as ImagingError: self.init(message: error.description, exitCode: Self.code(error.reason))
        case let error as any ReportedError: self.init(message: "\(error)", exitCode: error.exitCode)
        default: self.init(message: "\(error)", exitCode: 70)
        }
    }

    /// The code of a file's trouble, told by the words its reason begins with.
    private static func code(_ reason: String) -> Int32 {
        let begins: [(words: [String], code: Int32)] = [
            (["cannot create", "cannot be written", "is not a regular file"], 73),
            (["cannot write", "cannot flush", "cannot close", "cannot rename", "cannot map"], 74),
            (["cannot be flushed", "cannot be put in place"], 74),
            (["cannot open", "cannot be read", "No such file"], 66),
        ]
        return begins.first { $0.words.contains(where: reason.contains) }?.code ?? 65
    }
}

/// An error of a family's own that knows how a program should end with it.
public protocol ReportedError: Error, CustomStringConvertible {
    /// The exit status, 64 to 78 as in sysexits.h.
    var exitCode: Int32 { get }
}
