import Genera

/// Cuts text into tokens and puts it together again.
package protocol Tokenizer: Sendable {
    /// `gpt2`, `characters` or `text8`, as a model's configuration has it.
    var name: String { get }

    /// How many tokens there are, V; the mask is none of them.
    var vocabulary: Int { get }

    /// The token that ends a text, where there is one.
    var end: Int32? { get }

    /// Cuts a text into tokens. Decoding gives the text again, to the byte.
    ///
    /// - Throws: `GeneraError.usage` for a letter that has no token, with the letter and where it is.
    func encode(_ text: String) throws -> [Int32]

    /// The bytes of UTF-8 that a token stands for; a letter may be spread over several tokens.
    ///
    /// - Throws: `GeneraError.usage` for a number that is no token.
    func bytes(of token: Int32) throws -> [UInt8]
}

extension Tokenizer {
    /// The text of some tokens; bytes that are no UTF-8 become U+FFFD.
    ///
    /// - Throws: `GeneraError.usage` for a number that is no token, among them the mask.
    package func decode(_ tokens: some Sequence<Int32>) throws -> String {
        String(decoding: try tokens.flatMap(bytes), as: UTF8.self)
    }
}
