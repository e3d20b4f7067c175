import ArgumentParser
import Genera

/// `genera splat fit1d`: how well Gaussians, their differences and Laplacians, and generalised exponentials fit curves.
public struct FitVerb: Verb {
    /// `fit1d`.
    public static let name = "fit1d"
    /// One line for lists.
    public static let summary = "Fit curves with sums of Gaussians, DoG, LoG and generalised exponentials."
    /// What it is about.
    public static let discussion =
        "Each model is fitted to each curve by Adam from random beginnings. In the reference mode a variance may cross 0, "
        + "and the run breaks, as it does in the reference; the stable mode keeps logarithms."
    /// The paper's figure, and a look at one curve.
    public static let examples = [
        "genera splat fit1d --out fit1d.csv --plot fit1d.png",
        "genera splat fit1d --curves half-sine --components 5 --runs 3 --out curve.md",
    ]

    @Option(
        help: ArgumentHelp("Curves: square, triangle, parabola, half-sine, gaussian, exponential.", valueName: "list"))
    var curves = "square,triangle,parabola"

    @Option(help: ArgumentHelp("Models: gaussian, dog, log, gef.", valueName: "list"))
    var models = "gaussian,dog,log,gef"

    @Option(help: ArgumentHelp("Numbers of components, each from 1 to 256.", valueName: "list"))
    var components = "2,5,8,10,15,20,50,100"

    @Option(help: ArgumentHelp("Weights: positive, real.", valueName: "list"))
    var weights = "positive,real"

    @Option(help: ArgumentHelp("Random beginnings of each setting.", valueName: "n"))
    var runs = 20

    @Option(help: ArgumentHelp("Steps of Adam.", valueName: "n"))
    var steps = 10_000

    @Option(help: ArgumentHelp("The learning rate.", valueName: "x"))
    var lr = 0.01

    @Option(help: "How spreads are kept: reference (as they are) or stable (as logarithms).")
    var mode = FitMode.reference

    @Option(name: .shortAndLong, help: "Run i of a seed begins alike for every curve and model.")
    var seed: UInt64 = 0

    @Option(help: ArgumentHelp("Threads. (default: one a processor)", valueName: "n"))
    var threads: Int?

    @Option(help: ArgumentHelp("Draw fits beside their curves, and errors against N, into a PNG.", valueName: "path"))
    var plot: String?

    @Option(help: ArgumentHelp("Components of the fits that are drawn. (default: 5, or the first)", valueName: "n"))
    var drawn: Int?

    @OptionGroup(title: "Output") var output: OutputOptions

    /// For ArgumentParser.
    public init() {}

    /// Refuses values that make no sense, naming the option.
    public func validate() throws {
        func need(_ value: Int, _ name: String, _ limit: Int) throws {
            guard (1...limit).contains(value) else {
                throw ValidationError("--\(name) must be from 1 to \(limit), got \(value).")
            }
        }
        try need(runs, "runs", 10_000)
        try need(steps, "steps", 10_000_000)
        try need(threads ?? 1, "threads", 1024)
        guard lr > 0, lr.isFinite else { throw ValidationError("--lr must be above 0, got \(lr).") }
        let study = try study()
        if let drawn, !study.counts.contains(drawn) {
            throw ValidationError("--drawn takes a number that --components has, got \(drawn).")
        }
        if let plot, FileSystem.fileExtension(of: plot) != "png" {
            throw ValidationError("--plot takes the name of a PNG file, got '\(plot)'.")
        }
    }

    /// Fits, and writes the table and the plots.
    ///
    /// - Throws: `GeneraError` for files that cannot be written; `GeneraError.interrupted` when it was stopped.
    public func run(_ run: RunContext) throws -> Outcome {
        let path = try output.path(or: "fit1d.csv")
        if let plot { try FileSystem.requireWritable(plot, force: output.force) }
        let study = try study()
        let rows = try study.rows(workers: threads ?? run.workers, stop: run.stop, progress: run.progress)
        let report = FitReport(rows)
        try run.write(.table(report.table), to: path)
        if let plot {
            let count = drawn ?? (study.counts.contains(5) ? 5 : study.counts[0])
            try run.write(.picture(report.plot(count: count)), to: plot)
        }
        let broken = rows.reduce(0) { $0 + $1.broken }
        return Outcome(
            facts: [Fact("fits", rows.count * runs), Fact("broken", broken)], tables: [report.table])
    }

    private func study() throws -> FitStudy {
        var study = FitStudy()
        study.curves = try Self.list(curves, "curves")
        study.models = try Self.list(models, "models")
        study.counts = try Self.words(components, "components") { word in
            Int(word).flatMap { (1...FitSum.limit).contains($0) ? $0 : nil }
        }
        study.signs = try Self.words(weights, "weights") { ["positive": true, "real": false][$0] }
        (study.runs, study.steps, study.mode, study.seed) = (runs, steps, mode, seed)
        study.learningRate = Float(lr)
        return study
    }

    private static func list<Item: RawRepresentable>(_ text: String, _ option: String) throws -> [Item]
    where Item.RawValue == String, Item: Equatable { try words(text, option) { Item(rawValue: $0) } }

    /// Words between commas, each once.
    private static func words<Item: Equatable>(
        _ text: String, _ option: String, _ item: (String) -> Item?
    ) throws -> [Item] {
        var items: [Item] = []
        for word in text.split(separator: ",", omittingEmptySubsequences: false).map(String.init) {
            guard let one = item(word) else {
                throw ValidationError("--\(option) '\(text)': '\(word)' is none of its words; see the help.")
            }
            guard !items.contains(one) else {
                throw ValidationError("--\(option) '\(text)': '\(word)' stands there twice.")
            }
            items.append(one)
        }
        return items
    }
}

extension FitMode: ExpressibleByArgument {}
