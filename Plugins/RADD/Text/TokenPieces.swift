/// The text that each of some tokens brings: the pieces, joined, are the text of all of them.
///
/// A letter of several bytes that is spread over tokens belongs to the token that completes it. Bytes that make no letter become
/// U+FFFD, as in `Tokenizer.decode`.
package struct TokenPieces: Sendable {
    private let tokenizer: any Tokenizer
    /// What is written for the mask, and for other numbers that are no token.
    private let standIn: String
    /// The beginning of a letter.
    private var waiting: [UInt8] = []

    /// Pieces of a text from its beginning on.
    package init(_ tokenizer: any Tokenizer, standIn: String) {
        (self.tokenizer, self.standIn) = (tokenizer, standIn)
    }

    /// The pieces of a whole text, one a token; some may be empty.
    package static func of(_ tokens: [Int32], _ tokenizer: any Tokenizer, standIn: String) -> [String] {
        var pieces = TokenPieces(tokenizer, standIn: standIn)
        var texts = tokens.map { pieces.next($0) }
        if let last = texts.indices.last { texts[last] += pieces.rest() }
        return texts
    }

    /// The piece of the next token.
    package mutating func next(_ token: Int32) -> String {
        guard let bytes = try? tokenizer.bytes(of: token) else { return rest() + standIn }
        waiting += bytes
        let ready = waiting.count - Self.begun(waiting)
        let text = String(decoding: waiting[..<ready], as: UTF8.self)
        waiting.removeFirst(ready)
        return text
    }

    /// What is left of a letter that no token completes.
    package mutating func rest() -> String {
        defer { waiting = [] }
        return waiting.isEmpty ? "" : String(decoding: waiting, as: UTF8.self)
    }

    /// How many bytes at the end begin a letter that more bytes could complete.
    private static func begun(_ bytes: [UInt8]) -> Int {
        for count in 1...3 where count <= bytes.count {
            let first = bytes[bytes.count - count]
            if first & 0xC0 == 0x80 { continue }
            guard first >= 0xC2, first <= 0xF4 else { return 0 }
            let length = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
            guard count < length else { return 0 }
            // Some seconds make no letter whatever follows: it can be completed if some bytes do.
            let begin = bytes.suffix(count)
            let isOpen = [UInt8(0x80), 0x9F, 0xA0, 0xBF].contains { filler in
                let whole = Array(begin) + Array(repeating: filler, count: length - count)
                return whole.withUnsafeBytes { UTF8Check.letter($0, 0) } == length
            }
            return isOpen ? count : 0
        }
        return 0
    }
}
