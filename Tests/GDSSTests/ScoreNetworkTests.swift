import Foundation
import GDSS
import Genera
import GeneraTesting
import Testing

/// Networks in plain tensors: what they must do whatever their weights.
@Suite struct ScoreNetworkTests {
    static let shapes: [ScoreNetworkConfiguration] = {
        func shape(
            _ kind: ScoreNetworkConfiguration.Kind, _ layers: Int, _ hidden: Int,
            _ change: (inout ScoreNetworkConfiguration) -> Void = { _ in }
        ) -> ScoreNetworkConfiguration {
            var c = ScoreNetworkConfiguration(kind, features: 5, layers: layers, hidden: hidden)
            (c.attention, c.heads, c.hiddenChannels, c.finalChannels) = (12, 3, 5, 3)
            change(&c)
            return c
        }
        return [
            shape(.nodes, 3, 7), shape(.attentiveNodes, 2, 12), shape(.attentiveNodes, 3, 9) { $0.convolution = .mlp },
            shape(.edges, 2, 12), shape(.edges, 3, 15) { ($0.linears, $0.initialChannels) = (1, 3) },
            shape(.edges, 3, 6) { ($0.convolution, $0.linears) = (.mlp, 3) }, shape(.nodeTransformer, 2, 12),
            shape(.edgeTransformer, 2, 12), shape(.edgeTransformer, 3, 6) { $0.initialChannels = 3 },
        ]
    }()

    /// Random numbers as large as those of a trained network.
    static func network(_ c: ScoreNetworkConfiguration, seed: UInt64 = 1) throws -> any ScoreNetwork {
        try c.network(in: .drawing(seed: seed))
    }

    static func graph(_ n: Int, seed: UInt64) -> PackedGraph {
        var random = PackedNumbers(state: seed)
        return PackedGraph(nodes: n, features: 5, &random)
    }

    static func run(_ network: any ScoreNetwork, _ graph: PackedGraph, flags: [Float]? = nil) throws -> [Float] {
        let n = graph.nodes
        return try network(
            Tensor(graph.x, shape: [1, n, 5]), Tensor(graph.adjacency, shape: [1, n, n]),
            NodeMask(Tensor(flags ?? [Float](repeating: 1, count: n), shape: [1, n]))
        ).array(of: Float.self)
    }

    @Test("Nodes in another order give the same in that order", arguments: shapes)
    func order(c: ScoreNetworkConfiguration) throws {
        let network = try Self.network(c)
        for n in [2, 7, 11] {
            let graph = Self.graph(n, seed: UInt64(n))
            let order = (0..<n).map { ($0 * 3 + 1) % n }
            guard Set(order).count == n else { continue }
            let out = try Self.run(network, graph)
            let scale = max(out.map(abs).max() ?? 0, 1e-3)
            let turned = try Self.run(network, graph.permuted(order))
            let worst = zip(turned, PackedGraph.permuted(out, order)).map { abs($0 - $1) }.max() ?? 0
            #expect(worst < 1e-4 * scale, "\(n) nodes: \(worst) of \(scale)")
            #expect(out.contains { abs($0) > 1e-6 }, "the network gives nothing at all")
        }
    }

    @Test("Edges come out symmetric without a diagonal", arguments: shapes.filter(\.kind.makesEdges))
    func symmetric(c: ScoreNetworkConfiguration) throws {
        let out = try Self.run(Self.network(c), Self.graph(6, seed: 3))
        for i in 0..<6 {
            #expect(out[i * 6 + i] == 0)
            for j in 0..<i { #expect(abs(out[i * 6 + j] - out[j * 6 + i]) < 1e-5) }
        }
    }

    @Test("Places without nodes change nothing and get nothing", arguments: shapes)
    func padding(c: ScoreNetworkConfiguration) throws {
        let network = try Self.network(c)
        let (n, padded) = (5, 9)
        let graph = Self.graph(n, seed: 8)
        let out = try Self.run(network, graph)
        var large = Self.graph(padded, seed: 8)
        large.x = graph.x + [Float](repeating: 0, count: (padded - n) * 5)
        large.adjacency = (0..<padded * padded).map { place in
            let (i, j) = (place / padded, place % padded)
            return i < n && j < n ? graph.adjacency[i * n + j] : 0
        }
        let flags = (0..<padded).map { Float($0 < n ? 1 : 0) }
        let found = try Self.run(network, large, flags: flags)
        let columns = c.kind.makesEdges ? n : 5
        let width = c.kind.makesEdges ? padded : 5
        for place in found.indices {
            let (row, column) = (place / width, place % width)
            guard row < n, column < columns else {
                #expect(found[place] == 0)
                continue
            }
            #expect(abs(found[place] - out[row * columns + column]) < 2e-5 * max(1, abs(found[place])))
        }
    }

    @Test("Kernels give what plain tensors give", arguments: shapes.filter { !$0.kind.isTransformer })
    func packed(c: ScoreNetworkConfiguration) throws {
        let scope = ParameterScope.drawing(seed: 4)
        let plain = try c.network(in: scope)
        let weights = try scope.entries.map {
            ($0.name, RawTensor(try $0.tensor.array(of: Float.self), shape: $0.tensor.shape.sizes))
        }
        let packed = try PackedScoreNetwork(c, weights: weights)
        for n in [1, 3, 8, 13] {
            let graph = Self.graph(n, seed: UInt64(20 + n))
            let (a, b) = try (Self.run(plain, graph), packed(graph))
            let scale = max(a.map(abs).max() ?? 0, 1)
            let worst = zip(a, b).map { abs($0 - $1) }.max() ?? 0
            #expect(a.count == b.count && worst < 2e-5 * scale, "\(n) nodes: \(worst)")
        }
    }

    @Test("A parameter is called unused exactly when no loss depends on it", arguments: shapes)
    func unused(c: ScoreNetworkConfiguration) throws {
        let scope = ParameterScope.drawing(seed: 5)
        let network = try c.network(in: scope)
        let graph = Self.graph(6, seed: 2)
        let before = try Self.run(network, graph)
        for entry in scope.entries {
            let values = try entry.tensor.array(of: Float.self)
            try withoutGradients {
                try entry.tensor.copy(from: Tensor(values.map { $0 + 0.37 }, shape: entry.tensor.shape.sizes))
            }
            let after = try Self.run(network, graph)
            try withoutGradients { try entry.tensor.copy(from: Tensor(values, shape: entry.tensor.shape.sizes)) }
            if c.isUnused(entry.name) { #expect(after == before, "\(entry.name) is used") }
        }
        #expect(try Self.run(network, graph) == before)
    }
}
