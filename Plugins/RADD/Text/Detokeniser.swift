/// Undoes what the authors of a data set did to its text, as the reference does before it measures perplexities.
package enum Detokeniser: String, CaseIterable, Sendable {
    /// Text as it is.
    case none
    /// WikiText: ` @-@ `, spaces before punctuation, blanks inside brackets and quotes.
    case wikitext
    /// Penn Treebank: `n't`, `N`, `<unk>`.
    case ptb
    /// One Billion Words: spaces before punctuation and inside quotes.
    case lm1b
    /// LAMBADA: quotation marks, blanks around, a new line before.
    case lambada

    /// The text as it may have been.
    package func callAsFunction(_ text: String) -> String {
        guard self != .none else { return text }
        var edit = TextEdit(text)
        switch self {
        case .none: break
        case .wikitext: Self.undoWikiText(&edit)
        case .ptb: Self.undoPTB(&edit)
        case .lm1b: Self.undoLM1B(&edit)
        case .lambada:
            edit.replace([("\u{201C}", "\""), ("\u{201D}", "\"")])
            edit.strip()
            edit.prepend("\n")
        }
        return edit.text
    }

    private static func undoWikiText(_ edit: inout TextEdit) {
        edit.replace([("s '", "s'")])
        // The reference's pattern has slashes that were meant to stand around it.
        edit.replaceMatches { edit, place in
            guard edit.has("/' ", at: place), edit.isDigit(place + 3), edit.has("/", at: place + 4) else { return nil }
            return (place + 5, edit.letters("/'[0-9]/"))
        }
        edit.replace([(" @-@ ", "-"), (" @,@ ", ","), (" @.@ ", ".")])
        edit.replace(":;.!?,".map { (" \($0) ", "\($0) ") })
        for (open, close) in [("(", ")"), ("[", "]"), ("{", "}"), ("\"", "\""), ("'", "'")]
            as [(Unicode.Scalar, Unicode.Scalar)]
        {
            edit.trimInside(open, close)
        }
        edit.replace([
            ("= = = =", "===="), ("= = =", "==="), ("= =", "=="), (" \u{B0} ", "\u{B0}"), (" \n", "\n"), ("\n ", "\n"),
            (" N ", " 1 "), (" 's", "'s"),
        ])
    }

    private static func undoPTB(_ edit: inout TextEdit) {
        edit.replace([(" 's", "'s"), ("s ' ", "s' "), (" n't", "n't"), (" \n ", "\n"), ("\\/", "/")])
        // Each pass leaves out every other one of several in a row.
        edit.replace(Array(repeating: (" N ", " 1 "), count: 10))
        edit.replace([("$ 1", "$1"), ("# 1", "#1"), ("<unk>", "?")])
    }

    private static func undoLM1B(_ edit: inout TextEdit) {
        edit.replace([("http : / / ", "http://"), ("https : / / ", "https://")])
        edit.replaceMatches { edit, place in
            guard edit.has(" '", at: place), edit.wordEnd(place + 2) > place + 2 else { return nil }
            return (edit.wordEnd(place + 2), edit.letters(place + 1..<edit.wordEnd(place + 2)))
        }
        for isAtEnd in [false, true] {
            edit.replaceMatches { edit, place in
                guard edit.has(" ", at: place) else { return nil }
                let end = edit.wordEnd(place + 1)
                guard end > place + 1, edit.has(isAtEnd ? " ." : " . ", at: end), !isAtEnd || edit.isEnd(end + 2) else {
                    return nil
                }
                let rest = isAtEnd ? "." : ". "
                return (end + (isAtEnd ? 2 : 3), edit.letters(place..<end) + edit.letters(rest))
            }
        }
        for mark in ["?", "!"] {
            edit.replace([(" \(mark) ", "\(mark) ")])
            edit.replaceMatches { edit, place in
                edit.has(" \(mark)", at: place) && edit.isEnd(place + 2) ? (place + 2, edit.letters(mark)) : nil
            }
        }
        edit.replace([(" , ", ", "), (" : ", ": "), (" ; ", "; "), (" / ", "/")])
        for (open, close) in [("\"", "\""), ("'", "'"), ("(", ")"), ("[", "]")] as [(Unicode.Scalar, Unicode.Scalar)] {
            edit.closeUp(open, close)
        }
        edit.replace([("$ ", "$"), ("\u{A3} ", "\u{A3}")])
    }
}
