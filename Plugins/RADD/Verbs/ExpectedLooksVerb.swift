import ArgumentParser
import Foundation
import Genera

/// `genera radd enfe`: how many evaluations of the network a text takes, by the number of steps.
public struct ExpectedLooksVerb: Verb {
    /// `enfe`.
    public static let name = "enfe"
    /// One line for lists.
    public static let summary = "Expected evaluations of the network by the number of steps; needs no model."
    /// What it is about.
    public static let discussion = """
        Steps that reveal no token need no look of the network. paper: n (1 - (1 - 1/n)^l). reference: what the authors' loop takes, whose \
        first look always comes. schedule: the law of our own sampler for the noise and rate, counted: its plans for --count texts, made \
        as `genera sample radd` makes them.
        """
    /// The paper's curve, and another noise.
    public static let examples = [
        "genera radd enfe --length 1024 --plot enfe.png",
        "genera radd enfe --length 256 --steps 16,64,256 --noise geometric",
    ]

    @Option(help: ArgumentHelp("Tokens of a text.", valueName: "l")) var length = 1024
    @Option(help: ArgumentHelp("Numbers of steps, with commas between them.", valueName: "list"))
    var steps = "32,64,128,256,512,1024,2048,4096"
    @Option(help: ArgumentHelp("loglinear, geometric, cosine, cosinesqr or linear.", valueName: "name"))
    var noise = MaskingNoise.Kind.loglinear
    @Option(help: ArgumentHelp("tweedie or euler.", valueName: "name")) var rate = RADDSampling.Rate.tweedie
    @Option(help: ArgumentHelp("Texts whose plans are counted.", valueName: "n")) var count = 100
    @Option(help: ArgumentHelp("Seed of the plans.", valueName: "seed")) var seed: UInt64 = 0
    @Option(help: ArgumentHelp("The picture. (default: none)", valueName: "file"), completion: .file())
    var plot: String?
    @OptionGroup(title: "Output") var output: OutputOptions

    /// For ArgumentParser.
    public init() {}

    /// Refuses values that make no sense, naming the option.
    public func validate() throws {
        guard (1...1_000_000).contains(length) else {
            throw ValidationError("--length must be 1 to 1,000,000, got \(length).")
        }
        guard (2...1_000_000).contains(count) else {
            throw ValidationError("--count must be 2 to 1,000,000, got \(count).")
        }
        _ = try WordList.numbers(steps, "--steps", 1...1_000_000)
    }

    /// Counts, and writes table and picture.
    ///
    /// - Throws: errors of writing.
    public func run(_ run: RunContext) throws -> Outcome {
        let path = try output.path(or: "enfe.csv")
        if let plot { try FileSystem.requireWritable(plot, force: output.force) }
        var rows: [Row] = []
        for steps in try WordList.numbers(steps, "--steps", 1...1_000_000) {
            let schedule = try RevealSchedule(rate, MaskingNoise(noise), steps: steps)
            guard !run.stop.isStopped else { throw GeneraError.interrupted("Stopped while plans were counted.") }
            let looks = try Self.looks(schedule, length: length, texts: count, seed: seed)
            rows.append(Row(steps: steps, law: schedule.expectedEvaluations(length), counted: looks))
        }
        let table = table(rows)
        try run.write(.table(table), to: path)
        if let plot { try run.write(.picture(picture(rows)), to: plot) }
        return Outcome(tables: [table])
    }

    private struct Row {
        let steps: Int
        let law: Double
        let counted: [Int]

        var mean: Double { Double(counted.reduce(0, +)) / Double(counted.count) }
        var error: Double {
            let squares = counted.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) }
            return (squares / Double(counted.count - 1) / Double(counted.count)).squareRoot()
        }
    }

    /// How many looks the plans of some texts of a seed take: those of samples 0, 1, ... of `genera sample`.
    package static func looks(_ schedule: RevealSchedule, length: Int, texts: Int, seed: UInt64) throws -> [Int] {
        let rule = TokenRule(strategy: .direct, temperature: 1)
        return try (0..<texts).map { number in
            let draws = AddressedTextDraws(Noise(seed: seed, samples: [number]))
            return try ScheduledPlan(schedule, places: Array(0..<length), draws, rule: rule).evaluations
        }
    }

    private func table(_ rows: [Row]) -> Table {
        let digits = Table.Digits.places(2)
        var table = Table(
            "Evaluations of texts of \(length) tokens",
            columns: [
                "steps", Table.Column("paper", digits: digits), Table.Column("reference", digits: digits),
                Table.Column("schedule", digits: digits), Table.Column("counted", digits: digits),
                Table.Column("error", digits: digits),
            ],
            notes: [
                "paper and reference are of log-linear noise; schedule: \(rate.rawValue), \(noise.rawValue) noise. "
                    + "Counted over \(count) texts; its standard error."
            ])
        for row in rows {
            table.append([
                .integer(row.steps), .number(RevealSchedule.paperEvaluations(steps: row.steps, tokens: length)),
                .number(RevealSchedule.referenceEvaluations(steps: row.steps, tokens: length)), .number(row.law),
                .number(row.mean), .number(row.error),
            ])
        }
        return table
    }

    private func picture(_ rows: [Row]) throws -> Image {
        let x = rows.map { Double($0.steps) }
        let closed = rows.map { RevealSchedule.paperEvaluations(steps: $0.steps, tokens: length) }
        return try LinePlot(
            [
                LinePlot.Series("one a step", x: x, y: x, isDashed: true),
                LinePlot.Series("paper's formula", x: x, y: closed),
                LinePlot.Series("counted", x: x, y: rows.map(\.mean), isDashed: true),
                LinePlot.Series("one a token", x: x, y: rows.map { _ in Double(length) }, isDashed: true),
            ],
            x: Axis("steps", scale: .logarithmic), y: Axis("evaluations", scale: .logarithmic)
        ).render()
    }
}

/// Lists of the command line.
enum WordList {
    /// Words between commas.
    ///
    /// - Throws: `ValidationError` for none.
    static func words(_ text: String, _ option: String) throws -> [String] {
        let words = text.split(separator: ",").map { String($0.drop { $0 == " " }) }
        guard !words.isEmpty else { throw ValidationError("\(option) takes words with commas between them.") }
        return words
    }

    /// Whole numbers between commas.
    ///
    /// - Throws: `ValidationError` for what is none in the range.
    static func numbers(_ text: String, _ option: String, _ range: ClosedRange<Int>) throws -> [Int] {
        try words(text, option).map { word in
            guard let number = Int(word), range.contains(number) else {
                throw ValidationError(
                    "\(option) takes whole numbers from \(range.lowerBound) to \(range.upperBound) with commas "
                        + "between them; '\(word)' is none.")
            }
            return number
        }
    }
}

extension RADDSampling.Rate: ExpressibleByArgument {}
