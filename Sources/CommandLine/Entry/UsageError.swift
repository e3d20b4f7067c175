import ArgumentParser
import Formats
import Genera

/// Words that the parser refused, as one line with the help to read.
struct UsageError: KindedError {
    let description: String
    /// Data where a configuration file has the words, else usage.
    let kind: FailureKind

    /// Tells a parser's error. Where a configuration file set the option that is named, file and line come first.
    init(_ error: any Error, words: Words) {
        let told = Self.sentence(error)
        let sentence = RefusedNumber(told, in: words.prepared)?.sentence ?? told
        let place = words.place(ofOptionIn: sentence).map { "\($0): " }
        description = "\(place ?? "")\(sentence) See `\(words.command) --help`."
        kind = place == nil ? .usage : .data
    }

    /// A parser's error without the usage that follows it, its lists on one line.
    static func sentence(_ error: any Error) -> String {
        let lines = RootCommand.message(for: error).split(separator: "\n", omittingEmptySubsequences: false).prefix {
            !$0.isEmpty
        }
        let items = lines.filter { $0.hasPrefix("  - ") }.map { String($0.dropFirst(4)) }
        let words = lines.filter { !$0.hasPrefix("  - ") }.joined(separator: " ")
        if !items.isEmpty { return choice(words, items) }
        if let list = words.firstRange(of: "Please provide one of ") {
            return choice(words, quoted(words[list.upperBound...]))
        }
        return words.hasSuffix(".") || words.hasSuffix("?") ? words : words + "."
    }

    /// The texts between quotes.
    private static func quoted(_ text: Substring) -> [String] {
        text.split(separator: "'", omittingEmptySubsequences: false).enumerated().filter { $0.offset % 2 == 1 }.map {
            String($0.element)
        }
    }

    /// A wrong value of an option that has a few: which there are, and which was meant.
    private static func choice(_ words: String, _ items: [String]) -> String {
        let complaint = words.firstRange(of: ". ").map { String(words[..<$0.lowerBound]) } ?? words
        let value = complaint.split(separator: "'").dropFirst().first.map(String.init) ?? ""
        let nearest = nearestName(to: value, in: items).map { " Did you mean '\($0)'?" } ?? ""
        return "\(complaint).\(nearest) Known: \(items.joined(separator: ", "))."
    }
}
