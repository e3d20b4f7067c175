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

    /// `FILE: PLACE: reason; advice`, leaving out what is empty.
    public var description: String {
        let head = [file, place, reason].filter { !$0.isEmpty }.joined(separator: ": ")
        return advice.isEmpty ? head : "\(head); \(advice)"
    }
}

/// Text from a file in quotes, cut at 80 characters and with control characters escaped, fit for a message.
func quoted(_ text: some StringProtocol) -> String {
    var result = "'"
    for scalar in text.unicodeScalars.prefix(80) {
        switch scalar.value {
        case 0..<32, 127..<160, 0x2028...0x202E: result += "\\u{" + String(scalar.value, radix: 16) + "}"
        default: result.unicodeScalars.append(scalar)
        }
    }
    return result + (text.unicodeScalars.count > 80 ? "...'" : "'")
}

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
