/// Text from files and other strangers, made fit to be shown on a terminal.
///
///     Printable.line("a\u{1B}[31m\nb")  // a\u{1B}[31m\u{A}b
///
/// Control characters, those that turn the direction of writing and those that end lines in disguise are written as
/// escapes; what is longer than anybody reads is shortened. Everything that is shown passes here once more at the end
/// (`Failure`, the program's streams), so that no reader can forget it.
package enum Printable {
    /// Characters of a name that are shown.
    package static let nameLimit = 120
    /// Characters of a message that are shown.
    package static let messageLimit = 2000
    /// Bytes of the longest name that a file can have. A longer word comes from inside a file.
    private static let wordLimit = 255

    /// One line: line breaks are escaped too. Longer text is cut in its middle.
    package static func line(_ text: some StringProtocol, limit: Int = messageLimit) -> String {
        shortened(escaped(text, keeping: []), limit)
    }

    /// A name from a file: one line of at most 120 characters.
    package static func name(_ text: some StringProtocol) -> String { line(text, limit: nameLimit) }

    /// Text of one line or several, of any length, whose words are no longer than a file's name.
    package static func text(_ text: some StringProtocol) -> String {
        let clean = escaped(text, keeping: ["\n", "\t"])
        guard clean.utf8.count > wordLimit else { return clean }
        let words = clean.split(omittingEmptySubsequences: false) { " \n\t/,:;\"".contains($0) }
        guard words.contains(where: { $0.utf8.count > wordLimit }) else { return clean }
        var result = ""
        for word in words {
            result += word.utf8.count > wordLimit ? shortened(String(word), nameLimit) : String(word)
            if word.endIndex < clean.endIndex { result.append(clean[word.endIndex]) }
        }
        return result
    }

    /// A message: as `text`, and at most 2,000 characters.
    package static func message(_ text: some StringProtocol) -> String { shortened(self.text(text), messageLimit) }

    /// The text with an ellipsis in place of its middle, if it is longer than so many characters.
    private static func shortened(_ text: String, _ limit: Int) -> String {
        guard text.utf8.count > limit, text.unicodeScalars.count > limit else { return text }
        // Scalars, not characters: a character may be made of any number of marks.
        let scalars = text.unicodeScalars
        let tail = limit / 3
        return String(scalars.prefix(limit - tail - 1)) + "…" + String(scalars.suffix(tail))
    }

    private static func escaped(_ text: some StringProtocol, keeping kept: Set<Unicode.Scalar>) -> String {
        // Nearly all text is plain, and is not copied letter by letter.
        guard text.unicodeScalars.contains(where: { isUnfit($0) && !kept.contains($0) }) else { return String(text) }
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if isUnfit(scalar), !kept.contains(scalar) {
                let digits = String(scalar.value, radix: 16, uppercase: true)
                result.append(contentsOf: "\\u{\(digits)}".unicodeScalars)
            } else {
                result.append(scalar)
            }
        }
        return String(result)
    }

    /// Controls (C0, C1), separators of lines and paragraphs, and marks of direction.
    private static func isUnfit(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F..<0xA0, 0x061C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069: true
        default: false
        }
    }
}
