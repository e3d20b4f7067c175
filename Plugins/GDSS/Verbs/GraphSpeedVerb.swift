import ArgumentParser
import Genera

/// `genera gdss speed MODEL`: how long a step of sampling takes here.
public struct GraphSpeedVerb: Verb {
    /// `speed`.
    public static let name = "speed"
    /// One line for lists.
    public static let summary = "Measure how long the networks and a step of sampling take."
    /// What it is about.
    public static let discussion = """
        Graphs are carried to the middle of their way, and steps there are measured: the least and the median of several. Close other \
        programs first.
        """
    /// A model of one's own, and one of the authors'.
    public static let examples = [
        "genera gdss speed run --count 128",
        "genera gdss speed gdss_ego_small.pth --threads 1,2 --out speed.md",
    ]

    @Argument(help: "A model, a run directory or a checkpoint. (default: the family's own)", completion: .file())
    var model: String?
    @Option(help: ArgumentHelp("Graphs together. (default: as the model draws them)", valueName: "n")) var count: Int?
    @Option(help: ArgumentHelp("Numbers of threads. (default: one a processor)", valueName: "list"))
    var threads: String?
    @Option(help: ArgumentHelp("Steps that are measured.", valueName: "n")) var repeats = 15
    @OptionGroup(title: "Output") var output: OutputOptions

    /// For ArgumentParser.
    public init() {}

    /// Refuses values that make no sense, naming the option.
    public func validate() throws {
        guard (1...100_000).contains(count ?? 1) else {
            throw ValidationError("--count must be from 1 to 100,000, got \(count ?? 1).")
        }
        guard (2...10_000).contains(repeats) else {
            throw ValidationError("--repeats must be from 2 to 10,000, got \(repeats).")
        }
        _ = try threadCounts(1)
    }

    private func threadCounts(_ processors: Int) throws -> [Int] {
        guard let threads else { return [processors] }
        return try threads.split(separator: ",", omittingEmptySubsequences: false).map { word in
            guard let count = Int(word), (1...256).contains(count) else {
                throw ValidationError("--threads takes numbers from 1 to 256 between commas, got '\(word)'.")
            }
            return count
        }
    }

    /// Measures, and writes the table.
    ///
    /// - Throws: errors of reading the model and of writing.
    public func run(_ run: RunContext) throws -> Outcome {
        let path = try output.path(or: "speed.csv")
        let model = try GDSS.Model(run.model(of: GDSS.self, named: model))
        let c = model.configuration
        guard let sizes = c.data.sizes else {
            throw GeneraError.usage("The model does not say how many nodes its graphs had.")
        }
        var sampling = c.sampling
        sampling.together = count ?? sampling.together
        var table = Table(
            "A step of sampling",
            columns: [
                "sampler", "graphs", "threads", Table.Column("networks", unit: "ms"), Table.Column("step", unit: "ms"),
                Table.Column("median step", unit: "ms"), Table.Column("\(c.sde.adj.steps) steps", unit: "s"),
            ],
            notes: ["networks: both of them once for all graphs. The least of \(repeats); median beside it."])
        for threads in try threadCounts(run.workers) {
            var sampler = try model.sampler(
                sampling, sde: c.sde, counts: NodeCounts(sizes: sizes), workers: threads
            ) { $0 }
            let K = c.sde.adj.steps
            let first = max(min(K / 2, K - repeats - 2), 0)
            sampler.window = first..<min(first + repeats + 2, K)
            let found = try measure(sampler, sampling, threads, stop: run.stop)
            table.append([
                .text(c.sampling.sentence), .integer(sampling.together), .integer(threads), .number(found.networks),
                .number(found.steps[0]), .number(found.steps[found.steps.count / 2]),
                .number(found.steps[0] * Double(c.sde.adj.steps) / 1000),
            ])
        }
        try run.write(.table(table), to: path)
        return Outcome(tables: [table])
    }

    /// Milliseconds of the networks, and of steps, ascending.
    private func measure(
        _ sampler: GDSSSampler<NoisyGraph>, _ sampling: GDSSSampling, _ threads: Int, stop: StopToken
    ) throws -> (networks: Double, steps: [Double]) {
        func milliseconds(_ body: () throws -> Void) rethrows -> Double {
            let clock = ContinuousClock()
            let (seconds, attoseconds) = try clock.measure(body).components
            return Double(seconds) * 1e3 + Double(attoseconds) * 1e-15
        }
        let noise = Noise(seed: 1, samples: Array(0..<sampling.together))
        var state = try sampler.start(noise: noise)
        var steps: [Double] = []
        for step in 0..<sampler.stepCount {
            if stop.isStopped { throw GeneraError.interrupted("Stopped while steps were measured.") }
            let time = try milliseconds { try sampler.advance(&state, step: step, noise: noise) }
            // The first two warm up, where there are more.
            if step >= min(2, sampler.stepCount - 1) { steps.append(time) }
        }
        let graphs = state.graphs
        let networks = try (0..<5).map { _ in
            try milliseconds {
                _ = try Parallel.map(graphs.count, workers: threads) {
                    try sampler.scores.raw(graphs[$0], nodes: true, edges: true).x.count
                }
            }
        }
        return (networks.min() ?? 0, steps.sorted())
    }
}

extension NoisyGraph: Drawable {
    /// The graph that it would be without noise.
    package func drawn() throws -> Image { try graph().drawn() }
}
