import Genera

/// The shape of a score network, under the reference's words.
public struct ScoreNetworkConfiguration: Codable, Equatable, Sendable {
    /// What kind of network it is.
    public enum Kind: String, Codable, Sendable, CaseIterable {
        /// Graph convolutions, for node features.
        case nodes = "ScoreNetworkX"
        /// Attention over graph channels, for node features.
        case attentiveNodes = "ScoreNetworkX_GMH"
        /// Attention over graph channels, for the adjacency.
        case edges = "ScoreNetworkA"
        /// A graph transformer, for node features.
        case nodeTransformer = "GraphTransformerX"
        /// A graph transformer, for the adjacency.
        case edgeTransformer = "GraphTransformerA"

        /// Whether numbers of edges come out.
        package var makesEdges: Bool { self == .edges || self == .edgeTransformer }

        /// Whether it is a graph transformer: `nhid` is the width of its nodes, `c_hid` of its edges and `adim` of the whole.
        package var isTransformer: Bool { self == .nodeTransformer || self == .edgeTransformer }
    }

    /// How an attention's queries and keys are made.
    public enum Convolution: String, Codable, Sendable, CaseIterable {
        /// By a graph convolution.
        case gcn = "GCN"
        /// By a small network that does not see the edges.
        case mlp = "MLP"
    }

    /// The kind.
    public var kind: Kind
    /// Features of a node, F.
    public var features: Int
    /// Layers: `depth` of networks for nodes, `num_layers` of those for edges.
    public var layers: Int
    /// Width of a node inside, `nhid`.
    public var hidden: Int
    /// Layers of the network of each edge, `num_linears`.
    public var linears = 2
    /// Powers of the adjacency that go in, `c_init`.
    public var initialChannels = 2
    /// Edge channels inside, `c_hid`.
    public var hiddenChannels = 8
    /// Edge channels of the last layer, `c_final`.
    public var finalChannels = 4
    /// Width of queries and keys but in the first layer, `adim`.
    public var attention = 32
    /// Heads that were asked for, `num_heads`.
    public var heads = 4
    /// How queries and keys are made, `conv`.
    public var convolution = Convolution.gcn

    /// Makes a configuration.
    public init(_ kind: Kind, features: Int, layers: Int, hidden: Int) {
        (self.kind, self.features, self.layers, self.hidden) = (kind, features, layers, hidden)
    }

    enum CodingKeys: String, CodingKey {
        case kind = "model_type"
        case features = "max_feat_num"
        case layers
        case hidden = "nhid"
        case linears = "num_linears"
        case initialChannels = "c_init"
        case hiddenChannels = "c_hid"
        case finalChannels = "c_final"
        case attention = "adim"
        case heads = "num_heads"
        case convolution = "conv"
    }

    /// What an attention layer takes and makes.
    public struct Layer: Equatable, Sendable {
        /// Width of a node that goes in.
        public let inputs: Int
        /// Width of queries and keys.
        public let attention: Int
        /// Width of a node that comes out.
        public let outputs: Int
        /// Edge channels that go in and come out.
        public let channels: (Int, Int)

        /// Whether two layers have the same sizes.
        public static func == (a: Layer, b: Layer) -> Bool {
            (a.inputs, a.attention, a.outputs) == (b.inputs, b.attention, b.outputs) && a.channels == b.channels
        }

        /// Width inside the layer's small networks.
        public var width: Int { 2 * max(channels.0, channels.1) }
    }

    /// The attention layers, in order; none of a network of convolutions.
    public var attentionLayers: [Layer] {
        guard kind == .edges || kind == .attentiveNodes else { return [] }
        return (0..<layers).map { number in
            let isFirst = number == 0
            return Layer(
                inputs: isFirst ? features : hidden, attention: isFirst ? hidden : attention, outputs: hidden,
                channels: (
                    isFirst ? initialChannels : hiddenChannels, number == layers - 1 ? finalChannels : hiddenChannels
                ))
        }
    }

    /// Numbers that the last network gets, of a node or of an edge.
    public var finalInputs: Int {
        kind == .edges
            ? initialChannels + hiddenChannels * (layers - 1) + finalChannels : features + layers * hidden
    }

    /// The parameter's sizes of a head: queries and keys are cut along their features into pieces of this many.
    public static func headWidth(_ attention: Int, heads: Int) -> Int { max(attention / max(heads, 1), 1) }
}

extension ScoreNetworkConfiguration {
    /// - Throws: `GeneraError.usage` for numbers that make no network.
    package func check() throws {
        func require(_ name: String, _ value: Int, _ range: ClosedRange<Int>) throws {
            guard range.contains(value) else {
                throw GeneraError.usage(
                    "\(kind.rawValue): \(name) is \(range.lowerBound) to \(range.upperBound), not \(value).")
            }
        }
        try require("max_feat_num", features, 1...10_000)
        try require("nhid", hidden, 1...4096)
        guard kind != .nodes else { return try require("depth", layers, 1...64) }
        try require(kind.makesEdges ? "num_layers" : "depth", layers, 2...64)
        try require("num_linears", linears, 1...16)
        try require("c_init", initialChannels, 1...64)
        try require("c_hid", hiddenChannels, 1...256)
        try require("c_final", finalChannels, 1...256)
        try require("adim", attention, 1...4096)
        try require("num_heads", heads, 1...256)
        guard !kind.isTransformer || hidden % heads == 0 else {
            throw GeneraError.usage("\(kind.rawValue): nhid \(hidden) cannot be cut into \(heads) heads (num_heads).")
        }
        for width in Set(attentionLayers.map(\.attention)) {
            let head = width / heads
            guard head > 0, width % head == 0 else {
                throw GeneraError.usage(
                    "\(kind.rawValue): attention of width \(width) cannot be cut into \(heads) heads (pieces of \(head)). Choose adim and nhid divisible by num_heads."
                )
            }
        }
    }
}
