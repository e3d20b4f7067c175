import Genera

extension GDSS {
    /// A trained model, ready to draw.
    ///
    ///     let model = try GDSS.load("community20")
    ///     let graphs = try model.graphs(16, seed: 7)
    public struct Model: Sendable {
        /// What the model is, and how it draws unless asked otherwise.
        public let configuration: GDSSConfiguration
        /// The file it was read from, for messages.
        public let file: String
        let scores: any GraphScores
        let averaged: (any GraphScores)?
    }

    /// Loads a model: one that the folders of models hold under a name, or a file, also one of the authors' own.
    ///
    /// - Throws: `GeneraError` or `FormatError` for a model that cannot be found or read.
    public static func load(_ name: String? = nil) throws -> Model {
        try Model(RunContext().model(of: GDSS.self, named: name))
    }
}

extension GDSS.Model {
    /// Draws graphs: graph i of a seed is the same whatever the count.
    ///
    /// - Parameters:
    ///   - sampling: how; nil for the model's own way.
    ///   - steps: from noise to graph; nil for as many as the model has.
    ///   - workers: threads; they change nothing but the time.
    /// - Throws: `GeneraError.usage` for a way that does not go with the model.
    public func graphs(
        _ count: Int, seed: UInt64 = 0, _ sampling: GDSSSampling? = nil, steps: Int? = nil, workers: Int = 1
    ) throws -> [Graph] {
        try draw(count, seed, sampling, steps, workers) { try $0.graph() }
    }

    /// Draws molecules with a model that knows elements: valid ones, for bonds that are too many are taken away
    /// (`Molecule.isCorrected`), and of each the largest part.
    ///
    /// - Throws: as `graphs`, and `GeneraError.usage` for a model of other graphs.
    public func molecules(
        _ count: Int, seed: UInt64 = 0, _ sampling: GDSSSampling? = nil, steps: Int? = nil, workers: Int = 1
    ) throws -> [Molecule] {
        guard let atoms = configuration.data.atoms else {
            throw GeneraError.usage("\(file) is no model of molecules: draw graphs.")
        }
        let decoder = MoleculeDecoder(try AtomSet(atoms.joined(separator: ",")))
        return try draw(count, seed, sampling, steps, workers) {
            try decoder.molecule(nodes: $0.x, edges: $0.adjacency)
        }
    }

    private func draw<Sample: Drawable>(
        _ count: Int, _ seed: UInt64, _ sampling: GDSSSampling?, _ steps: Int?, _ workers: Int,
        _ finished: @escaping @Sendable (NoisyGraph) throws -> Sample
    ) throws -> [Sample] {
        guard (0...1_000_000).contains(count) else {
            throw GeneraError.usage("0 to 1,000,000 samples are drawn at a time, not \(count).")
        }
        let own = sampling ?? configuration.sampling
        try own.check()
        var sde = configuration.sde
        if let steps { (sde.x.steps, sde.adj.steps) = (steps, steps) }
        try sde.adj.check()
        guard let sizes = configuration.data.sizes else {
            throw GeneraError.usage("\(file) does not say how many nodes its graphs had.")
        }
        let sampler = try sampler(
            own, sde: sde, counts: NodeCounts(sizes: sizes), workers: workers, finished: finished)
        return try SamplingDriver().run(
            sampler, SamplingRequest(indices: Array(0..<count), seed: seed, batch: own.together)
        ).samples
    }
}

extension GDSS.Model {
    /// Builds both networks of a checkpoint, with its own weights and with the averaged ones where there are such.
    ///
    /// - Throws: `GeneraError.badData` for weights or a configuration that do not fit.
    package init(_ checkpoint: ModelCheckpoint) throws {
        configuration = try GDSSConfiguration(json: checkpoint.configuration, file: checkpoint.path)
        file = checkpoint.path
        let weights = Weights(checkpoint.weights)
        do {
            scores = try Self.scores(configuration, x: weights.part("x."), adj: weights.part("adj."))
            averaged =
                weights.has("ema.adj.")
                ? try Self.scores(configuration, x: weights.part("ema.x."), adj: weights.part("ema.adj.")) : nil
        } catch let error as KeyMismatch {
            throw GeneraError.badData(file: checkpoint.path, reason: "\(error)")
        }
    }

    private static func scores(
        _ c: GDSSConfiguration, x: [(name: String, tensor: RawTensor)], adj: [(name: String, tensor: RawTensor)]
    ) throws -> any GraphScores {
        // Transformers have no kernels of their own.
        if c.networks.x.kind.isTransformer || c.networks.adj.kind.isTransformer {
            return try plainScores(c, x: x, adj: adj)
        }
        return try PackedGraphScores(
            features: c.data.features, x: PackedScoreNetwork(c.networks.x, weights: x),
            adjacency: PackedScoreNetwork(c.networks.adj, weights: adj))
    }

    /// The networks in plain tensors: what the kernels are compared with.
    package static func plainScores(
        _ c: GDSSConfiguration, x: [(name: String, tensor: RawTensor)], adj: [(name: String, tensor: RawTensor)]
    ) throws -> any GraphScores {
        func network(_ c: ScoreNetworkConfiguration, _ weights: [(name: String, tensor: RawTensor)]) throws
            -> any ScoreNetwork
        {
            let scope = ParameterScope.loading(weights.map { ($0.name, Tensor($0.tensor)) })
            let network = try c.network(in: scope)
            try scope.finish()
            return network
        }
        return TensorGraphScores(
            c, x: try network(c.networks.x, x), adjacency: try network(c.networks.adj, adj))
    }

    /// The networks that draw.
    ///
    /// - Throws: `GeneraError.usage` where averaged weights are asked for and the file has none.
    package func scores(average: Bool) throws -> any GraphScores {
        guard average else { return scores }
        guard let averaged else {
            throw GeneraError.usage(
                "\(file) has no averaged weights (ema_x, ema_adj): draw without --ema.")
        }
        return averaged
    }
}

/// The weights of a checkpoint by their part.
private struct Weights {
    let all: [(name: String, tensor: RawTensor)]

    init(_ all: [(name: String, tensor: RawTensor)]) { self.all = all }

    func has(_ prefix: String) -> Bool { all.contains { $0.name.hasPrefix(prefix) } }

    func part(_ prefix: String) -> [(name: String, tensor: RawTensor)] {
        all.filter { $0.name.hasPrefix(prefix) }.map { (String($0.name.dropFirst(prefix.count)), $0.tensor) }
    }
}
