import ArgumentParser
import Foundation
import Genera

/// `genera radd genppl`: how surprising drawn texts are to another model.
public struct GenerativePerplexityVerb: Verb {
    /// `genppl`.
    public static let name = "genppl"
    /// One line for lists.
    public static let summary = "Generative perplexity: how surprising drawn texts are to another model."
    /// What it is about.
    public static let discussion = """
        --gpt2 takes GPT-2's weights (the papers: gpt2-large), --by a model of this family: exact if it is autoregressive, else by the \
        bound. mean is the mean over texts of exp(nats a token), as SEDD and RADD report it; pooled is exp of the mean over all tokens, \
        as MDLM does. Texts that repeat themselves surprise little: look at the entropy of their tokens beside it.
        """
    /// A file of texts, and texts drawn for it.
    public static let examples = [
        "genera radd genppl drawn.json --gpt2 gpt2-large",
        "genera radd genppl --count 64 --steps 128 --by causal",
    ]

    @OptionGroup var input: TextInput
    @Option(help: ArgumentHelp("Texts that are drawn, in place of those of files.", valueName: "n")) var count: Int?
    @Option(
        help: ArgumentHelp("Weights of a GPT-2: a folder with config.json, or a file.", valueName: "path"),
        completion: .file())
    var gpt2: String?
    @Option(help: ArgumentHelp("A model of this family that judges.", valueName: "name|path")) var by: String?
    @Option(help: ArgumentHelp("Tokens that pooled counts: all, until-end or once-ended.", valueName: "name"))
    var counting = CountingName.untilEnd
    @Option(
        name: [.customLong("monte-carlo"), .customLong("monte_carlo_timesteps")],
        help: ArgumentHelp("Masks under which a judge that fills masks measures.", valueName: "k"))
    var monteCarlo = 128
    @OptionGroup(title: "Drawing") var sampling: RADDSamplingOptions
    @OptionGroup(title: "Network") var network: NetworkOptions
    @OptionGroup(title: "Source") var source: SourceOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    /// Which tokens count.
    enum CountingName: String, ExpressibleByArgument, CaseIterable, Sendable {
        case all
        case untilEnd = "until-end"
        case onceEnded = "once-ended"

        var counting: GPT2Perplexity.Counting {
            switch self {
            case .all: .all
            case .untilEnd: .untilEnd
            case .onceEnded: .onceEnded
            }
        }
    }

    /// For ArgumentParser.
    public init() {}

    /// Refuses no texts, and no judge.
    public func validate() throws {
        let hasText = !input.files.isEmpty || !input.text.isEmpty
        guard hasText != (count != nil) else {
            throw ValidationError("Name files with texts, or say with --count how many are to be drawn.")
        }
        guard (1...1_000_000).contains(count ?? 1) else {
            throw ValidationError("--count must be 1 to 1,000,000, got \(count ?? 1).")
        }
        guard gpt2 != nil || by != nil else { throw ValidationError("Who judges? Say --gpt2 or --by.") }
        guard (1...1_000_000).contains(monteCarlo) else {
            throw ValidationError("--monte-carlo must be 1 to 1,000,000, got \(monteCarlo).")
        }
    }

    /// Draws where it must, and measures.
    ///
    /// - Throws: errors of reading; `GeneraError.usage` for texts that a judge cannot read.
    public func run(_ run: RunContext) throws -> Outcome {
        let path = try output.path(or: "genppl.md")
        let texts = try passages(run)
        guard !texts.isEmpty else { throw GeneraError.usage("There is no text to judge.") }
        var table = Table(
            "Generative perplexity",
            columns: [
                "by", "texts", "tokens", Table.Column("gen_ppl_mean", digits: .places(2)),
                Table.Column("gen_ppl_pooled", digits: .places(2)), Table.Column("entropy", unit: "nats"),
            ])
        if let gpt2 { table.append(try judged(texts, byGPT2: gpt2, run)) }
        if let by {
            let judge = TextJudge(
                model: try network.model(named: by, vocabulary: sampling.vocabulary, run), repetitions: monteCarlo)
            table.append(try Self.judged(texts.map(\.text), by: judge, run))
            table.notes.append(
                judge.isExact
                    ? "\(judge.model.file) tells the first token too: its numbers are over all tokens."
                    : "\(judge.model.file) gives a bound: lambda_DCE under \(monteCarlo) masks a text.")
        }
        try run.write(.table(table), to: path)
        return Outcome(tables: [table])
    }

    private func passages(_ run: RunContext) throws -> [Passage] {
        guard let count else { return try input.texts(run).map { Passage($0.text) } }
        var own = run
        (own.precision, own.workers) = (network.precision, network.workers(run))
        return try TextDrawing.texts(count, seed: run.seed, sampling.sampler(own), run).texts
    }

    private func judged(_ texts: [Passage], byGPT2 path: String, _ run: RunContext) throws -> [Table.Cell] {
        let tokenizer = try TokenizerChoice.gpt2(vocabulary: sampling.vocabulary, beside: path)
        let judge = try GPT2Evaluator(path: run.input(path))
        let tokens = try texts.map { text in
            // Texts of GPT-2's own tokens are judged as they were drawn; others are cut anew.
            if tokenizer.vocabulary == judge.network.geometry.tokens, isOfGPT2(text, tokenizer),
                let numbers = text.numbers(below: tokenizer.vocabulary)
            {
                return numbers
            }
            return try Self.tokens(of: text.text, tokenizer)
        }
        let surprises = try judge.likelihoods(tokens, stop: run.stop)
        let found = try GPT2Perplexity(surprises, of: tokens, end: tokenizer.end, counting: counting.counting)
        return [
            .text(FileSystem.name(of: path)), .integer(texts.count), .integer(tokens.reduce(0) { $0 + $1.count }),
            .number(found.mean), .number(found.pooled), .number(GPT2Perplexity.unigramEntropy(tokens)),
        ]
    }

    /// Whether a text's numbers are GPT-2's: they then say what the text says.
    private func isOfGPT2(_ text: Passage, _ tokenizer: any Tokenizer) -> Bool {
        guard let numbers = text.numbers(below: tokenizer.vocabulary) else { return false }
        return zip(numbers, TokenPieces.of(numbers, tokenizer, standIn: "")).enumerated().allSatisfy { place, pair in
            pair.0 == tokenizer.end || pair.1 == text.tokens[place].text
        }
    }

    /// A text cut into tokens, with ends of texts where it shows them.
    private static func tokens(of text: String, _ tokenizer: any Tokenizer) throws -> [Int32] {
        guard let end = tokenizer.end else { return try tokenizer.encode(text) }
        var (rest, tokens) = (text[...], [Int32]())
        while let mark = rest.firstRange(of: Passage.endMark) {
            tokens += try tokenizer.encode(String(rest[..<mark.lowerBound])) + [end]
            rest = rest[mark.upperBound...]
        }
        return try tokens + tokenizer.encode(String(rest))
    }

    private static func judged(_ texts: [String], by judge: TextJudge, _ run: RunContext) throws -> [Table.Cell] {
        let found = try judge.estimates(texts, run).filter { !$0.tokens.isEmpty }
        guard !found.isEmpty else { throw GeneraError.usage("The texts are empty.") }
        let whole = LikelihoodEstimate(joining: found.map(\.estimate))
        let mean = found.reduce(0) { $0 + $1.estimate.perplexity } / Double(found.count)
        return [
            .text(FileSystem.name(of: judge.model.file)), .integer(found.count), .integer(whole.tokens),
            .number(mean), .number(whole.perplexity), .number(GPT2Perplexity.unigramEntropy(found.map(\.tokens))),
        ]
    }
}
