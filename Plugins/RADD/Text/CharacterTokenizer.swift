import Genera

/// A token for each letter (Unicode scalar) of an alphabet.
package struct CharacterTokenizer: Tokenizer {
    /// The letters, in the order of their tokens.
    package let letters: [Unicode.Scalar]
    package let name: String
    /// The token of each ASCII letter; -1 for none.
    private let ascii: [Int32]
    private let others: [Unicode.Scalar: Int32]

    /// The most letters of an alphabet, as many as there are.
    package static let mostLetters = 0x11_0000

    package var vocabulary: Int { letters.count }
    package var end: Int32? { nil }
    /// The letters as one text, for a model's configuration.
    package var vocab: String {
        var text = String.UnicodeScalarView()
        text.append(contentsOf: letters)
        return String(text)
    }

    /// An alphabet whose letters are in the order of their tokens.
    ///
    /// - Throws: `GeneraError.usage` for fewer than two letters, or one that comes twice.
    package init(vocab: String, name: String = "characters") throws {
        try self.init(letters: Array(vocab.unicodeScalars), name: name)
    }

    /// The letters of a text, sorted by their numbers.
    ///
    /// - Throws: `GeneraError.usage` for a text of fewer than two different letters.
    package init(of text: String) throws {
        try self.init(letters: Set(text.unicodeScalars).sorted(), name: "characters")
    }

    /// - Throws: as `init(vocab:)`.
    init(letters: [Unicode.Scalar], name: String) throws {
        guard letters.count > 1 else {
            throw GeneraError.usage("An alphabet needs two different letters or more, not \(letters.count).")
        }
        var ascii = [Int32](repeating: -1, count: 128)
        var others: [Unicode.Scalar: Int32] = [:]
        for (token, letter) in letters.enumerated() {
            let place = Int(letter.value)
            guard place < 128 ? ascii[place] < 0 : others[letter] == nil else {
                throw GeneraError.usage("The letter \(letter.told) comes twice in the alphabet.")
            }
            if place < 128 { ascii[place] = Int32(token) } else { others[letter] = Int32(token) }
        }
        (self.letters, self.name, self.ascii, self.others) = (letters, name, ascii, others)
    }

    /// The token of a letter; nil for one that is not in the alphabet.
    package func token(of letter: Unicode.Scalar) -> Int32? {
        guard letter.value < 128 else { return others[letter] }
        let token = ascii[Int(letter.value)]
        return token < 0 ? nil : token
    }

    package func encode(_ text: String) throws -> [Int32] {
        var tokens: [Int32] = []
        tokens.reserveCapacity(text.utf8.count)
        for letter in text.unicodeScalars {
            guard let token = token(of: letter) else {
                throw GeneraError.usage(
                    "The letter \(letter.told) at place \(tokens.count) of the text (counted from 0) is none of the "
                        + "\(letters.count) that the model knows.")
            }
            tokens.append(token)
        }
        return tokens
    }

    package func bytes(of token: Int32) throws -> [UInt8] {
        guard letters.indices.contains(Int(token)) else { throw noToken(token) }
        return Array(String(letters[Int(token)]).utf8)
    }
}

/// The alphabet of text8: a space and the letters a to z, tokens 0 to 26 in this order.
package struct Text8Tokenizer: Tokenizer {
    private let characters: CharacterTokenizer

    package var name: String { "text8" }
    package var vocabulary: Int { characters.vocabulary }
    package var end: Int32? { nil }

    package init() {
        let letters =
            [Unicode.Scalar(UInt8(ascii: " "))] + (UInt8(ascii: "a")...UInt8(ascii: "z")).map(Unicode.Scalar.init)
        // 27 letters that differ are an alphabet.
        // swift-format-ignore: NeverUseForceTry
        characters = try! CharacterTokenizer(letters: letters, name: "text8")
    }

    package func encode(_ text: String) throws -> [Int32] { try characters.encode(text) }
    package func bytes(of token: Int32) throws -> [UInt8] { try characters.bytes(of: token) }
}

extension Tokenizer {
    /// The error for a number that is no token.
    func noToken(_ token: Int32) -> GeneraError {
        let mask = Int(token) == vocabulary ? ", it is the mask" : ""
        return .usage("\(token) is no token of '\(name)'\(mask): there are \(vocabulary), from 0 to \(vocabulary - 1).")
    }
}

extension Unicode.Scalar {
    /// The letter as messages name it: `'q' (U+0071)`, and only its number where it cannot be seen.
    var told: String {
        let digits = String(value, radix: 16, uppercase: true)
        let number = "U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
        switch properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator,
            .spaceSeparator,
            .nonspacingMark, .enclosingMark, .spacingMark:
            return number
        default: return "'\(self)' (\(number))"
        }
    }
}
