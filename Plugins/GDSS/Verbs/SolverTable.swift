import Genera

/// Quality beside the number of evaluations, for the ways in which a model can draw.
struct SolverTable {
    private let drawing: GraphDrawing
    private let distance: GraphDiscrepancies
    private let count: Int
    private let seed: UInt64
    /// Steps of every way, in place of several numbers of them.
    var steps: Int?

    init(
        _ model: GDSS.Model, real: [Graph], kernel: GraphDiscrepancies.Kernel, count: Int, seed: UInt64, run: RunContext
    ) throws {
        guard let sizes = model.configuration.data.sizes else {
            throw GeneraError.usage("The model does not say how many nodes its graphs had.")
        }
        drawing = GraphDrawing(model, counts: NodeCounts(sizes: sizes), run: run)
        distance = try GraphDiscrepancies(real, kernel, workers: run.workers)
        (self.count, self.seed) = (count, seed)
    }

    /// A way of drawing, and in how many steps.
    private struct Way {
        let predictor: GDSSSampling.Predictor
        var corrector = GDSSSampling.Corrector.none
        /// The corrector's signal to noise; nil for the model's. Fewer steps need longer ones.
        var snr: Float?
        let steps: [Int]
    }

    private static let ways = [
        Way(predictor: .euler, corrector: .langevin, steps: [1000, 100]),
        Way(predictor: .euler, steps: [1000]),
        Way(predictor: .reverse, corrector: .langevin, steps: [1000]),
        Way(predictor: .s4, steps: [1000, 100]),
        Way(predictor: .heun, steps: [25]),
        Way(predictor: .exponential, steps: [50]),
        Way(predictor: .exponential, corrector: .langevin, snr: 0.15, steps: [50, 25]),
        Way(predictor: .euler, corrector: .langevin, snr: 0.15, steps: [50, 25]),
        Way(predictor: .euler, corrector: .langevin, snr: 0.25, steps: [50, 25]),
        Way(predictor: .s4, snr: 0.15, steps: [50]),
        Way(predictor: .s4, snr: 0.25, steps: [50]),
    ]

    func table() throws -> Table {
        var table = Table(
            "Solvers",
            columns: [
                "solver", "snr", "steps", "evaluations", Table.Column("degree", digits: .places(4)),
                Table.Column("clustering", digits: .places(4)), Table.Column("orbit", digits: .places(4)),
                Table.Column("spectral", digits: .places(4)), Table.Column("time", unit: "s"),
            ],
            notes: [
                "\(count) graphs under seed \(seed) with the model's other settings. An evaluation asks both networks once."
            ]
        )
        for way in Self.ways {
            for steps in steps.map({ [$0] }) ?? way.steps {
                var drawing = drawing
                (drawing.sampling.predictor, drawing.sampling.corrector) = (way.predictor, way.corrector)
                if let snr = way.snr { drawing.sampling.snr = snr }
                let (graphs, seconds) = try drawing.graphs(count, seed: seed, steps: steps)
                let values = try distance(graphs)
                let name = way.predictor.rawValue + (way.corrector == .langevin ? " + Langevin" : "")
                table.append(
                    [
                        .text(name), drawing.sampling.isCoupled ? .number(Double(drawing.sampling.snr)) : .empty,
                        .integer(steps), .integer(Self.evaluations(way, steps)),
                    ]
                        + values.map { .number($0) } + [.number(seconds)])
            }
        }
        return table
    }

    private static func evaluations(_ way: Way, _ steps: Int) -> Int {
        let own = way.predictor == .heun ? 2 * steps - 1 : steps
        return own + (way.corrector == .langevin ? steps : 0)
    }
}
