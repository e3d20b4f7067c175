import Genera

/// A network that sees a noisy graph and makes a number for each node feature or each edge. It is not told the time.
package protocol ScoreNetwork: Sendable {
    /// - Parameters:
    ///   - x: node features `[B, N, F]`.
    ///   - adjacency: symmetric, zero diagonal, `[B, N, N]`.
    /// - Returns: `[B, N, F]` or `[B, N, N]`, 0 where there are no nodes.
    func callAsFunction(_ x: Tensor, _ adjacency: Tensor, _ mask: NodeMask) -> Tensor
}

extension ScoreNetworkConfiguration {
    /// The network in plain tensor operations, for training and as the twin of what inference uses.
    package func network(in scope: ParameterScope) throws -> any ScoreNetwork {
        switch kind {
        case .nodes: try ScoreNetworkX(self, in: scope)
        case .attentiveNodes: try ScoreNetworkXGMH(self, in: scope)
        case .edges: try ScoreNetworkA(self, in: scope)
        }
    }

    /// Whether a parameter never meets the output: its derivative is not zero but undefined, and an optimiser must leave it alone.
    package func isUnused(_ name: String) -> Bool {
        let last = "layers.\(layers - 1)."
        guard kind != .nodes, name.hasPrefix(last) else { return false }
        let rest = name.dropFirst(last.count)
        return kind == .edges
            ? rest.contains("gnn_v.") || rest.hasPrefix("multi_channel.")
            : rest.hasPrefix("mlp.") || rest.contains("gnn_q.") || rest.contains("gnn_k.")
    }
}

/// Graph convolutions, each followed by tanh, and an MLP on all of their outputs (the paper's equation 8).
package final class ScoreNetworkX: ScoreNetwork {
    private let layers: [GraphConvolution]
    private let final: Perceptron

    package init(_ c: ScoreNetworkConfiguration, in scope: ParameterScope) throws {
        layers = try (0..<c.layers).map {
            try GraphConvolution($0 == 0 ? c.features : c.hidden, c.hidden, in: scope["layers"]["\($0)"])
        }
        final = try Perceptron(3, c.finalInputs, 2 * c.finalInputs, c.features, .elu(), in: scope["final"])
    }

    package func callAsFunction(_ x: Tensor, _ adjacency: Tensor, _ mask: NodeMask) -> Tensor {
        let propagation = GraphConvolution.propagation(along: adjacency)
        var outputs = [x]
        for layer in layers { outputs.append(layer(outputs[outputs.count - 1], propagation).tanh()) }
        return final(.concatenated(outputs, axis: -1)) * mask.nodes
    }
}

/// Attention layers on powers of the adjacency, and an MLP on all of their nodes. Each layer's nodes pass tanh twice, as in the
/// reference.
package final class ScoreNetworkXGMH: ScoreNetwork {
    private let powers: Int
    private let layers: [GraphAttention]
    private let final: Perceptron

    package init(_ c: ScoreNetworkConfiguration, in scope: ParameterScope) throws {
        powers = c.initialChannels
        layers = try (0..<c.layers).map { try GraphAttention($0, of: c, in: scope["layers"]["\($0)"]) }
        final = try Perceptron(3, c.finalInputs, 2 * c.finalInputs, c.features, .elu(), in: scope["final"])
    }

    package func callAsFunction(_ x: Tensor, _ adjacency: Tensor, _ mask: NodeMask) -> Tensor {
        var channels = adjacency.powers(powers)
        var outputs = [x]
        for (number, layer) in layers.enumerated() {
            let isLast = number == layers.count - 1
            let (nodes, edges) = layer(outputs[number], channels, mask, wantsEdges: !isLast)
            if let nodes { outputs.append(nodes.tanh()) }
            if let edges { channels = edges }
        }
        return final(.concatenated(outputs, axis: -1)) * mask.nodes
    }
}

/// Attention layers on powers of the adjacency, and an MLP on all edge channels of each pair (the paper's equation 9).
package final class ScoreNetworkA: ScoreNetwork {
    private let powers: Int
    private let layers: [GraphAttention]
    private let final: Perceptron

    package init(_ c: ScoreNetworkConfiguration, in scope: ParameterScope) throws {
        powers = c.initialChannels
        layers = try (0..<c.layers).map { try GraphAttention($0, of: c, in: scope["layers"]["\($0)"]) }
        final = try Perceptron(3, c.finalInputs, 2 * c.finalInputs, 1, .elu(), in: scope["final"])
    }

    package func callAsFunction(_ x: Tensor, _ adjacency: Tensor, _ mask: NodeMask) -> Tensor {
        var channels = [adjacency.powers(powers)]
        var nodes = x
        for (number, layer) in layers.enumerated() {
            let isLast = number == layers.count - 1
            let out = layer(nodes, channels[number], mask, wantsNodes: !isLast)
            if let x = out.x { nodes = x }
            if let edges = out.adjacency { channels.append(edges) }
        }
        let all = Tensor.concatenated(channels, axis: 1).permuted([0, 2, 3, 1])
        let offDiagonal = 1 - Tensor.identity(x.shape[1], on: x.device)
        return final(all).selected(axis: -1, 0) * offDiagonal * mask.edges
    }
}

extension Tensor {
    /// The powers 1 to `count` of adjacencies `[B, N, N]`, `[B, count, N, N]`.
    fileprivate func powers(_ count: Int) -> Tensor {
        var powers = [self]
        while powers.count < count { powers.append(powers[powers.count - 1].matmul(self)) }
        return .stacked(powers, axis: 1)
    }
}
