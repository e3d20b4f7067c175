import Foundation
import GDSS
import Genera
import Synchronization
import Testing

/// Samplers beside laws that are known, and what must not change what is drawn.
@Suite struct GraphSamplerTests {
    typealias Pair = GDSSConfiguration.Pair<GraphSDE>

    static let laws = (
        x: GaussianScores.Law(mean: 0.3, variance: 0.25), adjacency: GaussianScores.Law(mean: -0.2, variance: 0.5)
    )

    static func sampling(
        _ predictor: GDSSSampling.Predictor, _ corrector: GDSSSampling.Corrector = .none, end: Float = 1e-4
    ) -> GDSSSampling {
        var s = GDSSSampling()
        (s.predictor, s.corrector, s.end, s.snr, s.scale) = (predictor, corrector, end, 0.1, 1)
        return s
    }

    /// Draws graphs of six nodes with three features, all together.
    private static func draw(
        _ sampling: GDSSSampling, _ sde: Pair, laws: (x: GaussianScores.Law, adjacency: GaussianScores.Law) = laws,
        graphs: Int
    ) throws -> (start: [NoisyGraph], end: [NoisyGraph]) {
        let K = sde.adj.steps
        func time(_ k: Int) -> Float { GraphSDE.point(k, of: K, from: 1, to: sampling.end) }
        let times = (0..<K).flatMap { k -> [Float] in
            switch sampling.predictor {
            case .heun: k == K - 1 ? [time(k)] : [time(k), time(k + 1)]
            case .euler, .reverse: sampling.corrector == .langevin ? [time(k), time(k)] : [time(k)]
            case .s4, .exponential: [time(k)]
            }
        }
        let scores = GaussianScores(sde, x: laws.x, adjacency: laws.adjacency, times: times, graphs: graphs)
        let sampler = GDSSSampler(
            scores: scores, features: 3, padded: 6, sde: sde, sampling: sampling,
            places: { noise in noise.samples.map { _ in Array(0..<6) } }, finished: { $0 })
        let noise = Noise(seed: 5, samples: Array(0..<graphs))
        var state = try sampler.start(noise: noise)
        let start = state.graphs
        for step in 0..<sampler.stepCount { try sampler.advance(&state, step: step, noise: noise) }
        return (start, try sampler.finish(state))
    }

    private static func pair(_ kind: GraphSDE.Kind, _ low: Float, _ high: Float, steps: Int) throws -> Pair {
        let sde = try GraphSDE(kind, low: low, high: high, steps: steps)
        return Pair(x: sde, adj: sde)
    }

    @Test(
        "A Gaussian law comes out, of nodes and of edges",
        arguments: [
            (.euler, .none), (.euler, .langevin), (.reverse, .none), (.reverse, .langevin), (.s4, .none),
        ] as [(GDSSSampling.Predictor, GDSSSampling.Corrector)])
    func gaussian(predictor: GDSSSampling.Predictor, corrector: GDSSSampling.Corrector) throws {
        let sde = try Self.pair(.vp, 0.1, 20, steps: 400)
        let drawn = DrawnNumbers(try Self.draw(Self.sampling(predictor, corrector), sde, graphs: 200).end)
        for (values, law) in [(drawn.x, Self.laws.x), (drawn.adjacency, Self.laws.adjacency)] {
            let (mean, variance) = DrawnNumbers.moments(values)
            let error = (Double(law.variance) / Double(values.count)).squareRoot()
            #expect(abs(mean - Double(law.mean)) < 4 * error + 0.01, "mean \(mean)")
            #expect(abs(variance / Double(law.variance) - 1) < 0.14, "variance \(variance)")
        }
    }

    @Test(
        "VE brings a narrow law back from noise of deviation 1",
        arguments: [GDSSSampling.Predictor.euler, .reverse, .s4])
    func exploding(predictor: GDSSSampling.Predictor) throws {
        let sde = try Self.pair(.ve, 0.05, 1, steps: 300)
        let law = GaussianScores.Law(mean: 0, variance: 0.04)
        var sampling = Self.sampling(predictor)
        sampling.snr = 0
        let drawn = DrawnNumbers(try Self.draw(sampling, sde, laws: (law, law), graphs: 120).end)
        for values in [drawn.x, drawn.adjacency] {
            let (mean, variance) = DrawnNumbers.moments(values)
            #expect(abs(mean) < 0.025)
            #expect(abs(variance / 0.0425 - 1) < 0.15, "variance \(variance)")
        }
    }

    @Test(
        "Heun's and the exponential method follow the exact flow, at second order",
        arguments: [GDSSSampling.Predictor.heun, .exponential])
    func flow(predictor: GDSSSampling.Predictor) throws {
        let sampling = Self.sampling(predictor, end: 0.1)
        func error(_ steps: Int) throws -> Double {
            let sde = try Self.pair(.vp, 0.1, 5, steps: steps)
            let (start, end) = try Self.draw(sampling, sde, graphs: 1)
            func worst(_ first: [Float], _ last: [Float], _ law: GaussianScores.Law) -> Double {
                let (one, final) = (law.at(1, sde.x), law.at(0.1, sde.x))
                let (m, s) = sde.x.marginal(0.1)
                return zip(first, last).map { a, b in
                    // Where the flow ends, and the clean number that is to be expected there.
                    let x = final.mean + (final.variance / one.variance).squareRoot() * (a - one.mean)
                    let clean = (x + s * s * (final.mean - x) / final.variance) / m
                    return abs(Double(b - clean))
                }.max() ?? .infinity
            }
            let edges = (DrawnNumbers(start).adjacency, DrawnNumbers(end).adjacency)
            return max(worst(start[0].x, end[0].x, Self.laws.x), worst(edges.0, edges.1, Self.laws.adjacency))
        }
        let errors = try [10, 20, 40].map(error)
        #expect(errors[2] < 0.01, "\(errors)")
        #expect(errors[0] / errors[1] > 3 && errors[1] / errors[2] > 3, "\(errors)")
    }

    @Test("Zero correction is no correction")
    func noCorrection() throws {
        let sde = try Self.pair(.vp, 0.1, 1, steps: 30)
        var corrected = Self.sampling(.euler, .langevin)
        corrected.snr = 0
        // The predictor's draws have other numbers beside a corrector, so only the flow can be compared.
        corrected.isFlow = true
        var plain = Self.sampling(.euler)
        plain.isFlow = true
        let (a, b) = try (Self.draw(corrected, sde, graphs: 3).end, Self.draw(plain, sde, graphs: 3).end)
        for (a, b) in zip(a, b) { #expect(a.x == b.x && a.adjacency == b.adjacency) }
    }

    @Test("Edges stay symmetric without a diagonal", arguments: GDSSSampling.Predictor.allCases)
    func symmetric(predictor: GDSSSampling.Predictor) throws {
        let sde = try Self.pair(.vp, 0.1, 1, steps: 12)
        for graph in try Self.draw(Self.sampling(predictor), sde, graphs: 2).end {
            for i in 0..<6 {
                #expect(graph.adjacency[i * 6 + i] == 0)
                for j in 0..<i { #expect(graph.adjacency[i * 6 + j] == graph.adjacency[j * 6 + i]) }
            }
        }
    }
}

/// Random networks through the driver: what a sample depends on, and what not.
@Suite struct GraphDrawsTests {
    typealias Pair = GDSSConfiguration.Pair<GraphSDE>

    private static func scores() throws -> any GraphScores {
        func packed(_ c: ScoreNetworkConfiguration, _ seed: UInt64) throws -> PackedScoreNetwork {
            let scope = ParameterScope.drawing(seed: seed)
            _ = try c.network(in: scope)
            return try PackedScoreNetwork(
                c,
                weights: scope.entries.map {
                    ($0.name, RawTensor(try $0.tensor.array(of: Float.self), shape: $0.tensor.shape.sizes))
                })
        }
        var edges = ScoreNetworkConfiguration(.edges, features: 3, layers: 2, hidden: 8)
        edges.attention = 8
        return PackedGraphScores(
            features: 3, x: try packed(ScoreNetworkConfiguration(.nodes, features: 3, layers: 2, hidden: 6), 1),
            adjacency: try packed(edges, 2))
    }

    private static func sampler(
        _ change: (inout GDSSSampling) -> Void = { _ in }
    ) throws -> GDSSSampler<NoisyGraph> {
        let sde = try GraphSDE(.vp, low: 0.1, high: 1, steps: 8)
        var sampling = GDSSSampling()
        sampling.together = 4
        change(&sampling)
        let counts = NodeCounts.between(3...7)
        return GDSSSampler(
            scores: try scores(), features: 3, padded: 9, sde: Pair(x: sde, adj: sde), sampling: sampling,
            places: { try counts.places($0) }, finished: { $0 })
    }

    private static func samples(
        _ sampler: GDSSSampler<NoisyGraph>, _ change: (inout SamplingRequest) -> Void = { _ in }
    ) throws -> [Int: [Float]] {
        var request = SamplingRequest(indices: Array(0..<12), seed: 3)
        change(&request)
        let result = try SamplingDriver().run(sampler, request)
        return Dictionary(uniqueKeysWithValues: zip(result.indices, result.samples.map { $0.x + $0.adjacency }))
    }

    @Test(
        "A sample is the same whatever workers, batch, shard and other samples",
        arguments: GDSSSampling.Predictor.allCases, GDSSSampling.Corrector.allCases)
    func invariant(predictor: GDSSSampling.Predictor, corrector: GDSSSampling.Corrector) throws {
        let sampler = try Self.sampler { ($0.predictor, $0.corrector) = (predictor, corrector) }
        let all = try Self.samples(sampler)
        #expect(Set(all.values).count == 12)
        var parallel = sampler
        parallel.workers = 3
        #expect(try Self.samples(parallel) == all)
        #expect(try Self.samples(sampler) { $0.batch = 5 } == all)
        #expect(try Self.samples(sampler) { $0.workers = 2 } == all)
        #expect(try Self.samples(sampler) { $0.indices = [9, 2] } == all.filter { [9, 2].contains($0.key) })
        var parts: [Int: [Float]] = [:]
        for shard in 0..<2 {
            parts.merge(try Self.samples(sampler) { $0.shard = (shard, 2) }) { $1 }
        }
        #expect(parts == all)
        #expect(try Self.samples(sampler) { $0.seed = 4 } != all)
    }

    @Test("Graphs that are drawn together touch each other only where a corrector looks at all of them")
    func together() throws {
        func drawn(_ together: Int, _ corrector: GDSSSampling.Corrector) throws -> [Int: [Float]] {
            try Self.samples(Self.sampler { ($0.together, $0.corrector) = (together, corrector) })
        }
        #expect(try drawn(4, .none) == drawn(3, .none))
        #expect(try drawn(4, .langevin) != drawn(3, .langevin))
    }

    /// Numbers of zero that remember how they were asked for.
    private final class Asked: GraphNoise {
        let list = Mutex<[[Int]]>([])

        func callAsFunction(_ draw: GraphDraw, row: Int, _ graph: NoisyGraph, features: Int) -> GraphField {
            if row == 0 {
                list.withLock {
                    $0.append([draw.step, draw.ordinal, draw.perStep, draw.place.nodes, draw.place.edges])
                }
            }
            let ones = [Float](repeating: 1, count: graph.nodes * graph.nodes)
            return GraphField(x: [Float](repeating: 1, count: graph.nodes * features), adjacency: ones)
        }
    }

    @Test("Draws come in the reference's order: all corrections of nodes, those of edges, then the predictor's")
    func order() throws {
        func draws(_ change: (inout GDSSSampling) -> Void) throws -> [[Int]] {
            var sampler = try Self.sampler(change)
            let noise = Asked()
            (sampler.replay, sampler.window) = (noise, 0..<2)
            _ = try Self.samples(sampler) { $0.indices = [0] }
            return noise.list.withLock { $0 }
        }
        let prior = [-1, 0, 1, 0, 1]
        #expect(
            try draws { $0.corrections = 2 } == [
                prior, [0, 0, 3, 0, 2], [0, 1, 3, 1, 3], [0, 2, 3, 4, 5], [1, 0, 3, 0, 2], [1, 1, 3, 1, 3],
                [1, 2, 3, 4, 5],
            ])
        #expect(
            try draws { $0.predictor = .s4 } == [
                prior, [0, 0, 3, 0, 1], [0, 1, 3, 2, 3], [0, 2, 3, 4, 5], [1, 0, 3, 0, 1], [1, 1, 3, 2, 3],
                [1, 2, 3, 4, 5],
            ])
        #expect(try draws { $0.corrector = .none } == [prior, [0, 0, 1, 0, 1], [1, 0, 1, 0, 1]])
        #expect(try draws { ($0.predictor, $0.corrector) = (.heun, .none) } == [prior])
    }

    @Test("A recording of the counter's numbers draws what the counter draws")
    func replay() throws {
        let (seed, padded, rows): (UInt64, Int, Int) = (77, 9, 4)
        let counter = CounterGraphNoise(seed: seed, padded: padded)
        func draw(_ number: Int, _ width: Int) -> [Float] {
            (0..<rows * padded * width).map { counter.number(number, $0) }
        }
        var noise: (x: [Float], adjacency: [Float]) = ([], [])
        for step in 0..<8 {
            for inner in 0..<2 {
                noise.x += draw(2 + 4 * step + 2 * inner, 3)
                noise.adjacency += draw(3 + 4 * step + 2 * inner, padded)
            }
        }
        let recorded = RecordedGraphNoise(padded: padded, prior: (draw(0, 3), draw(1, padded)), noise: noise)
        var sampler = try Self.sampler()
        sampler.given = [[0, 1, 2], [0, 3, 4, 8], [2], Array(0..<9)]
        sampler.replay = counter
        let first = try Self.samples(sampler) { $0.indices = [0, 1, 2, 3] }
        sampler.replay = recorded
        #expect(try Self.samples(sampler) { $0.indices = [0, 1, 2, 3] } == first)
        sampler.replay = RecordedGraphNoise(
            padded: padded, prior: (draw(0, 3), draw(1, padded)), noise: (Array(noise.x.prefix(300)), noise.adjacency))
        #expect(throws: GeneraError.self) { try Self.samples(sampler) { $0.indices = [0, 1, 2, 3] } }
    }

    @Test("A graph of one node without an edge can be drawn")
    func lonely() throws {
        var sampler = try Self.sampler()
        sampler.given = [[0], [0]]
        #expect(try Self.samples(sampler) { $0.indices = [0, 1] }.values.allSatisfy { $0.count == 4 })
    }
}
