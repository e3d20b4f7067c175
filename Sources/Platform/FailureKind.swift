/// What sort of trouble an error tells of. It decides how a program ends.
public enum FailureKind: Sendable, Hashable, CaseIterable {
    /// Words on the command line or in a configuration that make no sense.
    case usage
    /// The content of a file, or numbers that were handed over, are not what they should be.
    case data
    /// A file that is not there or cannot be read.
    case noInput
    /// Something that this build or machine lacks.
    case unavailable
    /// A broken promise inside the program or a plugin.
    case software
    /// A file or folder that cannot be made.
    case cannotCreate
    /// Reading or writing failed on the way.
    case inputOutput
    /// Something that others could have tampered with, so that it is not used.
    case notPermitted
    /// The user stopped the work.
    case interrupted

    /// The exit status of a program that ends with such an error, after sysexits.h; 130 where the user stopped it.
    public var exitCode: Int32 {
        switch self {
        case .usage: 64
        case .data: 65
        case .noInput: 66
        case .unavailable: 69
        case .software: 70
        case .cannotCreate: 73
        case .inputOutput: 74
        case .notPermitted: 77
        case .interrupted: 130
        }
    }
}

/// An error that says of what kind it is, so that a program knows how to end with it.
///
/// Every error of Genera is one, and a family's own errors should be:
///
///     struct SceneError: KindedError {
///         let description: String
///         let kind = FailureKind.data
///     }
public protocol KindedError: Error, CustomStringConvertible {
    /// What sort of trouble it is.
    var kind: FailureKind { get }
}

extension KindedError {
    /// The exit status of a program that ends with this error.
    public var exitCode: Int32 { kind.exitCode }
}
