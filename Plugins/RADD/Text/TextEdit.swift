/// A text on which replacements are done one after another, each from left to right and never twice over the same letters, as
/// Python's `str.replace` and `re.sub` do.
struct TextEdit {
    private var scalars: [Unicode.Scalar]

    init(_ text: String) { scalars = Array(text.unicodeScalars) }

    /// The text as it is now.
    var text: String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars)
        return String(view)
    }

    // MARK: Looking

    func letters(_ text: String) -> ArraySlice<Unicode.Scalar> { Array(text.unicodeScalars)[...] }
    func letters(_ range: Range<Int>) -> ArraySlice<Unicode.Scalar> { scalars[range] }

    /// Whether a text stands at a place.
    func has(_ text: String, at place: Int) -> Bool {
        place <= scalars.count && scalars[place...].starts(with: text.unicodeScalars)
    }

    func isDigit(_ place: Int) -> Bool {
        place < scalars.count && (48...57).contains(scalars[place].value)
    }

    /// Whether the text ends at a place, or a line that ends it does (`$`).
    func isEnd(_ place: Int) -> Bool {
        place == scalars.count || place == scalars.count - 1 && scalars[place] == "\n"
    }

    /// Behind the letters, digits and underscores (`\w*`) from a place on.
    func wordEnd(_ place: Int) -> Int {
        var end = place
        while end < scalars.count {
            let kind = LetterClass(scalars[end])
            guard kind == .letter || kind == .number || scalars[end] == "_" else { break }
            end += 1
        }
        return end
    }

    /// Blanks as Python's `\s` knows them: White_Space, and four separators of ASCII.
    private static func isBlank(_ scalar: Unicode.Scalar) -> Bool {
        LetterClass(scalar) == .space || (0x1C...0x1F).contains(scalar.value)
    }

    // MARK: Replacing

    /// Replaces texts, one pair after another.
    mutating func replace(_ pairs: [(String, String)]) {
        for (old, new) in pairs {
            let pattern = Array(old.unicodeScalars)
            guard let first = pattern.first, scalars.count >= pattern.count else { continue }
            let new = letters(new)
            replaceMatches(beginning: first) { edit, place in
                place + pattern.count <= edit.scalars.count
                    && edit.scalars[place..<place + pattern.count].elementsEqual(pattern)
                    ? (place + pattern.count, new) : nil
            }
        }
    }

    /// Replaces what a closure finds: it is asked at each place, and gives where the match ends and what comes in its place.
    mutating func replaceMatches(
        beginning first: Unicode.Scalar? = nil,
        _ match: (TextEdit, Int) -> (end: Int, letters: ArraySlice<Unicode.Scalar>)?
    ) {
        var result: [Unicode.Scalar] = []
        var (place, copied) = (0, 0)
        while place < scalars.count {
            guard first == nil || scalars[place] == first, let found = match(self, place), found.end > place else {
                place += 1
                continue
            }
            result += scalars[copied..<place]
            result += found.letters
            (place, copied) = (found.end, found.end)
        }
        guard copied > 0 else { return }
        scalars = result + scalars[copied...]
    }

    /// Takes blanks away behind an opening sign and before the next closing one.
    mutating func trimInside(_ open: Unicode.Scalar, _ close: Unicode.Scalar) {
        var nothing = false
        replaceMatches(beginning: open) { edit, place in
            // Where no closing sign is left, none is for later ones either.
            guard !nothing, let end = edit.scalars[(place + 1)...].firstIndex(of: close) else {
                nothing = true
                return nil
            }
            let inside = edit.scalars[place + 1..<end]
            let trimmed = inside.drop(while: Self.isBlank)
            let count = trimmed.reversed().drop(while: Self.isBlank).count
            return (end + 1, ([open] + trimmed.prefix(count) + [close])[...])
        }
    }

    /// Takes one space away on either side of what stands between two signs, if both are there and something is between them
    /// that is none of the signs.
    mutating func closeUp(_ open: Unicode.Scalar, _ close: Unicode.Scalar) {
        replaceMatches(beginning: open) { edit, place in
            guard edit.has(" ", at: place + 1) else { return nil }
            let rest = edit.scalars[(place + 1)...]
            guard let end = rest.firstIndex(where: { $0 == open || $0 == close }), edit.scalars[end] == close,
                end - 1 > place + 2, edit.scalars[end - 1] == " "
            else { return nil }
            return (end + 1, ([open] + edit.scalars[place + 2..<end - 1] + [close])[...])
        }
    }

    /// Takes blanks away at both ends.
    mutating func strip() {
        let trimmed = scalars.drop(while: Self.isBlank)
        scalars = Array(trimmed.prefix(trimmed.reversed().drop(while: Self.isBlank).count))
    }

    mutating func prepend(_ text: String) { scalars.insert(contentsOf: text.unicodeScalars, at: 0) }
}
