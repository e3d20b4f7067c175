import Genera

/// What a model of the family is: its graphs, its two equations, its two networks, and how its authors draw from it.
public struct GDSSConfiguration: Codable, Equatable, Sendable {
    /// The graphs that were learnt from.
    public struct Graphs: Codable, Equatable, Sendable {
        /// The data set's name.
        public var name: String
        /// The most nodes, N.
        public var nodes: Int
        /// Features of a node, F.
        public var features: Int
        /// What the features were: `deg`, `ones`, `zeros` or `atom`.
        public var featureKind: NodeFeatures
        /// Elements, by the order of the features; nil of graphs that are no molecules.
        public var atoms: [String]?
        /// How many graphs of the training set have so many nodes: `[[nodes, graphs], ...]`; nil where that is not known.
        public var sizes: [[Int]]?

        enum CodingKeys: String, CodingKey {
            case name
            case nodes = "max_node_num"
            case features = "max_feat_num"
            case featureKind = "init"
            case atoms
            case sizes
        }
    }

    /// Two of a kind: one for node features, one for edges.
    public struct Pair<Value: Codable & Equatable & Sendable>: Codable, Equatable, Sendable {
        /// For node features.
        public var x: Value
        /// For edges.
        public var adj: Value

        /// Puts both together.
        public init(x: Value, adj: Value) { (self.x, self.adj) = (x, adj) }
    }

    /// The graphs.
    public var data: Graphs
    /// The equations.
    public var sde: Pair<GraphSDE>
    /// The networks.
    public var networks: Pair<ScoreNetworkConfiguration>
    /// How to draw, unless asked otherwise.
    public var sampling: GDSSSampling

    /// Puts a configuration together.
    package init(
        data: Graphs, sde: Pair<GraphSDE>, networks: Pair<ScoreNetworkConfiguration>,
        sampling: GDSSSampling = GDSSSampling()
    ) {
        (self.data, self.sde, self.networks, self.sampling) = (data, sde, networks, sampling)
    }

    /// Reads a configuration as a model's file holds it.
    ///
    /// - Throws: `GeneraError.badData` that names the key.
    public init(json: String, file: String) throws {
        self = try ModelCheckpoint.configuration(
            Self.self, of: json, file: file, family: "GDSS",
            advice: "convert the authors' checkpoint again, or train the model again.")
        do { try check() } catch let error as GeneraError {
            throw GeneraError.badData(file: file, reason: "\(error)")
        }
    }

    /// The configuration as JSON with sorted keys.
    public func json() throws -> String { try ModelCheckpoint.configuration(of: self) }

    /// - Throws: `GeneraError` that says which numbers make no model.
    package func check() throws {
        try sde.x.check()
        try sde.adj.check()
        guard sde.x.steps == sde.adj.steps else {
            throw GeneraError.usage(
                "Node features have \(sde.x.steps) steps and edges \(sde.adj.steps) (num_scales): both need the same.")
        }
        guard (1...10_000).contains(data.nodes), (1...10_000).contains(data.features) else {
            throw GeneraError.usage(
                "A model is of 1 to 10,000 nodes and features, not of \(data.nodes) and \(data.features).")
        }
        guard networks.x.features == data.features, networks.adj.features == data.features else {
            throw GeneraError.usage(
                "The networks take \(networks.x.features) and \(networks.adj.features) features (max_feat_num), the graphs have \(data.features)."
            )
        }
        guard !networks.x.kind.makesEdges, networks.adj.kind.makesEdges else {
            throw GeneraError.usage(
                "Node features need a ScoreNetworkX, ScoreNetworkX_GMH or GraphTransformerX, edges a ScoreNetworkA or GraphTransformerA, not \(networks.x.kind.rawValue) and \(networks.adj.kind.rawValue)."
            )
        }
        try data.check()
        try networks.x.check()
        try networks.adj.check()
        try sampling.check()
    }
}

extension GDSSConfiguration.Graphs {
    /// - Throws: `GeneraError` for elements or node counts that no graph of the model can have.
    fileprivate func check() throws {
        if let atoms {
            guard try AtomSet(atoms.joined(separator: ",")).elements.count == features else {
                throw GeneraError.usage(
                    "A node of molecules has a feature for each element, but there are \(features) features "
                        + "(max_feat_num) and the elements \(atoms.joined(separator: " ")).")
            }
        }
        guard let sizes else { return }
        let isSound = sizes.allSatisfy {
            $0.count == 2 && (1...nodes).contains($0[0]) && (1...1_000_000_000).contains($0[1])
        }
        guard isSound, (1...nodes).contains(sizes.count) else {
            throw GeneraError.usage(
                "'sizes' is a list of pairs, nodes (1 to \(nodes)) and how many graphs have so many.")
        }
    }
}

/// What stands in the features of a node.
public enum NodeFeatures: String, Codable, CaseIterable, Sendable {
    /// The degree, one-hot.
    case degree = "deg"
    /// Ones.
    case ones
    /// Zeros.
    case zeros
    /// The element, one-hot.
    case atom
}
