import Genera
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Which weights a trained model's file holds.
package enum KeptWeights: String, CaseIterable, Sendable {
    /// Those of the last step.
    case last
    /// Their average.
    case average
    /// Both.
    case both
}

/// How a pair of score networks is trained.
package struct GDSSTraining: Sendable {
    package var epochs = 5000
    package var batch = 128
    package var rate = 0.01
    /// What the rate is multiplied by after each epoch; 1 for a constant rate.
    package var rateDecay = 0.999
    package var weightDecay = 1e-4
    /// Whether decay is decoupled from the gradient (AdamW). L2 lets attention die for good.
    package var isDecoupled = false
    package var clip: Double? = 1
    package var average = 0.999
    /// The weight of the edges' loss.
    package var edgeWeight = 1.0
    package var reduction = ScoreMatching.Reduction.sum
    package var earliest: Float = 1e-5
    package var kept = KeptWeights.both
    /// Graphs of a part of a batch.
    package var part = 16

    package init() {}
}

/// Trains two score networks by two losses and two optimisers.
final class GDSSTrainer: Trainer {
    private let design: GDSSConfiguration
    private let training: GDSSTraining
    private let matching: ScoreMatching
    private let data: EncodedGraphs
    private let test: EncodedGraphs
    private let seed: UInt64
    private let learners: Mutex<(x: ScoreLearner, adj: ScoreLearner)>
    private let networks: (x: any ScoreNetwork, adj: any ScoreNetwork)
    let configuration: String
    let parameterCount: Int

    init(
        _ model: GDSSConfiguration, _ training: GDSSTraining, data: EncodedGraphs, test: EncodedGraphs, seed: UInt64
    ) throws {
        (design, self.training, self.data, self.test, self.seed) = (model, training, data, test, seed)
        var matching = ScoreMatching(model.sde, padded: model.data.nodes)
        (matching.reduction, matching.earliest) = (training.reduction, training.earliest)
        self.matching = matching
        let rule = Adam(
            decay: training.weightDecay == 0
                ? .none : training.isDecoupled ? .decoupled(training.weightDecay) : .l2(training.weightDecay))
        func learner(_ name: String, _ c: ScoreNetworkConfiguration, _ number: Int) throws -> ScoreLearner {
            try ScoreLearner(
                name, c, in: .drawing(seed: PhiloxSource.subseed(seed, number)), rule, clip: training.clip,
                average: .counted(training.average))
        }
        let (x, adj) = try (learner("x", model.networks.x, 1), learner("adj", model.networks.adj, 2))
        networks = (x.network, adj.network)
        parameterCount = (x.weights(averaged: false) + adj.weights(averaged: false)).reduce(0) {
            $0 + $1.tensor.elementCount
        }
        learners = Mutex((x, adj))
        configuration = try model.json()
    }

    var stepCount: Int { training.epochs * order.batchesPerEpoch }
    var order: BatchOrder { .epochs(samples: data.graphs.count, batch: training.batch, keepsLast: true) }

    var facts: [Fact] {
        [
            Fact("graphs", "\(data.graphs.count) to learn from, \(test.graphs.count) to test with"),
            Fact("epochs", training.epochs),
        ] + Array(design.facts.prefix(6))
    }

    var partCount: Int { (min(training.batch, data.graphs.count) + training.part - 1) / training.part }

    /// What the edge channels of a part take, which is nearly all: forwards and for the way back.
    var partBytes: Int? {
        let n = data.largest
        let edges = training.part * n * n
        let perLayer = design.networks.adj.attentionLayers.reduce(0) { sum, layer in
            sum + layer.channels.0 * (3 * design.networks.adj.heads + 6) + 6 * layer.width
        }
        return 4 * edges * (perLayer + 8 * design.networks.adj.finalInputs)
    }

    var dataDigest: String? { get throws { data.digest } }

    /// One step as the paper's section 3.2: one time for both parts, two losses, two optimisers.
    func advance(_ step: TrainingStep) throws -> [Metric] {
        let rate = training.rate * pow(training.rateDecay, Double(step.epoch))
        return try learners.withLock { learners in
            let count = learners.x.optimiser.count
            let parameters = learners.x.optimiser.parameters + learners.adj.optimiser.parameters
            let (values, gradients) = try step.gradients(of: parameters, cut: training.part) { [self] batch in
                let (x, adj) = try losses(data, batch.indices, batch.noise, networks.x, networks.adj)
                return [x.mean(), training.edgeWeight == 1 ? adj.mean() : adj.mean() * training.edgeWeight]
            }
            let both = (Array(gradients[..<count]), Array(gradients[count...]))
            return try [.mean("loss_x", values[0]), .mean("loss_adj", values[1])]
                + learners.x.optimiser.step(both.0, rate: rate, isLogged: step.isLogged)
                + learners.adj.optimiser.step(both.1, rate: rate, isLogged: step.isLogged)
        }
    }

    private func losses(
        _ data: EncodedGraphs, _ indices: [Int], _ noise: Noise, _ x: any ScoreNetwork, _ adj: any ScoreNetwork
    ) throws -> (x: Tensor, adjacency: Tensor) {
        let (features, adjacency, mask) = data.tensors(indices)
        let n = adjacency.shape[1]
        let noisy = try matching.noisy(
            features, adjacency, mask, u: noise.uniforms(at: .start).map { Float($0) },
            nodeNoise: noise.normal([n, data.features], at: .start(draw: 1)),
            edgeNoise: noise.normal([n, n], at: .start(draw: 2)))
        return matching.losses(noisy, x: x, adjacency: adj)
    }

    /// The losses of the averaged weights on the graphs that are held back, always with the same noise.
    func assess() throws -> [Metric] {
        guard !test.graphs.isEmpty else { return [] }
        let (x, adj) = try averagedNetworks()
        let noise = Noise(seed: PhiloxSource.subseed(seed, 3), samples: Array(test.graphs.indices))
        let found = try withoutGradients {
            try stride(from: 0, to: test.graphs.count, by: training.part).map { start in
                let part = Array(start..<min(start + training.part, test.graphs.count))
                let (x, adj) = try losses(test, part, noise.of(samples: part), x, adj)
                return try (x.sum().item(), adj.sum().item())
            }
        }
        let count = Double(test.graphs.count)
        return [
            .latest("test_loss_x", found.reduce(0) { $0 + $1.0 } / count),
            .latest("test_loss_adj", found.reduce(0) { $0 + $1.1 } / count),
        ]
    }

    private func averagedNetworks() throws -> (any ScoreNetwork, any ScoreNetwork) {
        let (x, adj) = learners.withLock { ($0.x.weights(averaged: true), $0.adj.weights(averaged: true)) }
        return try (
            design.networks.x.network(in: .loading(x)), design.networks.adj.network(in: .loading(adj))
        )
    }

    var state: [(name: String, tensor: Tensor)] { learners.withLock { $0.x.state("x") + $0.adj.state("adj") } }

    func restore(_ state: TrainingState) throws {
        try learners.withLock { learners in
            try learners.x.restore(state, "x")
            try learners.adj.restore(state, "adj")
        }
    }

    func model() throws -> ModelCheckpoint {
        let weights = learners.withLock { learners in
            func named(_ prefix: String, averaged: Bool) -> [(name: String, tensor: Tensor)] {
                learners.x.weights(averaged: averaged).map { ("\(prefix)x.\($0.name)", $0.tensor) }
                    + learners.adj.weights(averaged: averaged).map { ("\(prefix)adj.\($0.name)", $0.tensor) }
            }
            switch training.kept {
            case .last: return named("", averaged: false)
            case .average: return named("", averaged: true)
            case .both: return named("", averaged: false) + named("ema.", averaged: true)
            }
        }
        return try ModelCheckpoint(family: "", configuration: configuration, tensors: weights)
    }

    func sampler() throws -> (any Sampler)? {
        try GDSS.Model(model()).sampler(design.sampling, sde: design.sde, counts: NodeCounts(sizes: data.sizes))
    }
}

extension EncodedGraphs {
    /// A digest of all that training sees.
    var digest: String {
        var bytes: [UInt8] = []
        func add(_ number: UInt32) { withUnsafeBytes(of: number.littleEndian) { bytes += $0 } }
        add(UInt32(features))
        for graph in graphs {
            add(UInt32(graph.nodes))
            for edge in graph.edges {
                add(UInt32(edge.i))
                add(UInt32(edge.j))
                add(edge.weight.bitPattern)
            }
            for kind in graph.kinds ?? [] { add(UInt32(kind)) }
        }
        return FileDigest.sha256(ByteView(bytes))
    }
}
