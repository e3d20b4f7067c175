import Genera

/// The paper's table of generic graphs, made anew.
struct GenericTable {
    private let kernel: GraphDiscrepancies.Kernel
    private let run: RunContext
    private let seeds: [UInt64]
    /// Graphs a seed; nil for as many whole batches as there are test graphs.
    var count: Int?
    var steps: Int?
    private(set) var table: Table

    init(kernel: GraphDiscrepancies.Kernel, seeds: [UInt64], run: RunContext) {
        (self.kernel, self.seeds, self.run) = (kernel, seeds, run)
        table = Table(
            "GDSS on generic graphs",
            columns: [
                "set", "graphs", Table.Column("n"), Table.Column("degree", digits: .places(4)),
                Table.Column("clustering", digits: .places(4)), Table.Column("orbit", digits: .places(4)),
                Table.Column("spectral", digits: .places(4)), Table.Column("time", unit: "s"),
            ],
            notes: [
                "Squared MMDs, biased; kernels of "
                    + (kernel == .emd
                        ? "the earth mover's distance (degree 1, clustering 0.1, spectral 1 in bins), of orbits the Euclidean (30)."
                        : "the total variation, with the same widths."),
                "Seeds \(seeds.map(String.init).joined(separator: ", ")); mean and deviation over seeds. Floor: training graphs in place of drawn ones, 12 draws.",
            ])
    }

    /// A set: what was published, what its checkpoint draws, and the floor.
    mutating func add(_ name: String, graphs path: String, checkpoint: String) throws {
        let set = try TrainingGraphs(path, count: nil, features: .degree, run)
        let held = set.graphs.count / 5
        let (test, train) = (Array(set.graphs[..<held]), Array(set.graphs[held...]))
        let distance = try GraphDiscrepancies(test, kernel, workers: run.workers)
        if kernel == .emd { addPublished(name, held) }
        let model = try GDSS.Model(run.model(of: GDSS.self, named: checkpoint))
        let drawing = GraphDrawing(model, counts: try .like(EncodedGraphs(train, .ones, features: 1).places), run: run)
        let together = model.configuration.sampling.together
        let wanted = count ?? (held + together - 1) / together * together
        var (first, all, times): ([[Double]], [[Double]], [Double]) = ([], [], [])
        for seed in seeds {
            run.progress.report(.news("\(name): \(wanted) graphs under seed \(seed)"))
            let (drawn, seconds) = try drawing.graphs(wanted, seed: seed, steps: steps)
            first.append(try distance(Array(drawn.prefix(held))))
            all.append(try distance(drawn))
            times.append(seconds)
            if run.stop.isStopped { break }
        }
        append(name, "the first \(held), as the paper", min(held, wanted), first, times)
        if wanted > held { append(name, "all", wanted, all, times) }
        append(name, "floor", held, try floor(train, held, distance), [])
        append(name, "all training graphs", train.count, [try distance(train)], [])
    }

    private mutating func addPublished(_ name: String, _ held: Int) {
        if let paper = PublishedGraphs.paper[name] {
            table.append(row(name, "paper", held, paper.map { .number($0) } + [.empty], .empty))
        }
        guard let code = PublishedGraphs.code[name] else { return }
        let cells = code.mean.enumerated().map { place, mean -> Table.Cell in
            .mean(mean, deviation: place < code.deviation.count ? code.deviation[place] : nil, count: code.seeds)
        }
        table.append(row(name, "authors' code", held, cells, .empty))
    }

    private mutating func append(_ name: String, _ what: String, _ n: Int, _ values: [[Double]], _ times: [Double]) {
        let cells = (0..<4).map { place in Table.Cell.mean(of: values.map { $0[place] }) }
        table.append(row(name, what, n, cells, times.isEmpty ? .empty : .mean(of: times)))
    }

    private func row(_ name: String, _ what: String, _ n: Int, _ cells: [Table.Cell], _ time: Table.Cell) -> [Table
        .Cell]
    {
        [.text(name), .text(what), .integer(n)] + cells + [time]
    }

    /// Random training graphs, as many as there are test graphs, in place of drawn ones.
    private func floor(_ train: [Graph], _ count: Int, _ distance: GraphDiscrepancies) throws -> [[Double]] {
        try (0..<12).map { draw in
            let order = DataOrder(size: train.count, seed: UInt64(draw)).indices(0..<min(count, train.count))
            return try distance(order.map { train[$0] })
        }
    }
}

/// Draws from a model outside of `genera sample`.
struct GraphDrawing: Sendable {
    private let model: GDSS.Model
    private let counts: NodeCounts
    private let run: RunContext
    /// How; the model's own way unless changed.
    var sampling: GDSSSampling

    init(_ model: GDSS.Model, counts: NodeCounts, run: RunContext) {
        (self.model, self.counts, self.run) = (model, counts, run)
        sampling = model.configuration.sampling
    }

    /// Graphs and the seconds that they took.
    func graphs(_ count: Int, seed: UInt64, steps: Int? = nil) throws -> (graphs: [Graph], seconds: Double) {
        try samples(count, seed: seed, steps: steps) { try $0.graph() }
    }

    /// Anything that is made of a graph without noise.
    func samples<Sample: Drawable>(
        _ count: Int, seed: UInt64, steps: Int? = nil, finished: @escaping @Sendable (NoisyGraph) throws -> Sample
    ) throws -> (graphs: [Sample], seconds: Double) {
        var sde = model.configuration.sde
        if let steps { (sde.x.steps, sde.adj.steps) = (steps, steps) }
        try sde.adj.check()
        let sampler = try model.sampler(sampling, sde: sde, counts: counts, workers: run.workers, finished: finished)
        let request = SamplingRequest(indices: Array(0..<count), seed: seed, batch: sampling.together)
        let result = try SamplingDriver(progress: run.progress, stop: run.stop).run(sampler, request)
        guard !result.report.wasStopped else {
            throw GeneraError.interrupted("Stopped while graphs were drawn.")
        }
        return (result.samples, result.report.seconds)
    }
}
