import Genera

/// Graphs on their way together.
package struct GDSSState: BatchState {
    package var graphs: [NoisyGraph]
    /// The graphs without the noise that the last step added.
    package var means: [NoisyGraph]
    /// What a multistep method remembers: the last guesses of the clean graphs.
    var guesses: [GraphField] = []

    package var tensors: [Tensor] { [] }
}

/// Draws graphs by carrying node features and edges backwards along their two equations, each by the score that its network sees in
/// both (the paper's equation 3).
package struct GDSSSampler<Sample: Drawable>: Sampler {
    let scores: any GraphScores
    let features: Int
    let padded: Int
    package var sde: GDSSConfiguration.Pair<GraphSDE>
    package var sampling: GDSSSampling
    /// Which nodes each graph has: their places among N.
    let places: @Sendable (Noise) throws -> [[Int]]
    /// What a graph without noise is.
    let finished: @Sendable (NoisyGraph) throws -> Sample
    /// What a graph on its way is shown as; nil for what it would be if it were finished.
    var shown: (@Sendable (NoisyGraph) throws -> Sample)?
    /// Threads that share the graphs of a batch.
    package var workers = 1
    /// Numbers from elsewhere than the seed.
    package var replay: (any GraphNoise)?
    /// The steps that are taken, of all K.
    package var window: Range<Int>?
    /// Which nodes each graph of a batch has, in place of those that are drawn.
    package var given: [[Int]]?
    /// Whether edges are bonds of several orders.
    package var isOfMolecules = false

    /// - Parameters:
    ///   - features: of a node, F.
    ///   - padded: the most nodes, N.
    ///   - places: which nodes each graph has.
    ///   - finished: what a graph without noise is.
    package init(
        scores: any GraphScores, features: Int, padded: Int, sde: GDSSConfiguration.Pair<GraphSDE>,
        sampling: GDSSSampling, places: @escaping @Sendable (Noise) throws -> [[Int]],
        finished: @escaping @Sendable (NoisyGraph) throws -> Sample, workers: Int = 1, isOfMolecules: Bool = false
    ) {
        (self.scores, self.features, self.padded) = (scores, features, padded)
        (self.sde, self.sampling, self.places, self.finished) = (sde, sampling, places, finished)
        (self.workers, self.isOfMolecules) = (workers, isOfMolecules)
    }

    package var stepCount: Int { window?.count ?? sde.adj.steps }

    /// A recording has so many graphs; numbers by place in the batch repeat with the next batch.
    package var sampleCount: Int? { given?.count ?? (replay == nil ? nil : sampling.together) }

    package var lanes: Lanes {
        sampling.isCoupled || replay != nil ? .coupled(sampling.together) : .alike(16)
    }

    package func evaluations(step: Int) -> Int {
        switch sampling.predictor {
        case .s4: 1
        case .heun: (step == stepCount - 1 ? 1 : 2) + corrections
        case .euler, .reverse, .exponential: 1 + corrections
        }
    }

    private var corrections: Int { sampling.corrector == .langevin ? sampling.corrections : 0 }

    package func start(noise: Noise) throws -> GDSSState {
        let places = try given ?? places(noise)
        let source = self.source(noise)
        let graphs = try places.enumerated().map { row, places in
            var graph = NoisyGraph(places: places, x: [], adjacency: [])
            let draw = try source(.prior, row: row, graph, features: features)
            (graph.x, graph.adjacency) = (draw.x, draw.adjacency)
            return graph
        }
        return GDSSState(graphs: graphs, means: graphs)
    }

    package func advance(_ state: inout GDSSState, step: Int, noise: Noise) throws {
        let k = (window?.lowerBound ?? 0) + step
        let run = GraphStep(self, number: step, time(k), next: time(min(k + 1, sde.adj.steps - 1)), source(noise))
        if sampling.predictor != .s4, sampling.corrector == .langevin { try run.correct(&state) }
        switch sampling.predictor {
        case .s4: try run.split(&state)
        case .heun: try run.heun(&state, isLast: step == stepCount - 1)
        case .exponential: try run.exponential(&state)
        case .euler, .reverse: try run.predict(&state)
        }
        try check(state, noise, step)
    }

    /// The time of step k: K times from 1 to `end`.
    private func time(_ k: Int) -> Float { GraphSDE.point(k, of: sde.adj.steps, from: 1, to: sampling.end) }

    private func source(_ noise: Noise) -> any GraphNoise { replay ?? AddressedGraphNoise(noise: noise) }

    package func finish(_ state: GDSSState) throws -> [Sample] {
        try (sampling.removesNoise ? state.means : state.graphs).map(finished)
    }

    package func preview(_ state: GDSSState, step: Int) throws -> [Sample] { try state.means.map(shown ?? finished) }

    private func check(_ state: GDSSState, _ noise: Noise, _ step: Int) throws {
        for (row, graph) in state.graphs.enumerated() {
            guard (graph.x.reduce(0, +) + graph.adjacency.reduce(0, +)).isFinite else {
                throw GeneraError.notFinite(
                    sample: noise.samples.indices.contains(row) ? noise.samples[row] : row, step: step, of: stepCount,
                    detail: "the graph's numbers grew without bound; a smaller --snr or more --steps may help")
            }
        }
    }
}
