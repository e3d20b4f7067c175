import ArgumentParser
import Genera

/// `genera radd tokenize`: texts as tokens, and back.
public struct TokenizeVerb: Verb {
    /// `tokenize`.
    public static let name = "tokenize"
    /// One line for lists.
    public static let summary = "Cut texts into a model's tokens, or put tokens together again."
    /// What it is about.
    public static let discussion = """
        The tokenizer is the model's; with --vocabulary and without --checkpoint it is GPT-2's. A letter of several bytes may be spread \
        over tokens: the token that completes it shows it.
        """
    /// There, and back.
    public static let examples = [
        "genera radd tokenize --text \"Hello world\" --vocabulary gpt2 --json",
        "genera radd tokenize --ids 15496,995 --vocabulary gpt2",
    ]

    @OptionGroup var input: TextInput
    @Option(help: ArgumentHelp("Numbers of tokens, to be put together.", valueName: "list")) var ids: String?
    @Option(help: ArgumentHelp("Rows that the table has at most.", valueName: "n")) var limit = 1000
    @Option(
        help: ArgumentHelp("Folder with the files of GPT-2's tokenizer.", valueName: "folder"),
        completion: .directory)
    var vocabulary: String?
    @Option(help: ArgumentHelp("A model's name, file or folder.", valueName: "name|path")) var checkpoint: String?
    @OptionGroup(title: "Output") var output: OutputOptions

    /// For ArgumentParser.
    public init() {}

    /// Refuses nothing to do, and two things.
    public func validate() throws {
        let hasText = !input.files.isEmpty || !input.text.isEmpty
        guard hasText != (ids != nil) else {
            throw ValidationError("Name files, give a text with --text, or tokens with --ids: one of them.")
        }
        guard limit >= 0 else { throw ValidationError("--limit must be 0 or more, got \(limit).") }
    }

    /// Cuts or joins, and writes the table where `--out` asks for it.
    ///
    /// - Throws: errors of reading; `GeneraError.usage` for letters and numbers that are no tokens.
    public func run(_ run: RunContext) throws -> Outcome {
        let path = try output.out.map { try output.path(or: $0) }
        let tokenizer = try tokenizer(run)
        let (texts, tokens) = try content(tokenizer, run)
        let count = tokens.reduce(0) { $0 + $1.count }
        var facts = [
            Fact("tokenizer", "\(tokenizer.name), \(tokenizer.vocabulary) tokens"), Fact("tokens", count),
            Fact("different", Set(tokens.joined()).count), Fact("bytes", texts.reduce(0) { $0 + $1.utf8.count }),
        ]
        if count > 0 {
            let bytes = texts.reduce(0) { $0 + $1.utf8.count }
            facts.append(Fact("bytes a token", Double(bytes) / Double(count)))
        }
        if ids != nil { facts.insert(Fact("text", texts.joined()), at: 0) }
        var table = Table("Tokens", columns: ["text", "place", "id", "piece"])
        for (number, list) in tokens.enumerated() {
            let pieces = TokenPieces.of(list, tokenizer, standIn: "[MASK]")
            for (place, token) in list.enumerated() where table.rows.count < limit {
                table.append([
                    .integer(number + 1), .integer(place), .integer(Int(token)),
                    .text(token == tokenizer.end ? "<end>" : pieces[place]),
                ])
            }
        }
        if count > table.rows.count {
            table.notes = ["The first \(table.rows.count) of \(count) tokens; --limit shows more."]
        }
        if let path { try run.write(.table(table), to: path) }
        return Outcome(facts: facts, tables: table.rows.isEmpty ? [] : [table])
    }

    private func tokenizer(_ run: RunContext) throws -> any Tokenizer {
        if vocabulary != nil, checkpoint == nil { return try TokenizerChoice.gpt2(vocabulary: vocabulary) }
        let model = try run.model(of: RADD.self, named: checkpoint)
        let configuration = try RADDConfiguration(json: model.configuration, file: model.path)
        return try TokenizerChoice.tokenizer(of: configuration, vocabulary: vocabulary, beside: model.path)
    }

    private func content(_ tokenizer: any Tokenizer, _ run: RunContext) throws -> (texts: [String], tokens: [[Int32]]) {
        if let ids {
            let all: [Int32]
            do { all = try WordList.numbers(ids, "--ids", 0...tokenizer.vocabulary).map(Int32.init) } catch {
                throw GeneraError.usage("\(error)")
            }
            // The mask is shown as such.
            return ([TokenPieces.of(all, tokenizer, standIn: "[MASK]").joined()], [all])
        }
        let texts = try input.texts(run)
        let tokens = try texts.map { text in
            do { return try tokenizer.encode(text.text) } catch let error as GeneraError {
                throw GeneraError.usage("\(text.name): \(error)")
            }
        }
        return (texts.map(\.text), tokens)
    }
}
