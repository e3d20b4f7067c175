/// What kind of letter a Unicode scalar is, as far as GPT-2's pattern tells them apart.
enum LetterClass: UInt8 {
    /// Of none of the other kinds: signs, marks, controls.
    case other
    /// `\p{L}`.
    case letter
    /// `\p{N}`.
    case number
    /// White_Space.
    case space

    /// The kind of a letter.
    init(_ scalar: Unicode.Scalar) {
        let value = Int(scalar.value)
        self = value < 0x1_0000 ? Self.plane[value] : Self.told(scalar)
    }

    /// The kinds of the first 65,536 numbers, made when first asked for.
    static let plane: [LetterClass] = (0..<UInt32(0x1_0000)).map { Unicode.Scalar($0).map(told) ?? .other }

    private static func told(_ scalar: Unicode.Scalar) -> LetterClass {
        let properties = scalar.properties
        switch properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: return .letter
        case .decimalNumber, .letterNumber, .otherNumber: return .number
        default: return properties.isWhitespace ? .space : .other
        }
    }
}
