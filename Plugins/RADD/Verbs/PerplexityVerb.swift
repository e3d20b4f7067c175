import ArgumentParser
import Foundation
import Genera

/// `genera radd perplexity --data FILE`: the perplexity of a data set, as papers report it without training on it.
public struct PerplexityVerb: Verb {
    /// `perplexity`.
    public static let name = "perplexity"
    /// One line for lists.
    public static let summary = "Measure a model's perplexity on a data set, by one bound or all of them."
    /// What it is about.
    public static let discussion = """
        Documents are freed of what a data set's authors did to them (--dataset), cut into tokens, joined, and cut into blocks; what remains \
        is left out. Each block is measured under --monte-carlo masks, and perplexity is exp(mean / length). The error over blocks tells \
        of another text, that over masks (which is in it) of other masks. --packing reference cuts as the authors' code does.
        """
    /// A held-back part, and the paper's protocol.
    public static let examples = [
        "genera radd perplexity --data shakespeare.txt --part validation --loss all",
        "genera radd perplexity --data ptb.test.txt --dataset ptb --monte-carlo 1024",
    ]

    @Option(
        help: ArgumentHelp("Text: .txt, .jsonl, .bin (tokens of 16 bits), or a folder of such.", valueName: "path"),
        completion: .file())
    var data: String
    @Option(help: ArgumentHelp("wikitext103, wikitext2, ptb, lambada, lm1b or none.", valueName: "name"))
    var dataset = DatasetName.none
    @Option(
        help: ArgumentHelp("A .txt is one document (whole), or one a line. (default: by --dataset)", valueName: "w"))
    var records: CorpusReading.Records?
    @Option(help: ArgumentHelp("The field of a .jsonl record that holds its text.", valueName: "name"))
    var field = "text"
    @Option(help: ArgumentHelp("all, training or validation, the end of the text.", valueName: "name"))
    var part = PartName.all
    @Option(help: ArgumentHelp("Share of the text that is validation.", valueName: "share"))
    var validationShare = 0.1
    @Option(help: ArgumentHelp("Tokens of a block. (default: as the model was trained with)", valueName: "n"))
    var length: Int?
    @Option(help: ArgumentHelp("How blocks are cut: contiguous or reference.", valueName: "name"))
    var packing = Packing.contiguous
    @Option(help: ArgumentHelp("Blocks that are measured, spread over the text. (default: all)", valueName: "n"))
    var limit: Int?
    @OptionGroup var likelihood: LikelihoodOptions
    @OptionGroup(title: "Network") var network: NetworkOptions
    @OptionGroup(title: "Network") var words: VocabularyOption
    @OptionGroup(title: "Source") var source: SourceOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    /// Data sets by what must be undone to them.
    enum DatasetName: String, ExpressibleByArgument, CaseIterable, Sendable {
        case wikitext103, wikitext2, ptb, lambada, lm1b, none

        var detokeniser: Detokeniser {
            switch self {
            case .wikitext103, .wikitext2: .wikitext
            case .ptb: .ptb
            case .lambada: .lambada
            case .lm1b: .lm1b
            case .none: .none
            }
        }
    }

    /// Parts of a corpus.
    enum PartName: String, ExpressibleByArgument, CaseIterable, Sendable {
        case all, training, validation

        var part: TextCorpus.Part {
            switch self {
            case .all: .all
            case .training: .training
            case .validation: .validation
            }
        }
    }

    /// For ArgumentParser.
    public init() {}

    /// Refuses values that make no sense, naming the option.
    public func validate() throws {
        guard (1...10_000_000).contains(length ?? 1) else {
            throw ValidationError("--length must be 1 to 10,000,000, got \(length ?? 1).")
        }
        guard limit ?? 1 > 0 else { throw ValidationError("--limit must be 1 or more, got \(limit ?? 1).") }
        guard validationShare >= 0, validationShare < 1 else {
            throw ValidationError("--validation-share must be from 0 to below 1, got \(validationShare).")
        }
    }

    /// Measures, and writes the table.
    ///
    /// - Throws: errors of reading model and text.
    public func run(_ run: RunContext) throws -> Outcome {
        let path = try output.path(or: "perplexity.md")
        let model = try network.model(vocabulary: words.vocabulary, run)
        let (c, ways) = (model.configuration, try likelihood.ways(model.configuration))
        let reading = CorpusReading(
            records: records ?? (dataset == .none ? .whole : .lines), field: field, detokeniser: dataset.detokeniser)
        let corpus = try TextCorpus(
            CorpusFiles(path: run.input(data), reading), tokenizer: model.tokenizer,
            validation: part == .all ? 0 : validationShare, workers: network.workers(run))
        let length = length ?? c.model.length
        let all = try corpus.blocks(length: length, of: part.part, packing: packing)
        let count = min(limit ?? all.count, all.count)
        let blocks = (0..<count).map { all[$0 * all.count / count] }
        if length > c.model.length {
            run.progress.report(
                .warning("blocks of \(length) tokens are longer than the model's \(c.model.length)"))
        }
        var table = Table(
            "Perplexity of \(FileSystem.name(of: data))", columns: Self.columns,
            notes: [
                "\(count) of \(all.count) blocks of \(length) tokens, \(part.rawValue) of \(corpus.tokens.count) tokens; "
                    + model.hardware + "."
            ] + likelihood.notes(ways.map(\.way)))
        for (name, way) in ways {
            if ways.count > 1 { run.progress.report(.news(name)) }
            let clock = ContinuousClock()
            var found: [LikelihoodEstimate] = []
            let time = try clock.measure {
                found = try TextLikelihood(model.conditional, c, way, seed: run.seed)
                    .estimates(blocks, progress: run.progress, stop: run.stop)
            }
            table.append(Self.row(name, way, found, length: length, seconds: time.seconds))
        }
        try run.write(.table(table), to: path)
        return Outcome(tables: [table])
    }

    private static let columns: [Table.Column] = [
        "by", "masks", Table.Column("a token", unit: "nats", digits: .places(4)),
        Table.Column("error over blocks", digits: .places(4)), Table.Column("over masks", digits: .places(4)),
        Table.Column("perplexity", digits: .places(3)), Table.Column("error", digits: .places(3)),
        Table.Column("time", unit: "s"),
    ]

    private static func row(
        _ name: String, _ way: TextLikelihood.Way, _ found: [LikelihoodEstimate], length: Int, seconds: Double
    ) -> [Table.Cell] {
        let (count, each) = (Double(found.count), found.map(\.perToken))
        let mean = each.reduce(0, +) / count
        let spread = each.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        let error = found.count > 1 ? (spread / (count - 1) / count).squareRoot() : nil
        let errors = found.compactMap(\.error)
        let masks =
            errors.isEmpty ? nil : errors.reduce(0) { $0 + $1 * $1 }.squareRoot() / (count * Double(length))
        var repetitions = Table.Cell.empty
        if case let .bound(_, number) = way { repetitions = .integer(number) }
        func cell(_ value: Double?) -> Table.Cell { value.map { .number($0) } ?? .empty }
        return [
            .text(name), repetitions, .number(mean), cell(error), cell(masks), .number(exp(mean)),
            cell((error ?? masks).map { $0 * exp(mean) }), .number(seconds),
        ]
    }
}

extension CorpusReading.Records: ExpressibleByArgument {}
extension Packing: ExpressibleByArgument {}
