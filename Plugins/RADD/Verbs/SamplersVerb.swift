import ArgumentParser
import Genera

/// `genera radd samplers`: quality beside speed for many ways to draw.
public struct SamplersVerb: Verb {
    /// `samplers`.
    public static let name = "samplers"
    /// One line for lists.
    public static let summary = "A table of samplers: evaluations and time beside the quality of texts."
    /// What it is about.
    public static let discussion = """
        A way is a method of `genera sample radd`, with its steps behind a colon and a cache behind a plus: tweedie:64, threshold+dual. Ways \
        with a cache draw blocks of --block-length, and so do the same ways without one. Looks are evaluations of the network; recomputed is \
        the share of places that they worked out anew. KL is of the exact law to that with the cache, on the same states, mean and largest. \
        Surest-first methods draw likelier, poorer texts: read perplexity and entropy together.
        """
    /// A model of one's own, and some ways.
    public static let examples = [
        "genera radd samplers --reference text.txt --by causal --count 32",
        "genera radd samplers --ways tweedie:64,threshold,threshold+dual",
    ]

    @Option(help: ArgumentHelp("Ways to draw, with commas between them. (default: a dozen)", valueName: "list"))
    var ways: String?
    @Option(help: ArgumentHelp("Texts that each way draws.", valueName: "n")) var count = 16
    @Option(help: ArgumentHelp("Tokens of a text. (default: as the model was trained with)", valueName: "n"))
    var length: Int?
    @Option(help: ArgumentHelp("Tokens of a block. (default: an eighth of a text)", valueName: "n"))
    var blockLength: Int?
    @Option(help: ArgumentHelp("What logits are divided by.", valueName: "t")) var temperature = 1.0
    @Option(help: ArgumentHelp("Probability above which the way 'threshold' reveals.", valueName: "p"))
    var threshold = 0.9
    @Option(help: ArgumentHelp("Texts to compare with.", valueName: "file"), completion: .file()) var reference: String?
    @Option(help: ArgumentHelp("A model that says how surprising the texts are.", valueName: "name|path"))
    var by: String?
    @Option(
        name: [.customLong("monte-carlo"), .customLong("monte_carlo_timesteps")],
        help: ArgumentHelp("Masks under which a judge that fills masks measures.", valueName: "k"))
    var monteCarlo = 32
    @Option(help: ArgumentHelp("Texts on which caches are compared with the exact network.", valueName: "n"))
    var compared = 4
    @OptionGroup(title: "Network") var network: NetworkOptions
    @OptionGroup(title: "Network") var words: VocabularyOption
    @OptionGroup(title: "Source") var source: SourceOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    /// For ArgumentParser.
    public init() {}

    /// Refuses values that make no sense, naming the option.
    public func validate() throws {
        func need(_ value: Int, _ name: String, _ range: ClosedRange<Int>) throws {
            guard range.contains(value) else {
                throw ValidationError("\(name) must be \(range.lowerBound) to \(range.upperBound), got \(value).")
            }
        }
        try need(count, "--count", 1...100_000)
        try need(length ?? 1, "--length", 1...1_000_000)
        try need(blockLength ?? 1, "--block-length", 1...1_000_000)
        try need(monteCarlo, "--monte-carlo", 1...1_000_000)
        try need(compared, "--compared", 0...100_000)
        guard temperature >= 0, temperature <= 1000 else {
            throw ValidationError("--temperature must be 0 to 1000, got \(temperature).")
        }
        guard threshold > 0, threshold <= 1 else {
            throw ValidationError("--threshold must be above 0 and at most 1, got \(threshold).")
        }
        if let ways { _ = try WordList.words(ways, "--ways").map { try SamplerWay($0) } }
    }

    /// Draws, measures, and writes the table.
    ///
    /// - Throws: errors of reading and drawing.
    public func run(_ run: RunContext) throws -> Outcome {
        let path = try output.path(or: "samplers.md")
        let model = try network.model(vocabulary: words.vocabulary, run)
        try model.requireMasks("samplers")
        let length = length ?? model.configuration.model.length
        let block = min(blockLength ?? max(length / 8, 1), length)
        let list =
            try ways.map { try WordList.words($0, "--ways").map { try SamplerWay($0) } }
            ?? SamplerWay.usual(length)
        let settings = try list.map { way in
            let block = way.isBlockwise(in: list) ? block : nil
            return try way.sampling(block: block, temperature, threshold)
        }
        let real = try reference.map { try Passage.source(at: run.input($0)).all() }
        let judge = try by.map {
            TextJudge(
                model: try network.model(named: $0, vocabulary: words.vocabulary, run), repetitions: monteCarlo)
        }
        let drawing = TextDrawing(model: model, run: run, length: length)
        var table = SamplerTable(real: real, judge: judge, run: run)
        for (number, (way, sampling)) in zip(list, settings).enumerated() {
            run.progress.report(.news("way \(number + 1) of \(list.count): \(way.text)"))
            try table.add(way, sampling, drawing, count: count, compared: min(compared, count))
        }
        table.table.notes = [
            "\(count) texts of \(length) tokens a way under seed \(run.seed), drawn together; \(model.hardware). "
                + "Blocks of \(block) tokens where a block is named."
        ]
        if let judge {
            table.table.notes.append(
                "perplexity: by \(judge.model.file), \(judge.isExact ? "exact" : "a bound"), over all tokens.")
        }
        try run.write(.table(table.table), to: path)
        return Outcome(tables: [table.table])
    }
}

/// A way to draw, as it is written: `lowconf:64+dual` is `lowconf` in 64 steps with the cache `dual`.
struct SamplerWay: Sendable, Equatable {
    let text: String
    let method: RADDSamplingOptions.MethodName
    let steps: Int?
    let caching: RADDSampling.Caching

    /// - Throws: `ValidationError` for a way that is none.
    init(_ text: String) throws {
        let parts = text.split(separator: "+", maxSplits: 1).map(String.init)
        let words = (parts.first ?? "").split(separator: ":", maxSplits: 1).map(String.init)
        guard let method = words.first.flatMap(RADDSamplingOptions.MethodName.init(rawValue:)) else {
            let known = RADDSamplingOptions.MethodName.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("'\(text)' is no way to draw: it begins with one of \(known).")
        }
        guard words.count < 2 || Int(words[1]).map({ $0 > 0 }) == true else {
            throw ValidationError("'\(text)' is no way to draw: steps are a number from 1 on, '\(words[1])' is none.")
        }
        guard let caching = RADDSampling.Caching(rawValue: parts.count > 1 ? parts[1] : "none") else {
            throw ValidationError("'\(text)' is no way to draw: a cache is none, prefix or dual, not '\(parts[1])'.")
        }
        (self.text, self.method, steps, self.caching) = (text, method, words.count > 1 ? Int(words[1]) : nil, caching)
    }

    /// The usual ways for a length.
    static func usual(_ length: Int) throws -> [SamplerWay] {
        let (eighth, quarter, half) = (max(length / 8, 1), max(length / 4, 1), max(length / 2, 1))
        return try [
            "tweedie:\(eighth)", "tweedie:\(half)", "tweedie:\(length)", "first-hitting", "lowconf:\(quarter)",
            "maskgit:\(max(length / 16, 1))", "remdm-cap:\(half)", "remdm-loop:\(half)", "threshold+none",
            "threshold+prefix", "threshold+dual",
        ].map { try SamplerWay($0) }
    }

    /// Whether it draws blocks: with a cache, or as the same way without one beside it.
    func isBlockwise(in ways: [SamplerWay]) -> Bool {
        ways.contains { $0.method == method && $0.steps == steps && $0.caching != .none }
    }

    /// The way with all its settings, as `genera sample radd` would understand them.
    ///
    /// - Parameter block: tokens of a block; nil for no blocks.
    /// - Throws: `ValidationError` or `GeneraError.usage` for settings that contradict each other.
    func sampling(block: Int?, _ temperature: Double, _ threshold: Double) throws -> RADDSampling {
        var options = try RADDSamplingOptions.parse([])
        (options.method, options.steps, options.temperature) = (method, steps, temperature)
        options.threshold = threshold
        if let block { (options.blockLength, options.approxCache) = (block, caching) }
        let sampling = try options.sampling()
        try sampling.check()
        return sampling
    }
}

/// A row for each way.
private struct SamplerTable {
    let real: [Passage]?
    let judge: TextJudge?
    let run: RunContext
    var table: Table

    init(real: [Passage]?, judge: TextJudge?, run: RunContext) {
        (self.real, self.judge, self.run) = (real, judge, run)
        var columns: [Table.Column] = [
            "way", Table.Column("looks", digits: .places(1)), Table.Column("recomputed", unit: "%", digits: .places(0)),
            Table.Column("a text", unit: "s", digits: .significant(3)),
            Table.Column("tokens a second", digits: .significant(3)),
            Table.Column("entropy", unit: "nats", digits: .places(3)),
        ]
        if real != nil {
            columns += [
                Table.Column("known words", digits: .places(3)),
                Table.Column("trigrams", unit: "bits", digits: .places(3)),
            ]
        }
        if judge != nil { columns.append(Table.Column("perplexity", digits: .places(2))) }
        table = Table(
            "Samplers",
            columns: columns + [
                Table.Column("KL", unit: "nats", digits: .places(4)),
                Table.Column("largest KL", unit: "nats", digits: .places(3)),
            ])
    }

    mutating func add(
        _ way: SamplerWay, _ sampling: RADDSampling, _ drawing: TextDrawing, count: Int, compared: Int
    ) throws {
        let (texts, seconds, looks) = try drawing.texts(count, seed: run.seed, sampling)
        let tokens = texts.map { $0.tokens.compactMap(\.number) }
        var finding: CachingFidelity.Finding?
        if sampling.caching != .none, compared > 0 {
            let both = CachingFidelity(drawing.model.conditional)
            _ = try drawing.texts(compared, seed: run.seed, sampling, through: both)
            finding = both.finding
        }
        let share = finding.map { 100 * Double($0.places.worked) / Double(max($0.places.seen, 1)) }
        var row: [Table.Cell] = [
            .text(way.text), .number(looks), sampling.caching == .none ? 100 : share.map { .number($0) } ?? .empty,
            .number(seconds), .number(Double(drawing.length) / seconds),
            .number(GPT2Perplexity.unigramEntropy(tokens)),
        ]
        if let real { row += try measures(texts, real) }
        if let judge {
            let found = try judge.estimates(texts.map(\.text), run).map(\.estimate)
            row.append(.number(LikelihoodEstimate(joining: found).perplexity))
        }
        row += [finding.map { .number($0.mean) } ?? .empty, finding.map { .number($0.largest) } ?? .empty]
        table.append(row)
    }

    private func measures(_ texts: [Passage], _ real: [Passage]) throws -> [Table.Cell] {
        guard texts.count >= EvaluationSettings.leastCount, !real.isEmpty else { return [.empty, .empty] }
        let wanted = ["known_words", "trigrams"]
        let chosen = wanted.compactMap { name in Passage.measures.first { $0.criterion.name == name } }
        let found = try EvaluationDriver(
            measures: chosen, settings: EvaluationSettings(halves: 0, workers: run.workers)
        )
        .estimates(texts, real, seed: run.seed)
        return found.map { .number($0.value) }
    }
}
