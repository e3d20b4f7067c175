import Genera

/// A graph transformer for scores: nodes, edges and one row of the whole graph that modulate each other in every layer (Dwivedi and
/// Bresson, 2020, with the modulation of Vignac et al., "DiGress", ICLR 2023), whose nodes or edges come out.
///
/// What goes in are node features, powers of the adjacency as edge channels, and the graph's mean of both. Keys are those of
/// published transformers of the kind: `mlp_in_X`, `tf_layers.0.self_attn.q`, ..., `mlp_out_E`.
package final class GraphTransformer: ScoreNetwork {
    private let makesEdges: Bool
    private let powers: Int
    private let inputs: (x: MLP, e: MLP, y: MLP)
    private let layers: [GraphTransformerLayer]
    private let output: MLP

    package init(_ c: ScoreNetworkConfiguration, in scope: ParameterScope) throws {
        makesEdges = c.kind.makesEdges
        powers = c.initialChannels
        let (x, e, y) = (c.hidden, c.hiddenChannels, c.attention)
        inputs = try (
            MLP([c.features, 2 * x, x], .relu, in: scope["mlp_in_X"]),
            MLP([powers, 2 * e, e], .relu, in: scope["mlp_in_E"]),
            MLP([c.features + powers, 2 * y, y], .relu, in: scope["mlp_in_y"])
        )
        layers = try (0..<c.layers).map { number in
            try GraphTransformerLayer(c, isLast: number == c.layers - 1, in: scope["tf_layers"]["\(number)"])
        }
        output =
            makesEdges
            ? try MLP([e, 2 * e, 1], .relu, in: scope["mlp_out_E"])
            : try MLP([x, 2 * x, c.features], .relu, in: scope["mlp_out_X"])
    }

    package func callAsFunction(_ x: Tensor, _ adjacency: Tensor, _ mask: NodeMask) -> Tensor {
        let channels = adjacency.powers(powers).permuted([0, 2, 3, 1])
        let (nodes, edges) = (mask.nodes, mask.edges.unsqueezed(-1))
        let count = mask.flags.sum(axes: [1], keeping: true).clamp(1, .infinity)
        var state = GraphTransformerLayer.State(
            x: inputs.x(x) * nodes, e: inputs.e(channels) * edges,
            y: inputs.y(
                .concatenated(
                    [x.sum(axes: [1]) / count, channels.sum(axes: [1, 2]) / count.squared()], axis: -1)))
        for layer in layers { state = layer(state, mask) }
        guard makesEdges else { return output(state.x) * nodes }
        let pairs = output(state.e).selected(axis: -1, 0)
        let offDiagonal = 1 - Tensor.identity(x.shape[1], on: x.device)
        return (pairs + pairs.transposed()) / 2 * offDiagonal * mask.edges
    }
}

/// A layer of a graph transformer: attention whose products edges scale and shift, then small networks, each with a way around
/// and a norm.
final class GraphTransformerLayer: Sendable {
    /// Nodes `[B, N, dx]`, edges `[B, N, N, de]` and the whole `[B, dy]`.
    struct State {
        var x: Tensor
        var e: Tensor
        var y: Tensor
    }

    private let heads: Int
    private let q: Linear
    private let k: Linear
    private let v: Linear
    /// How edges, and the whole, scale and shift products and sums.
    private let edgeFilm: Film
    private let wholeToEdges: Film?
    private let wholeToNodes: Film?
    private let xOut: Linear?
    private let eOut: Linear?
    private let whole: (own: Linear, x: Linear, e: Linear, out: MLP)?
    private let xNet: Residual?
    private let eNet: Residual?
    private let yNet: Residual?

    /// - Parameter isLast: whether only what the network gives away is worked out.
    init(_ c: ScoreNetworkConfiguration, isLast: Bool, in scope: ParameterScope) throws {
        let (x, e, y) = (c.hidden, c.hiddenChannels, c.attention)
        let attention = scope["self_attn"]
        heads = c.heads
        func linear(_ a: Int, _ b: Int, _ name: String) throws -> Linear { try Linear(a, b, in: attention[name]) }
        (q, k, v) = try (linear(x, x, "q"), linear(x, x, "k"), linear(x, x, "v"))
        edgeFilm = try Film(e, x, "e", in: attention)
        let (wantsX, wantsE) = (!isLast || !c.kind.makesEdges, !isLast || c.kind.makesEdges)
        wholeToEdges = wantsE ? try Film(y, x, "y_e", in: attention) : nil
        wholeToNodes = wantsX ? try Film(y, x, "y_x", in: attention) : nil
        xOut = wantsX ? try linear(x, x, "x_out") : nil
        eOut = wantsE ? try linear(x, e, "e_out") : nil
        whole =
            isLast
            ? nil
            : try (
                linear(y, y, "y_y"), linear(x, y, "x_y"), linear(e, y, "e_y"),
                MLP([y, y, y], .relu, in: attention["y_out"])
            )
        xNet = wantsX ? try Residual(x, "X", in: scope) : nil
        eNet = wantsE ? try Residual(e, "E", in: scope) : nil
        yNet = isLast ? nil : try Residual(y, "y", in: scope)
    }

    func callAsFunction(_ s: State, _ mask: NodeMask) -> State {
        let (nodes, edges) = (mask.nodes, mask.edges.unsqueezed(-1))
        let (batch, n, width) = (s.x.shape[0], s.x.shape[1], s.x.shape[2])
        let scale = Double(width / heads).squareRoot()
        let products = (q(s.x) * nodes).unsqueezed(2) * (k(s.x) * nodes).unsqueezed(1) / scale
        let scores = edgeFilm(products, by: s.e) * edges
        var result = s
        if let eNet, let eOut, let wholeToEdges {
            let pairs = wholeToEdges(scores, by: s.y.unsqueezed(1).unsqueezed(1))
            result.e = eNet(s.e, eOut(pairs) * edges) * edges
        }
        if let xNet, let xOut, let wholeToNodes {
            // Nodes that are not there are not attended to.
            let absent = (1 - mask.flags).reshaped([batch, 1, n, 1]) * -1e9
            let weights = (scores + absent).softmax(axis: 2)
            let sums = (weights * (v(s.x) * nodes).unsqueezed(1)).sum(axes: [2])
            result.x = xNet(s.x, xOut(wholeToNodes(sums, by: s.y.unsqueezed(1))) * nodes) * nodes
        }
        if let yNet, let whole {
            let count = mask.flags.sum(axes: [1], keeping: true).clamp(1, .infinity)
            let news =
                whole.own(s.y) + whole.x(s.x.sum(axes: [1]) / count) + whole.e(s.e.sum(axes: [1, 2]) / count.squared())
            result.y = yNet(s.y, whole.out(news))
        }
        return result
    }

    /// x·(1 + W_m c) + W_a c: what a condition makes of features.
    private final class Film: Sendable {
        private let multiply: Linear
        private let add: Linear

        init(_ condition: Int, _ width: Int, _ name: String, in scope: ParameterScope) throws {
            add = try Linear(condition, width, in: scope["\(name)_add"])
            multiply = try Linear(condition, width, in: scope["\(name)_mul"])
        }

        func callAsFunction(_ x: Tensor, by condition: Tensor) -> Tensor {
            x * (multiply(condition) + 1) + add(condition)
        }
    }

    /// Adds news to a state, norms, and passes a small network with a way around.
    private final class Residual: Sendable {
        private let first: Linear
        private let second: Linear
        private let norms: (LayerNorm, LayerNorm)

        init(_ width: Int, _ name: String, in scope: ParameterScope) throws {
            first = try Linear(width, 2 * width, in: scope["lin\(name)1"])
            second = try Linear(2 * width, width, in: scope["lin\(name)2"])
            norms = try (LayerNorm(width, in: scope["norm\(name)1"]), LayerNorm(width, in: scope["norm\(name)2"]))
        }

        func callAsFunction(_ x: Tensor, _ news: Tensor) -> Tensor {
            let h = norms.0(x + news)
            return norms.1(h + second(first(h).relu()))
        }
    }
}
