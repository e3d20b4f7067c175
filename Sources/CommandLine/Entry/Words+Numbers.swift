import ArgumentParser
import Genera

extension Words {
    /// `--seed -1` as `--seed=-1`. The parser takes a word with a dash in front for an option, and would say that the value is
    /// missing; so the option itself answers about the number.
    static func joiningNegativeNumbers(_ words: [String]) -> [String] {
        var joined: [String] = []
        var isOption = false
        for (number, word) in words.enumerated() {
            if word == "--" { return joined + words[number...] }
            if isOption, word.hasPrefix("-"), Double(word) != nil, let option = joined.popLast() {
                joined.append("\(option)=\(word)")
                isOption = false
            } else {
                joined.append(word)
                isOption = word.hasPrefix("-") && Double(word) == nil && !word.contains("=")
            }
        }
        return joined
    }
}

/// An option whose value the parser refused, and what it would take. The parser does not tell, so other values are tried.
struct RefusedNumber {
    private let words: [String]
    private let place: Int
    private let option: String
    private let value: String

    /// Finds the option among the words by the parser's sentence; nil if it complains about something else.
    init?(_ sentence: String, in words: [String]) {
        let quoted = sentence.split(separator: "'", omittingEmptySubsequences: false).map(String.init)
        guard quoted.count == 5, quoted[0] == "The value ", quoted[2] == " is invalid for ", quoted[4] == "." else {
            return nil
        }
        let (value, option) = (quoted[1], String(quoted[3].prefix { $0 != " " }))
        let found =
            words.indices.first { words[$0] == "\(option)=\(value)" }
            ?? words.indices.dropFirst().first { words[$0] == value && words[$0 - 1] == option }
        guard let found, option.hasPrefix("-") else { return nil }
        (self.words, place, self.option, self.value) = (words, found, option, value)
    }

    /// What is wrong with the number; nil for an option that takes none.
    var sentence: String? {
        guard takes("1") else { return nil }
        guard takes("1.5") else { return "\(option) must be a whole number\(range), got \(quotedValue)." }
        return Double(value) == nil ? "\(option) must be a number, got \(quotedValue)." : nil
    }

    private var quotedValue: String { Double(value) == nil ? "'\(value)'" : value }

    /// From the least to the greatest number, where a whole one was given.
    private var range: String {
        guard value.drop(while: { $0 == "-" || $0 == "+" }).allSatisfy(\.isNumber) else { return "" }
        let least = [Int64.min, Int64(Int32.min), Int64(Int16.min), Int64(Int8.min), 0].map { "\($0)" }
        let greatest = [UInt64.max, UInt64(Int64.max), UInt64(UInt32.max), UInt64(Int32.max), UInt64(UInt16.max)].map {
            "\($0)"
        }
        guard let first = least.first(where: takes), let last = greatest.first(where: takes) else { return "" }
        return " from \(first) to \(last)"
    }

    /// Whether the parser has nothing against another value of this option.
    private func takes(_ other: String) -> Bool {
        var words = words
        words[place] = words[place] == value ? other : "\(option)=\(other)"
        if words[place] == other, other.hasPrefix("-") {
            words[place - 1] = "\(option)=\(other)"
            words.remove(at: place)
        }
        do {
            _ = try RootCommand.parseAsRoot(words)
            return true
        } catch {
            return !UsageError.sentence(error).hasPrefix("The value '\(other)' is invalid for")
        }
    }
}
