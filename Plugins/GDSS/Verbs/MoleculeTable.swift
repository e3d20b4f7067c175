import Genera

/// The paper's table of molecules, made anew as far as no toolkit of chemistry is needed.
struct MoleculeTable {
    private let run: RunContext
    var seeds: [UInt64] = [1]
    /// Molecules a seed.
    var count = 1000
    var steps: Int?
    /// Molecules that were learnt from, for novelty.
    var training: [Molecule] = []
    private(set) var table: Table

    init(run: RunContext) {
        self.run = run
        let percent = Table.Digits.places(2)
        table = Table(
            "GDSS on molecules",
            columns: [
                "set", "molecules", Table.Column("n"), Table.Column("valid", unit: "%", digits: percent),
                Table.Column("unique", unit: "%", digits: percent), Table.Column("novel", unit: "%", digits: percent),
                Table.Column("time", unit: "s"),
            ],
            notes: [
                "valid: without correction. unique: different canonical forms among the largest fragments after correction. novel: not among the molecules of --reference. FCD is not available: its network's weights are not at hand."
            ])
    }

    mutating func add(_ name: String, checkpoint: String) throws {
        if let paper = PublishedGraphs.molecules[name] {
            table.append([.text(name), .text("paper"), .integer(10_000)] + paper.map { .number($0) } + [.empty])
        }
        let model = try GDSS.Model(run.model(of: GDSS.self, named: checkpoint))
        guard let atoms = model.configuration.data.atoms, let sizes = model.configuration.data.sizes else {
            throw GeneraError.badData(
                file: checkpoint, reason: "it is no model of molecules whose elements and sizes are known")
        }
        let decoder = MoleculeDecoder(try AtomSet(atoms.joined(separator: ",")))
        let drawing = GraphDrawing(model, counts: NodeCounts(sizes: sizes), run: run)
        let known = Set(training.map(\.canonicalText))
        var (valid, unique, novel, times): ([Double], [Double], [Double], [Double]) = ([], [], [], [])
        for seed in seeds {
            run.progress.report(.news("\(name): \(count) molecules under seed \(seed)"))
            let (drawn, seconds) = try drawing.samples(count, seed: seed, steps: steps) {
                try decoder.molecule(nodes: $0.x, edges: $0.adjacency)
            }
            let texts = try Parallel.map(drawn.count, workers: run.workers) { drawn[$0].canonicalText }
            let different = Set(texts)
            valid.append(100 * Double(drawn.count { !$0.isCorrected }) / Double(drawn.count))
            unique.append(100 * Double(different.count) / Double(drawn.count))
            if !known.isEmpty {
                novel.append(100 * Double(different.count { !known.contains($0) }) / Double(different.count))
            }
            times.append(seconds)
        }
        table.append(
            [
                .text(name), .text("drawn here, seeds \(seeds.map(String.init).joined(separator: ", "))"),
                .integer(count),
            ]
                + [valid, unique, novel, times].map { $0.isEmpty ? .empty : .mean(of: $0) })
    }
}
