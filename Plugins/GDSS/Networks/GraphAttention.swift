import Genera

/// What one channel of a layer has: the maps to queries, keys and values.
private struct ChannelMaps: Sendable {
    /// Maps to queries and keys: convolutions, or small networks that do not see the edges.
    enum Pair: Sendable {
        case convolutions(GraphConvolution, GraphConvolution)
        case perceptrons(Perceptron, Perceptron)
    }

    let pair: Pair
    let value: GraphConvolution

    init(
        _ layer: ScoreNetworkConfiguration.Layer, _ convolution: ScoreNetworkConfiguration.Convolution,
        in scope: ParameterScope
    ) throws {
        let (inputs, width) = (layer.inputs, layer.attention)
        switch convolution {
        case .gcn:
            pair = .convolutions(
                try GraphConvolution(inputs, width, in: scope["gnn_q"]),
                try GraphConvolution(inputs, width, in: scope["gnn_k"]))
        case .mlp:
            pair = .perceptrons(
                try Perceptron(2, inputs, 2 * width, width, .tanh, in: scope["gnn_q"]),
                try Perceptron(2, inputs, 2 * width, width, .tanh, in: scope["gnn_k"]))
        }
        value = try GraphConvolution(inputs, layer.outputs, in: scope["gnn_v"])
    }
}

/// A layer of attention over edge channels (Baek et al., 2021, as the paper's equations 25 and 26 use it).
///
/// For each channel c: Q, K, V = GCN(x, A_c); A'_c = mean over heads of tanh(Q_h K_hᵀ / √out), made symmetric. Nodes come out as
/// tanh(MLP(all V)), edges as E + Eᵀ for E = MLP(A'_1 ... A'_C, A_1 ... A_C).
///
///     x [B, N, in], A [B, C, N, N]  ->  x [B, N, out], A [B, C', N, N]
package final class GraphAttention: Sendable {
    package let layer: ScoreNetworkConfiguration.Layer
    private let headWidth: Int
    private let channels: [ChannelMaps]
    private let edges: Perceptron
    private let nodes: Perceptron

    package init(_ number: Int, of c: ScoreNetworkConfiguration, in scope: ParameterScope) throws {
        layer = c.attentionLayers[number]
        headWidth = ScoreNetworkConfiguration.headWidth(layer.attention, heads: c.heads)
        let (layer, attention) = (layer, scope["attn"])
        channels = try (0..<layer.channels.0).map {
            try ChannelMaps(layer, c.convolution, in: attention["\($0)"])
        }
        edges = try Perceptron(
            c.linears, 2 * layer.channels.0, layer.width, layer.channels.1, .elu(), in: scope["mlp"])
        nodes = try Perceptron(
            2, layer.channels.0 * layer.outputs, layer.width, layer.outputs, .elu(), in: scope["multi_channel"])
    }

    /// Nodes and edges that come out; what is not asked for is not worked out, so that its parameters have no derivative.
    package func callAsFunction(
        _ x: Tensor, _ adjacency: Tensor, _ mask: NodeMask, wantsNodes: Bool = true, wantsEdges: Bool = true
    ) -> (x: Tensor?, adjacency: Tensor?) {
        let spread = spread(x, adjacency)
        let out = wantsNodes ? (nodes(values(spread, like: x)) * mask.nodes).tanh() : nil
        guard wantsEdges else { return (out, nil) }
        let attention = attention(x, spread)
        let joined = Tensor.concatenated([attention, adjacency], axis: 1).permuted([0, 2, 3, 1])
        let pairs = edges(joined)
        let symmetric = (pairs + pairs.transposed(1, 2)).permuted([0, 3, 1, 2])
        return (out, symmetric * mask.edges.unsqueezed(1))
    }

    /// Propagated nodes of each channel, `[C, B·N, in]`.
    private func spread(_ x: Tensor, _ adjacency: Tensor) -> Tensor {
        let (batch, nodes, count) = (x.shape[0], x.shape[1], channels.count)
        return GraphConvolution.propagation(along: adjacency).reshaped([batch, count * nodes, nodes]).matmul(x)
            .reshaped([batch, count, nodes, layer.inputs]).permuted([1, 0, 2, 3])
            .reshaped([count, batch * nodes, layer.inputs])
    }

    private func convolved(_ spread: Tensor, _ maps: [GraphConvolution]) -> Tensor {
        spread.matmul(.stacked(maps.map(\.weight))) + Tensor.stacked(maps.map(\.bias)).unsqueezed(1)
    }

    /// The values of all channels side by side, `[B, N, C·out]`.
    private func values(_ spread: Tensor, like x: Tensor) -> Tensor {
        convolved(spread, channels.map(\.value)).permuted([1, 0, 2])
            .reshaped([x.shape[0], x.shape[1], channels.count * layer.outputs])
    }

    /// Symmetric attention maps `[B, C, N, N]`.
    private func attention(_ x: Tensor, _ spread: Tensor) -> Tensor {
        let (batch, nodes) = (x.shape[0], x.shape[1])
        let (q, k) = queriesAndKeys(x, spread)
        func heads(_ rows: Tensor) -> Tensor {
            rows.reshaped([channels.count, batch, nodes, layer.attention / headWidth, headWidth])
                .permuted([1, 0, 3, 2, 4])
        }
        let products = heads(q).matmul(heads(k).transposed()) / Double(layer.outputs).squareRoot()
        let mean = products.tanh().mean(axes: [2])
        return (mean + mean.transposed()) / 2
    }

    private func queriesAndKeys(_ x: Tensor, _ spread: Tensor) -> (Tensor, Tensor) {
        var (q, k): ([GraphConvolution], [GraphConvolution]) = ([], [])
        var (direct, keys): ([Tensor], [Tensor]) = ([], [])
        for channel in channels {
            switch channel.pair {
            case let .convolutions(a, b):
                q.append(a)
                k.append(b)
            case let .perceptrons(a, b):
                direct.append(a(x))
                keys.append(b(x))
            }
        }
        return direct.isEmpty
            ? (convolved(spread, q), convolved(spread, k)) : (.stacked(direct), .stacked(keys))
    }
}
