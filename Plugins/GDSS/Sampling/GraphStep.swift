import Genera

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// One step of a sampler for all graphs of a batch, at one time.
struct GraphStep: Sendable {
    private let scores: any GraphScores
    private let sde: GDSSConfiguration.Pair<GraphSDE>
    private let sampling: GDSSSampling
    private let features: Int
    private let workers: Int
    private let number: Int
    private let t: Float
    private let next: Float
    private let noise: any GraphNoise

    init<Sample>(
        _ sampler: GDSSSampler<Sample>, number: Int, _ t: Float, next: Float, _ noise: any GraphNoise
    ) {
        (scores, sde, sampling) = (sampler.scores, sampler.sde, sampler.sampling)
        (features, workers) = (sampler.features, sampler.workers)
        (self.number, self.t, self.next, self.noise) = (number, t, next, noise)
    }

    private func forEach<Result: Sendable>(
        _ graphs: [NoisyGraph], _ body: @escaping @Sendable (Int, NoisyGraph) throws -> Result
    ) throws -> [Result] {
        try Parallel.map(graphs.count, workers: workers) { try body($0, graphs[$0]) }
    }

    /// The scores of a graph: -o/std for VP and subVP, the network's numbers themselves for VE.
    private func score(_ graph: NoisyGraph, at t: Float, nodes: Bool = true, edges: Bool = true) throws -> GraphField {
        var raw = try scores.raw(graph, nodes: nodes, edges: edges)
        func scale(_ sde: GraphSDE) -> Float? { sde.kind == .ve ? nil : -1 / sde.marginal(t).deviation }
        if let factor = scale(sde.x) { for i in raw.x.indices { raw.x[i] *= factor } }
        if let factor = scale(sde.adj) { for i in raw.adjacency.indices { raw.adjacency[i] *= factor } }
        return raw
    }

    private func draw(_ ordinal: Int, perStep: Int, place: (Int, Int)) -> GraphDraw {
        GraphDraw(step: number, ordinal: ordinal, perStep: perStep, place: place)
    }
}

// MARK: Predictor and corrector

extension GraphStep {
    private var corrections: Int { sampling.corrector == .langevin ? sampling.corrections : 0 }

    /// Langevin steps towards the law at this time. Edges are corrected beside the node features as they were before.
    func correct(_ state: inout GDSSState) throws {
        let before = state.graphs
        for inner in 0..<corrections {
            let draw = draw(
                inner, perStep: corrections + 1, place: (inner, corrections + inner))
            let drawn = try forEach(state.graphs) { row, graph in
                let field = inner == 0 ? try score(graph, at: t) : try apart(graph, before[row])
                return try (score: field, noise: noise(draw, row: row, graph, features: features))
            }
            state.graphs = corrected(state.graphs, drawn, alpha: (sde.x.alpha(t), sde.adj.alpha(t)))
        }
    }

    /// The scores of node features beside the edges as they were before, and of edges beside the node features as they were.
    private func apart(_ graph: NoisyGraph, _ before: NoisyGraph) throws -> GraphField {
        var (nodes, edges) = (graph, graph)
        (nodes.adjacency, edges.x) = (before.adjacency, before.x)
        return try GraphField(
            x: score(nodes, at: t, edges: false).x, adjacency: score(edges, at: t, nodes: false).adjacency)
    }

    /// x + step·g + √(2 step)·scale·z with step = 2α(snr ‖z‖ / ‖g‖)², norms being means over the batch.
    private func corrected(
        _ graphs: [NoisyGraph], _ drawn: [(score: GraphField, noise: GraphField)], alpha: (x: Float, adjacency: Float)
    ) -> [NoisyGraph] {
        let (g, z) = (drawn.map(\.score.norms), drawn.map(\.noise.norms))
        func length(_ alpha: Float, _ g: [Float], _ z: [Float]) -> Float {
            let ratio = sampling.snr * z.mean / g.mean
            return ratio.isFinite ? 2 * alpha * ratio * ratio : 0
        }
        let step = (
            length(alpha.x, g.map(\.x), z.map(\.x)),
            length(alpha.adjacency, g.map(\.adjacency), z.map(\.adjacency))
        )
        return zip(graphs, drawn).map { graph, drawn in
            func moved(_ value: [Float], _ score: [Float], _ noise: [Float], _ step: Float) -> [Float] {
                value.combined(1, step, score).combined(1, (2 * step).squareRoot() * sampling.scale, noise)
            }
            return NoisyGraph(
                places: graph.places, x: moved(graph.x, drawn.score.x, drawn.noise.x, step.0),
                adjacency: moved(graph.adjacency, drawn.score.adjacency, drawn.noise.adjacency, step.1))
        }
    }

    /// One step backwards. Edges are carried beside the node features as they were before.
    func predict(_ state: inout GDSSState) throws {
        let draw = draw(corrections, perStep: corrections + 1, place: (2 * corrections, 2 * corrections + 1))
        let moves = (x: move(sde.x), adjacency: move(sde.adj))
        let results = try forEach(state.graphs) { row, graph in
            let score = try score(graph, at: t)
            let z = try noise(draw, row: row, graph, features: features)
            var (mean, noisy) = (graph, graph)
            mean.x = graph.x.combined(moves.x.keep, moves.x.pull, score.x)
            mean.adjacency = graph.adjacency.combined(moves.adjacency.keep, moves.adjacency.pull, score.adjacency)
            noisy.x = mean.x.combined(1, moves.x.spread, z.x)
            noisy.adjacency = mean.adjacency.combined(1, moves.adjacency.spread, z.adjacency)
            return (mean: mean, noisy: noisy)
        }
        state.means = results.map(\.mean)
        state.graphs = results.map(\.noisy)
    }

    /// A predictor's step as x̄ = keep·x + pull·score and x' = x̄ + spread·z.
    private func move(_ sde: GraphSDE) -> (keep: Float, pull: Float, spread: Float) {
        let weight: Float = sampling.isFlow ? 0.5 : 1
        if sampling.predictor == .reverse {
            let (f, G) = sde.discretised(t)
            return (1 - f, G * G * weight, sampling.isFlow ? 0 : G)
        }
        let (drift, g) = sde.coefficients(t)
        let h = 1 / Float(sde.steps)
        return (1 - drift * h, g * g * weight * h, sampling.isFlow ? 0 : g * h.squareRoot())
    }
}

// MARK: Symmetric splitting

extension GraphStep {
    /// Correction, half a transition, the scores' pull, and another half (the paper's algorithm 1).
    func split(_ state: inout GDSSState) throws {
        let places = [(0, 1), (2, 3), (4, 5)]
        let draws = places.indices.map { draw($0, perStep: 3, place: places[$0]) }
        let dt = -1 / Float(sde.adj.steps)
        let first = try (x: sde.x.transition(t, dt / 2), adjacency: sde.adj.transition(t, dt / 2))
        let second = try (
            x: sde.x.transition(t + dt / 2, dt / 2), adjacency: sde.adj.transition(t + dt / 2, dt / 2)
        )
        let (gx, ga) = (sde.x.coefficients(t).diffusion, sde.adj.coefficients(t).diffusion)
        let drawn = try forEach(state.graphs) { row, graph in
            try (score: score(graph, at: t), noise: noise(draws[0], row: row, graph, features: features))
        }
        // The reference scales these steps for VP alone.
        func alpha(_ sde: GraphSDE) -> Float { sde.kind == .vp ? sde.alpha(t) : 1 }
        let corrected = corrected(state.graphs, drawn, alpha: (alpha(sde.x), alpha(sde.adj)))
        let results = try forEach(corrected) { row, graph in
            let (z, y) = try (
                noise(draws[1], row: row, graph, features: features),
                noise(draws[2], row: row, graph, features: features)
            )
            let score = drawn[row].score
            func mean(
                _ value: [Float], _ a: (mean: Float, deviation: Float), _ z: [Float], _ g: Float, _ score: [Float],
                _ b: (mean: Float, deviation: Float)
            ) -> [Float] {
                value.combined(a.mean, a.deviation, z).combined(b.mean, -g * g * dt * b.mean, score)
            }
            var (still, noisy) = (graph, graph)
            still.x = mean(graph.x, first.x, z.x, gx, score.x, second.x)
            still.adjacency = mean(graph.adjacency, first.adjacency, z.adjacency, ga, score.adjacency, second.adjacency)
            noisy.x = still.x.combined(1, second.x.deviation, y.x)
            noisy.adjacency = still.adjacency.combined(1, second.adjacency.deviation, y.adjacency)
            return (mean: still, noisy: noisy)
        }
        state.means = results.map(\.mean)
        state.graphs = results.map(\.noisy)
    }
}

// MARK: The probability flow in few steps

extension GraphStep {
    /// dx/dt = f(x, t) - ½ g(t)² score.
    private func slope(_ graph: NoisyGraph, at t: Float) throws -> GraphField {
        let score = try score(graph, at: t)
        func flow(_ value: [Float], _ score: [Float], _ sde: GraphSDE) -> [Float] {
            let (drift, g) = sde.coefficients(t)
            return value.combined(drift, -0.5 * g * g, score)
        }
        return GraphField(
            x: flow(graph.x, score.x, sde.x), adjacency: flow(graph.adjacency, score.adjacency, sde.adj))
    }

    private func moved(_ graph: NoisyGraph, _ h: Float, _ slope: GraphField) -> NoisyGraph {
        NoisyGraph(
            places: graph.places, x: graph.x.combined(1, h, slope.x),
            adjacency: graph.adjacency.combined(1, h, slope.adjacency))
    }

    /// Heun's method from this time to the next; the last step guesses the clean graph instead.
    func heun(_ state: inout GDSSState, isLast: Bool) throws {
        let h = next - t
        state.graphs = try forEach(state.graphs) { _, graph in
            if isLast {
                let guess = try guess(graph, at: t)
                return NoisyGraph(places: graph.places, x: guess.x, adjacency: guess.adjacency)
            }
            let first = try slope(graph, at: t)
            let second = try slope(moved(graph, h, first), at: next)
            return moved(moved(graph, h / 2, first), h / 2, second)
        }
        state.means = state.graphs
    }

    /// E[x_0 | x_t] = (x + σ² score) / m, by Tweedie's formula.
    private func guess(_ graph: NoisyGraph, at t: Float) throws -> GraphField {
        let score = try score(graph, at: t)
        func clean(_ value: [Float], _ score: [Float], _ sde: GraphSDE) -> [Float] {
            let (mean, deviation) = sde.marginal(t)
            return value.combined(1 / mean, deviation * deviation / mean, score)
        }
        return GraphField(
            x: clean(graph.x, score.x, sde.x), adjacency: clean(graph.adjacency, score.adjacency, sde.adj))
    }

    /// DPM-Solver++'s second-order multistep form (Lu et al., 2022) for each of the two equations: the linear part is solved exactly, and
    /// what the network guesses of the clean graph is followed by the line through the last two guesses.
    func exponential(_ state: inout GDSSState) throws {
        let old = state.guesses
        let isLast = next >= t
        let results = try forEach(state.graphs) { row, graph in
            let guess = try guess(graph, at: t)
            guard !isLast else {
                return (graph: NoisyGraph(places: graph.places, x: guess.x, adjacency: guess.adjacency), guess: guess)
            }
            func moved(_ value: [Float], _ guess: [Float], _ old: [Float]?, _ sde: GraphSDE) -> [Float] {
                let (here, there) = (sde.marginal(t), sde.marginal(next))
                let h = Self.halfLogSNR(there) - Self.halfLogSNR(here)
                var aim = guess
                if let old {
                    let before = Self.halfLogSNR(here) - Self.halfLogSNR(sde.marginal(previous))
                    let ratio = h / (2 * before)
                    aim = guess.combined(1 + ratio, -ratio, old)
                }
                return value.combined(there.deviation / here.deviation, -there.mean * expm1(-h), aim)
            }
            let last = old.isEmpty ? nil : old[row]
            var result = graph
            result.x = moved(graph.x, guess.x, last?.x, sde.x)
            result.adjacency = moved(graph.adjacency, guess.adjacency, last?.adjacency, sde.adj)
            return (graph: result, guess: guess)
        }
        state.graphs = results.map(\.graph)
        state.guesses = results.map(\.guess)
        state.means = state.graphs
    }

    /// The time before this one, on an even grid.
    private var previous: Float { min(t + (t - next), 1) }

    private static func halfLogSNR(_ law: (mean: Float, deviation: Float)) -> Float { log(law.mean / law.deviation) }
}

extension [Float] {
    fileprivate var mean: Float { isEmpty ? 0 : Float(reduce(0.0) { $0 + Double($1) } / Double(count)) }
}
