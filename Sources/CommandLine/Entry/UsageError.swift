import ArgumentParser
import Genera

/// Words that the parser refused, as one line with the help to read.
struct UsageError: Error, CustomStringConvertible {
    let description: String
    let exitCode: Int32

    /// Tells a parser's error. Where a configuration file set the option that is named, file and line come first.
    init(_ error: any Error, words: Words) {
        let place = words.place(ofOptionIn: Self.sentence(error)).map { "\($0): " }
        description = "\(place ?? "")\(Self.sentence(error)) See `\(words.command) --help`."
        exitCode = place == nil ? 64 : 65
    }

    /// A parser's error without the usage that follows it.
    static func sentence(_ error: any Error) -> String {
        let lines = RootCommand.message(for: error).split(separator: "\n", omittingEmptySubsequences: false)
        let text = lines.prefix { !$0.isEmpty }.joined(separator: " ")
        return text.hasSuffix(".") || text.hasSuffix("?") ? text : text + "."
    }
}
