#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Trouble with a file or folder as a whole: which one, what could not be done, the system's reason, and what to do.
///
///     error.description  // "runs/a.png: cannot write: No space left on device; free some space or choose another folder"
///
/// What is wrong *inside* a file is told by the errors of its readers, such as `FormatError`.
public struct FileError: KindedError, Equatable, Sendable {
    /// The path as the caller gave it.
    public var file: String
    /// What was expected and what came.
    public var reason: String
    /// What the reader of the message can do; may be empty.
    public var advice: String
    /// What sort of trouble it is.
    public var kind: FailureKind

    /// Makes an error from its parts.
    public init(file: String, reason: String, advice: String = "", kind: FailureKind) {
        self.file = file
        self.reason = reason
        self.advice = advice
        self.kind = kind
    }

    /// Something that the system refused: `cannot ACTION: the system's reason`.
    ///
    /// - Parameter code: the system's number; `errno` right after the call that failed.
    package init(file: String, cannot action: String, _ code: Int32 = errno, kind: FailureKind) {
        self.init(
            file: file, reason: "cannot \(action): \(String(cString: strerror(code)))",
            advice: Self.advice(code, kind), kind: kind)
    }

    private static func advice(_ code: Int32, _ kind: FailureKind) -> String {
        switch (code, kind) {
        case (ENOENT, .noInput): "check the path"
        case (_, .noInput): "check the permissions"
        case (ENOENT, _): "make the folder first"
        case (ENOSPC, _), (EDQUOT, _): "free some space or choose another folder"
        case (EACCES, _), (EPERM, _), (EROFS, _): "choose a folder that you may write to"
        case (EFBIG, _): "raise the limit on the size of files (`ulimit -f`) or write less"
        default: ""
        }
    }

    /// `FILE: reason; advice`, without advice where there is none.
    public var description: String { Printable.line("\(file): \(reason)" + (advice.isEmpty ? "" : "; \(advice)")) }
}
