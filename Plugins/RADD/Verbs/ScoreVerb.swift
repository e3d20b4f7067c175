import ArgumentParser
import Foundation
import Genera

/// `genera radd score FILES`: how likely texts are to a model.
public struct ScoreVerb: Verb {
    /// `score`.
    public static let name = "score"
    /// One line for lists.
    public static let summary = "Score texts: bounds of their likelihood, or the exact one of an order."
    /// What it is about.
    public static let discussion = """
        A bound is the mean loss over random masks, whose shares are spread evenly over the repetitions; k_DCE with as many repetitions as \
        tokens masks each number of tokens once. The standard error is that of the masks. --order reveals one token at a time: exact, for \
        that order. Autoregressive models are exact in one look. Longer texts than the model's are cut into pieces, each measured alone.
        """
    /// A text of one's own, and a file.
    public static let examples = [
        "genera radd score --text \"To be, or not to be\" --order forward",
        "genera radd score drawn.txt --loss k_DCE --monte-carlo 256",
    ]

    @OptionGroup var input: TextInput
    @OptionGroup var likelihood: LikelihoodOptions
    @OptionGroup(title: "Network") var network: NetworkOptions
    @OptionGroup(title: "Network") var words: VocabularyOption
    @OptionGroup(title: "Source") var source: SourceOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    /// For ArgumentParser.
    public init() {}

    /// Refuses nothing to score.
    public func validate() throws {
        guard !(input.files.isEmpty && input.text.isEmpty) else {
            throw ValidationError("Nothing to score: name a file, or give a text with --text.")
        }
    }

    /// Scores, and writes the table where `--out` asks for it.
    ///
    /// - Throws: errors of reading; `GeneraError.usage` for letters that the model does not know.
    public func run(_ run: RunContext) throws -> Outcome {
        let path = try output.out.map { try output.path(or: $0) }
        let texts = try input.texts(run)
        let model = try network.model(vocabulary: words.vocabulary, run)
        let ways = try likelihood.ways(model.configuration)
        let tokens = try texts.map { text in
            do { return try model.tokenizer.encode(text.text) } catch let error as GeneraError {
                throw GeneraError.usage("\(text.name): \(error)")
            }
        }
        guard tokens.contains(where: { !$0.isEmpty }) else { throw GeneraError.usage("The texts are empty.") }
        let length = model.configuration.model.length
        var table = Table(
            "Likelihood", columns: Self.columns, notes: likelihood.notes(ways.map(\.way)))
        if tokens.contains(where: { $0.count > length }) {
            table.notes.append("Texts are cut into pieces of \(length) tokens, each measured on its own.")
        }
        for (name, way) in ways {
            let measure = try TextLikelihood(model.conditional, model.configuration, way, seed: run.seed)
            let pieces = tokens.map(model.pieces)
            let found = try measure.estimates(pieces.flatMap { $0 }, progress: run.progress, stop: run.stop)
            var rest = found[...]
            for (text, parts) in zip(texts, pieces) {
                let own = LikelihoodEstimate(joining: Array(rest.prefix(parts.count)))
                rest = rest.dropFirst(parts.count)
                table.append(Self.row(text, name, own))
            }
        }
        if let path { try run.write(.table(table), to: path) }
        return Outcome(tables: [table])
    }

    private static let columns: [Table.Column] = [
        "text", "by", "tokens", "bytes", Table.Column("NLL", unit: "nats", digits: .places(2)),
        Table.Column("error", unit: "nats", digits: .places(2)), Table.Column("a token", unit: "nats"), "perplexity",
        Table.Column("a byte", unit: "bits"), Table.Column("a letter", unit: "bits"),
    ]

    private static func row(_ text: TextInput.Named, _ way: String, _ own: LikelihoodEstimate) -> [Table.Cell] {
        let (bytes, letters) = (text.text.utf8.count, text.text.unicodeScalars.count)
        func bits(_ count: Int) -> Table.Cell { count > 0 ? .number(own.nats / log(2) / Double(count)) : .empty }
        return [
            .text(text.name), .text(way), .integer(own.tokens), .integer(bytes), .number(own.nats),
            own.error.map { .number($0) } ?? .empty, .number(own.perToken), .number(own.perplexity), bits(bytes),
            bits(letters),
        ]
    }
}
