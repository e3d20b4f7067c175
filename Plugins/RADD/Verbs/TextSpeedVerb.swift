import ArgumentParser
import Foundation
import Genera

/// `genera radd speed`: how long a look of the network and a whole text take here.
public struct TextSpeedVerb: Verb {
    /// `speed`.
    public static let name = "speed"
    /// One line for lists.
    public static let summary = "Measure how long the network and whole texts take, and set it beside the paper's."
    /// What it is about.
    public static let discussion = """
        Without --checkpoint the network has random weights of a geometry and GPT-2's alphabet: speed does not depend on them. A look is \
        measured with all rows and with few, the least of --repeats; a text's time follows from the looks that its schedule takes on \
        average. --draw draws a text at each number of steps instead. medium_radd with 1024 tokens, one text at a time, is the paper's \
        table 5, whose numbers are shown beside. Close other programs first.
        """
    /// The paper's table, and a model of one's own.
    public static let examples = [
        "genera radd speed --model medium_radd --steps 32 --precisions bf16 --draw",
        "genera radd speed --checkpoint run --together 1,8",
    ]

    @Option(help: ArgumentHelp("Geometry: tiny, small_radd or medium_radd. (default: small_radd)", valueName: "name"))
    var model: RADDTrainingOptions.Geometry?
    @Option(help: ArgumentHelp("A model in place of random weights.", valueName: "name|path")) var checkpoint: String?
    @Option(help: ArgumentHelp("Tokens of a text. (default: as the model was trained with)", valueName: "n"))
    var length: Int?
    @Option(help: ArgumentHelp("Texts that are looked at together.", valueName: "list")) var together = "1"
    @Option(help: ArgumentHelp("Numbers of steps of a text.", valueName: "list"))
    var steps = "32,64,128,256,512,1024,2048,4096"
    @Option(help: ArgumentHelp("exact and bf16.", valueName: "list")) var precisions = "exact,bf16"
    @Option(help: ArgumentHelp("Threads. (default: one a processor)", valueName: "n")) var workers: Int?
    @Option(help: ArgumentHelp("Looks that are measured.", valueName: "n")) var repeats = 3
    @Flag(help: "Draw texts, in place of reckoning their time from that of a look.") var draw = false
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
        guard model == nil || checkpoint == nil else {
            throw ValidationError("--model is a geometry with random weights, --checkpoint a model: take one of them.")
        }
        try need(length ?? 1, "--length", 1...100_000)
        try need(workers ?? 1, "--workers", 1...256)
        try need(repeats, "--repeats", 1...10_000)
        _ = try (WordList.numbers(together, "--together", 1...1024), WordList.numbers(steps, "--steps", 1...1_000_000))
        _ = try kinds()
    }

    private func kinds() throws -> [PackedTransformer.Precision] {
        try WordList.words(precisions, "--precisions").map { word in
            switch word {
            case "exact": return .float32
            case "bf16": return .bfloat16
            default:
                throw ValidationError(
                    "--precisions takes exact and bf16, with a comma between them; '\(word)' is none.")
            }
        }
    }

    /// Measures, and writes the tables.
    ///
    /// - Throws: errors of reading the model and of writing.
    public func run(_ run: RunContext) throws -> Outcome {
        let path = try output.path(or: "speed.md")
        let file = try checkpoint.map { try run.model(of: RADD.self, named: $0) }
        let configuration =
            try file.map { try RADDConfiguration(json: $0.configuration, file: $0.path) }
            ?? RADDConfiguration(tokens: TokenizerChoice.gpt2Tokens, model: (model ?? .small).network)
        let weights = file?.weights ?? NetworkTiming.weights(configuration)
        let length = length ?? configuration.model.length
        var tables = [looks(configuration, length), texts(configuration, length)]
        var facts = [
            Fact("processor", Hardware.processor), Fact("threads", min(workers ?? run.workers, 256)),
            Fact("network", file?.path ?? "\((model ?? .small).rawValue), random weights"),
        ]
        for kind in try kinds() {
            let network = try PackedTransformer(
                configuration, weights: weights, precision: kind, workers: min(workers ?? run.workers, 256))
            facts.append(Fact("instructions of \(kind.rawValue)", network.target))
            run.progress.report(.news("\(kind.rawValue): looks"))
            try measure(network, length, &tables, run)
        }
        for number in tables.indices {
            tables[number].notes.append(
                facts.map { "\($0.name): \($0.value.text())" }.joined(separator: "; ") + ".")
        }
        // One file holds one table: what people ask for is the texts'.
        try run.write(.table(tables[1]), to: path)
        return Outcome(facts: facts, tables: tables)
    }

    private func looks(_ c: RADDConfiguration, _ length: Int) -> Table {
        Table(
            "Looks of the network",
            columns: [
                "precision", "texts", "rows a text", Table.Column("a look", unit: "ms"),
                Table.Column("a text", unit: "ms"),
                Table.Column("CPU a text", unit: "ms"), Table.Column("work a text", unit: "GF"),
                Table.Column("speed", unit: "GF/s"),
            ],
            notes: [
                "\(length) tokens a text; the least of \(repeats). CPU: the time of all threads, less touched by other programs."
            ])
    }

    private var isPapers: Bool { checkpoint == nil && model == .medium }

    private func texts(_ c: RADDConfiguration, _ length: Int) -> Table {
        let shown = isPapers && length == 1024
        var columns: [Table.Column] = [
            "precision", "together", "steps", Table.Column("looks", digits: .places(1)),
            Table.Column("a text", unit: "s"),
            Table.Column("CPU a text", unit: "s"), Table.Column("tokens a second", digits: .significant(3)),
        ]
        if shown { columns += [Table.Column("paper's RADD", unit: "s"), Table.Column("SEDD", unit: "s")] }
        let how =
            draw
            ? "Drawn, one run each."
            : "Reckoned from the time of a look and the looks of the schedule on average."
        return Table(
            "Texts of \(length) tokens", columns: columns,
            notes: [how]
                + (shown ? ["The paper's table 5: RADD-medium and SEDD-medium on a GPU of 24 GB, batch 1."] : []))
    }

    private func measure(_ network: PackedTransformer, _ length: Int, _ tables: inout [Table], _ run: RunContext) throws
    {
        let timing = NetworkTiming(configuration: network.configuration, length: length)
        let few = min(8, length)
        let numbers = try WordList.numbers(steps, "--steps", 1...1_000_000)
        for texts in try WordList.numbers(together, "--together", 1...1024) {
            var (times, work): ([Double], [Double]) = ([], [])
            for rows in [few, length] {
                let (seconds, processors) = try timing.seconds(
                    network, texts: texts, rows: rows, repeats: repeats, stop: run.stop)
                times.append(seconds / Double(texts))
                work.append(processors / Double(texts))
                tables[0].append([
                    .text(network.precision.rawValue), .integer(texts), .integer(rows), .number(seconds * 1e3),
                    .number(seconds / Double(texts) * 1e3), .number(processors / Double(texts) * 1e3),
                    .number(timing.work(rows: rows)),
                    .number(timing.work(rows: rows) * Double(texts) / seconds),
                ])
            }
            for steps in numbers {
                let found: (looks: Double, seconds: Double, processors: Double)
                if draw {
                    found = try drawn(network, length, texts: texts, steps: steps, run)
                } else {
                    let schedule = try RevealSchedule(.tweedie, network.configuration.noise, steps: steps)
                    let looks = schedule.expectedEvaluations(length)
                    found = (
                        looks, Self.reckoned(times, looks: looks, rows: few, all: length),
                        Self.reckoned(work, looks: looks, rows: few, all: length)
                    )
                }
                var row: [Table.Cell] = [
                    .text(network.precision.rawValue), .integer(texts), .integer(steps), .number(found.looks),
                    .number(found.seconds), .number(found.processors), .number(Double(length) / found.seconds),
                ]
                if isPapers, length == 1024 {
                    row += [PublishedSpeed.radd, PublishedSpeed.sedd].map { $0[steps].map { .number($0) } ?? .empty }
                }
                tables[1].append(row)
            }
        }
    }

    /// The time of a text whose tokens are all asked about once, from that of looks with few rows and with all: between them, time
    /// grows by the same with each row.
    private static func reckoned(_ times: [Double], looks: Double, rows few: Int, all: Int) -> Double {
        let each = all > few ? max(times[1] - times[0], 0) / Double(all - few) : 0
        return looks * (times[0] - each * Double(few)) + each * Double(all)
    }

    /// Looks and seconds of a text, drawn from all masks with the grid's own schedule.
    private func drawn(_ network: PackedTransformer, _ length: Int, texts: Int, steps: Int, _ run: RunContext) throws
        -> (
            looks: Double, seconds: Double, processors: Double
        )
    {
        run.progress.report(.news("\(network.precision.rawValue), \(texts) together, \(steps) steps"))
        var configuration = network.configuration
        // One window, however long.
        configuration.model.length = max(configuration.model.length, length)
        var sampling = RADDSampling()
        sampling.steps = steps
        let sampler = try RADDSampler(network, configuration, sampling, prompts: [Prompt(length: length)])
        let before = NetworkTiming.processorSeconds
        let found = try TextDrawing.texts(texts, seed: 1, sampler, run)
        let spent = NetworkTiming.processorSeconds - before
        return (found.looks, found.seconds, spent / Double(texts))
    }
}
