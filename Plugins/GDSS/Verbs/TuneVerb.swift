import ArgumentParser
import Genera

/// `genera gdss tune`: searches the numbers of the corrector, and the solver, at which a trained model draws best.
public struct TuneVerb: Verb {
    /// `tune`.
    public static let name = "tune"
    /// One line for lists.
    public static let summary = "Search the sampling settings at which a trained model draws best."
    /// What it is about.
    public static let discussion = """
        Every combination draws the same number of graphs under the same seeds and is measured by the mean of its degree, clustering and \
        orbit MMDs beside the reference. Use graphs that the model was trained on, or others that no table is made with: a setting that \
        was chosen on test graphs flatters itself there. The best one is written as a configuration for `genera sample gdss --config`.
        """
    /// A model of one's own, and fewer steps.
    public static let examples = [
        "genera gdss tune --checkpoint run --reference train.json --out best.yaml",
        "genera gdss tune --reference train.json --predictors S4 --steps 50",
    ]

    @Option(help: ArgumentHelp("The model. (default: the family's own)", valueName: "path")) var checkpoint: String?
    @Option(help: ArgumentHelp("Graphs to compare with.", valueName: "file"), completion: .file())
    var reference: String
    @Option(help: ArgumentHelp("Predictors to try.", valueName: "list")) var predictors = "Euler,S4"
    @Option(help: ArgumentHelp("Signal-to-noise ratios to try.", valueName: "list"))
    var snr = "0.05,0.1,0.15,0.2"
    @Option(name: [.long, .customLong("scale_eps")], help: ArgumentHelp("Scales of noise to try.", valueName: "list"))
    var scaleEps = "0.5,0.7,0.9,1"
    @Option(help: ArgumentHelp("Steps. (default: the model's)", valueName: "n")) var steps: Int?
    @Option(help: ArgumentHelp("Graphs that each setting draws.", valueName: "n")) var count = 128
    @Option(help: ArgumentHelp("Seeds that each setting draws under.", valueName: "n")) var seeds = 1
    @OptionGroup(title: "Output") var output: OutputOptions

    /// For ArgumentParser.
    public init() {}

    /// Refuses values that make no sense, naming the option.
    public func validate() throws {
        guard (2...100_000).contains(count) else {
            throw ValidationError("--count must be from 2 to 100,000, got \(count).")
        }
        guard (1...100).contains(seeds) else { throw ValidationError("--seeds must be from 1 to 100, got \(seeds).") }
        _ = try settings(GDSSSampling())
    }

    /// The combinations, over a model's own way of drawing.
    private func settings(_ own: GDSSSampling) throws -> [GDSSSampling] {
        let words = predictors.split(separator: ",").map(String.init)
        guard !words.isEmpty else { throw ValidationError("--predictors needs a name, got '\(predictors)'.") }
        let known = try words.map { word in
            guard let one = GDSSSampling.Predictor(argument: word) else {
                throw ValidationError("--predictors takes names with commas between them; '\(word)' is none.")
            }
            return one
        }
        func numbers(_ text: String, _ option: String) throws -> [Float] {
            let words = text.split(separator: ",")
            guard !words.isEmpty else { throw ValidationError("--\(option) needs a number, got '\(text)'.") }
            return try words.map { word in
                guard let number = Float(word), (0...1000).contains(number) else {
                    throw ValidationError("--\(option) takes numbers from 0 to 1000, got '\(word)'.")
                }
                return number
            }
        }
        let (ratios, scales) = try (numbers(snr, "snr"), numbers(scaleEps, "scale-eps"))
        return known.flatMap { predictor -> [GDSSSampling] in
            var base = own
            base.predictor = predictor
            base.corrector = predictor == .s4 ? .none : .langevin
            return ratios.flatMap { snr in
                scales.map { scale in
                    var s = base
                    (s.snr, s.scale) = (snr, scale)
                    return s
                }
            }
        }
    }

    /// Draws, measures, and writes the best setting.
    ///
    /// - Throws: errors of reading and drawing.
    public func run(_ run: RunContext) throws -> Outcome {
        let path = try output.path(or: "best.yaml")
        let model = try GDSS.Model(run.model(of: GDSS.self, named: checkpoint))
        let set = try TrainingGraphs(reference, count: nil, features: nil, run)
        let distance = try GraphDiscrepancies(set.graphs, workers: run.workers)
        let counts = try NodeCounts.like(EncodedGraphs(set.graphs, .ones, features: 1).places)
        let settings = try settings(model.configuration.sampling)
        var found: [(setting: GDSSSampling, values: [Double])] = []
        for (number, setting) in settings.enumerated() {
            run.progress.report(.news("setting \(number + 1) of \(settings.count): \(setting.sentence)"))
            var drawing = GraphDrawing(model, counts: counts, run: run)
            drawing.sampling = setting
            let each = try (0..<seeds).map {
                try distance(drawing.graphs(count, seed: UInt64($0), steps: steps).graphs)
            }
            found.append((setting, (0..<4).map { place in each.reduce(0) { $0 + $1[place] } / Double(seeds) }))
        }
        func mean(_ values: [Double]) -> Double { values.prefix(3).reduce(0, +) / 3 }
        found.sort { mean($0.values) < mean($1.values) }
        let best = found[0].setting
        try run.write(.text(Self.yaml(best, steps)), to: path)
        var table = Table(
            "Settings, the best first",
            columns: [
                "predictor", Table.Column("snr"), Table.Column("scale"), Table.Column("mean", digits: .places(4)),
                Table.Column("degree", digits: .places(4)), Table.Column("clustering", digits: .places(4)),
                Table.Column("orbit", digits: .places(4)), Table.Column("spectral", digits: .places(4)),
            ],
            notes: [
                "Squared MMDs of \(count) graphs, \(seeds) seed\(seeds == 1 ? "" : "s"), beside \(set.graphs.count) of \(set.name)."
            ])
        for (setting, values) in found {
            let numbers: [Table.Cell] = [.number(Double(setting.snr)), .number(Double(setting.scale))]
            table.append(
                [.text(setting.predictor.rawValue)] + numbers + [.number(mean(values))] + values.map { .number($0) })
        }
        return Outcome(facts: [Fact("best", best.sentence)], tables: [table])
    }

    /// Options of `genera sample gdss`.
    private static func yaml(_ s: GDSSSampling, _ steps: Int?) -> String {
        var lines = ["predictor: \(s.predictor.rawValue)", "corrector: \(s.corrector.rawValue)"]
        lines += ["snr: \(s.snr)", "scale-eps: \(s.scale)"]
        if let steps { lines.append("steps: \(steps)") }
        return lines.joined(separator: "\n") + "\n"
    }
}
