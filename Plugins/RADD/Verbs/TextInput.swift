import ArgumentParser
import Genera

/// Texts that a verb takes: files, or words of the command line.
struct TextInput: ParsableArguments, Sendable {
    @Argument(
        help: "Files: a .txt (a form feed on a line of its own ends a text) or a .json with a list 'texts'.",
        completion: .file())
    var files: [String] = []

    @Option(help: ArgumentHelp("A text itself; may be given several times.", valueName: "text"))
    var text: [String] = []

    /// A text and what it is called.
    struct Named: Sendable {
        var name: String
        var text: String
    }

    /// - Throws: `GeneraError` for files that are not there or hold no text.
    func texts(_ run: RunContext) throws -> [Named] {
        var all = text.enumerated().map { number, text in
            Named(name: self.text.count > 1 ? "text \(number + 1)" : "text", text: text)
        }
        for path in files {
            let texts = try Self.texts(of: run.input(path))
            all += texts.enumerated().map { number, text in
                Named(name: FileSystem.name(of: path) + (texts.count > 1 ? " \(number + 1)" : ""), text: text)
            }
        }
        return all
    }

    /// The texts of a file: whole, unlike samples to compare with, which may be pieces.
    static func texts(of path: String) throws -> [String] {
        guard FileSystem.exists(path) else {
            throw GeneraError.noInput(
                "There is no file '\(path)'.", advice: "A text itself is given with --text.")
        }
        guard FileSystem.fileExtension(of: path) == "json" else {
            let view = try MappedFile(path: path).view
            if let fault = UTF8Check.firstFault(view) {
                throw GeneraError.badData(
                    file: path, reason: "byte \(fault) is no UTF-8", advice: "save the text as UTF-8.")
            }
            let lines = String(decoding: view.array(), as: UTF8.self)
            return lines.components(separatedByLine: "\u{C}")
        }
        return try Passage.source(at: path).all().map(\.text)
    }
}

extension String {
    /// Cuts at lines that hold nothing but a mark; the ends of lines on both sides belong to them.
    fileprivate func components(separatedByLine mark: Character) -> [String] {
        var parts: [[Substring]] = [[]]
        for line in split(separator: "\n", omittingEmptySubsequences: false) {
            if line.count == 1, line.first == mark { parts.append([]) } else { parts[parts.count - 1].append(line) }
        }
        return parts.map { $0.joined(separator: "\n") }
    }
}
