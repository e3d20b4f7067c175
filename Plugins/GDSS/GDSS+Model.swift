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
        try PackedGraphScores(
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
