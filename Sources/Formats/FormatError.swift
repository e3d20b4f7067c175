import Platform

/// A file whose content is not what it should be, or content that a format cannot hold: which file, where in it, what is
/// wrong and what to do.
///
///     error.description  // "weights.safetensors: header: its length is 5 bytes; the file must have at least 8"
///
/// Functions of this module throw this type, and `FileError` where the file as a whole cannot be read or written.
public struct FormatError: KindedError, Equatable, Sendable {
    /// The path as the caller gave it, or a name for bytes that came from elsewhere.
    public var file: String
    /// A byte offset, an entry or a key; empty when the whole file is meant.
    public var place: String
    /// What was expected and what came.
    public var reason: String
    /// What the reader of the message can do; may be empty.
    public var advice: String
    /// What sort of trouble it is.
    public var kind: FailureKind

    /// Makes an error from its parts.
    public init(file: String, place: String = "", reason: String, advice: String = "", kind: FailureKind = .data) {
        self.file = file
        self.place = place
        self.reason = reason
        self.advice = advice
        self.kind = kind
    }

    /// `FILE: PLACE: reason; advice`, leaving out what is empty, on one line.
    public var description: String {
        let head = [file, place, reason].filter { !$0.isEmpty }.joined(separator: ": ")
        return Printable.line(advice.isEmpty ? head : "\(head); \(advice)")
    }
}

extension FormatError {
    /// The error of a reader that met something else than it reads.
    ///
    /// - Parameters:
    ///   - wanted: what it reads, with its article: `an NPY file`.
    ///   - place: where the bytes lie if they are not the file.
    ///   - part: what part of the bytes the reason is about.
    ///   - reason: what is wrong where the kind of the file says nothing: it is unknown, or the one that was wanted.
    init(
        _ view: ByteView, isNot wanted: String, kind own: FileKind? = nil, file: String, place: String = "",
        part: String = "", reason: String, advice: String = ""
    ) {
        let kind = FileKind(view)
        guard kind != .other, kind != own else {
            let place = [place, part].filter { !$0.isEmpty }.joined(separator: " ")
            self.init(file: file, place: place, reason: reason, advice: advice)
            return
        }
        let refusal = kind.refusal(wanted: wanted)
        self.init(file: file, place: place, reason: refusal.reason, advice: refusal.advice)
    }
}

/// Text from a file in quotes, fit for a message.
func quoted(_ text: some StringProtocol) -> String { "'\(Printable.name(text))'" }

/// The product of sizes, or nil when one is negative or the product of those that are not zero exceeds `Int`.
func elementCount(of shape: [Int]) -> Int? {
    var product = 1
    var isEmpty = false
    for size in shape {
        if size < 0 { return nil }
        if size == 0 { isEmpty = true; continue }
        let (value, overflow) = product.multipliedReportingOverflow(by: size)
        if overflow { return nil }
        product = value
    }
    return isEmpty ? 0 : product
}
