import Foundation
import GDSS
import Genera
import GeneraTesting
import Testing

@Suite struct PackedScoreNetworkTests {
    /// Shapes that have every kind of layer, and widths that are no multiples of a vector.
    static let shapes: [ScoreNetworkConfiguration] = {
        func shape(
            _ kind: ScoreNetworkConfiguration.Kind, _ sizes: [Int], _ convolution: ScoreNetworkConfiguration.Convolution
        ) -> ScoreNetworkConfiguration {
            var c = ScoreNetworkConfiguration(kind, features: sizes[0], layers: sizes[1], hidden: sizes[2])
            (c.linears, c.initialChannels, c.hiddenChannels, c.finalChannels) = (sizes[3], sizes[4], sizes[5], sizes[6])
            (c.attention, c.heads, c.convolution) = (sizes[7], sizes[8], convolution)
            return c
        }
        return [
            shape(.nodes, [3, 1, 5, 2, 2, 2, 2, 4, 2], .gcn), shape(.nodes, [20, 3, 40, 2, 2, 2, 2, 4, 2], .gcn),
            shape(.edges, [5, 2, 12, 1, 1, 3, 2, 8, 4], .gcn), shape(.edges, [5, 3, 12, 3, 4, 20, 2, 8, 2], .gcn),
            shape(.edges, [4, 3, 36, 2, 3, 17, 5, 40, 4], .mlp), shape(.edges, [4, 2, 1, 1, 1, 1, 1, 1, 4], .gcn),
            shape(.attentiveNodes, [5, 3, 33, 2, 2, 4, 3, 66, 3], .gcn),
            shape(.attentiveNodes, [10, 2, 16, 4, 3, 6, 7, 20, 20], .mlp),
        ]
    }()

    static func weights(
        _ c: ScoreNetworkConfiguration, _ random: inout PackedNumbers
    ) -> [(name: String, tensor: RawTensor)] {
        PackedParameters(c).list.map { parameter in
            let values = (0..<parameter.shape.reduce(1, *)).map { _ in 0.2 * random.normal() }
            return (parameter.name, RawTensor(values, shape: parameter.shape))
        }
    }

    @Test("the reference's random networks, on every instruction set", .enabled(if: Golden.isPresent("gdss")))
    func goldens() throws {
        var count = 0
        for golden in try Golden.cases(of: "gdss") where golden.name.hasPrefix("forward_small") {
            let configuration = try Self.configuration(golden.config)
            let tensors = Dictionary(uniqueKeysWithValues: try golden.file().tensors.map { ($0.name, $0.tensor) })
            let weights = tensors.filter { $0.key.hasPrefix("w.") }.map { (String($0.key.dropFirst(2)), $0.value) }
            for sparing in 0..<3 {
                let network = try PackedScoreNetwork(configuration, weights: weights, sparing: sparing)
                let deviation = try Self.deviation(of: network, tensors, rtol: golden.rtol, atol: golden.atol)
                #expect(deviation < 1, "\(golden.name), sparing \(sparing): \(deviation) of the tolerance")
            }
            count += 1
        }
        #expect(count == 4)
    }

    /// The reference's words are those of the configuration, but for the number of layers, which has two names.
    private static func configuration(_ json: JSONValue) throws -> ScoreNetworkConfiguration {
        func number(_ name: String) -> Int { Int(json[name]?.number ?? 0) }
        let kind = try #require(ScoreNetworkConfiguration.Kind(rawValue: json["model_type"]?.text ?? ""))
        var c = ScoreNetworkConfiguration(
            kind, features: number("max_feat_num"), layers: number(kind == .edges ? "num_layers" : "depth"),
            hidden: number("nhid"))
        (c.linears, c.initialChannels, c.hiddenChannels) = (number("num_linears"), number("c_init"), number("c_hid"))
        (c.finalChannels, c.attention, c.heads) = (number("c_final"), number("adim"), number("num_heads"))
        c.convolution = try #require(.init(rawValue: json["conv"]?.text ?? ""))
        return c
    }

    /// The worst deviation from what the reference gave, in parts of what is allowed.
    private static func deviation(
        of network: PackedScoreNetwork, _ tensors: [String: RawTensor], rtol: Double, atol: Double
    ) throws -> Double {
        let (x, adjacency) = (try #require(tensors["x"]), try #require(tensors["adj"]).floats())
        let (flags, out) = (try #require(tensors["flags"]).floats(), try #require(tensors["out"]).floats())
        let (padded, features) = (x.shape[1], x.shape[2])
        let width = network.configuration.kind == .edges ? padded : features
        var worst = 0.0
        for graph in 0..<x.shape[0] {
            let nodes = Int(flags[graph * padded..<(graph + 1) * padded].reduce(0, +))
            let got = network(
                PackedGraph(
                    nodes: nodes, x: x.floats()[(graph * padded * features)...].prefix(padded * features),
                    adjacency: adjacency[(graph * padded * padded)...].prefix(padded * padded), of: padded))
            let columns = got.count / nodes
            for (place, value) in got.enumerated() {
                let want = Double(out[(graph * padded + place / columns) * width + place % columns])
                worst = max(worst, abs(Double(value) - want) / (atol + rtol * abs(want)))
            }
        }
        return worst
    }

    @Test("another order of the nodes gives the same in that order; instruction sets agree", arguments: shapes)
    func order(configuration: ScoreNetworkConfiguration) throws {
        var random = PackedNumbers(state: 7)
        let weights = Self.weights(configuration, &random)
        let networks = try (0..<3).map { try PackedScoreNetwork(configuration, weights: weights, sparing: $0) }
        for nodes in [1, 2, 6, 9, 16, 17, 34] {
            let graph = PackedGraph(nodes: nodes, features: configuration.features, &random)
            let order = (0..<nodes).map { ($0 * 5 + 3) % nodes }
            let isOrder = Set(order).count == nodes
            let outs = networks.map { $0(graph) }
            let allowed = 2e-5 * max(1, outs[0].map(abs).max() ?? 0)
            for (network, out) in zip(networks, outs) {
                #expect(zip(out, outs[0]).allSatisfy { abs($0 - $1) < allowed }, "\(nodes) nodes")
                guard isOrder, nodes != configuration.features else { continue }
                let turned = network(graph.permuted(order))
                #expect(zip(turned, PackedGraph.permuted(out, order)).allSatisfy { abs($0 - $1) < allowed })
            }
            guard configuration.kind == .edges else { continue }
            for i in 0..<nodes {
                #expect(outs[0][i * nodes + i] == 0)
                for j in 0..<i { #expect(outs[0][i * nodes + j] == outs[0][j * nodes + i]) }
            }
        }
    }

    @Test("what is left out changes nothing, and is counted")
    func pruned() throws {
        var random = PackedNumbers(state: 3)
        var configuration = ScoreNetworkConfiguration(.edges, features: 5, layers: 4, hidden: 16)
        (configuration.attention, configuration.heads) = (16, 4)
        let whole = Self.weights(configuration, &random)
        func scaled(_ factor: Float) -> [(name: String, tensor: RawTensor)] {
            whole.map { name, tensor in
                // A map, one head of another, the new nodes of a layer, and the edges' network of the next.
                let isDead =
                    name.hasPrefix("layers.1.attn.2.gnn_k") || name.hasPrefix("layers.1.multi_channel.linears.1.weight")
                    || name == "layers.2.mlp.linears.0.weight"
                var values = tensor.floats()
                let isHead = name.hasPrefix("layers.1.attn.3.gnn_q")
                for place in values.indices where isDead || (isHead && place % 16 < 4) { values[place] *= factor }
                return (name, RawTensor(values, shape: tensor.shape))
            }
        }
        let (small, none) = (try network(scaled(1e-9)), try network(scaled(0x1p-130)))
        let graph = PackedGraph(nodes: 11, features: 5, &random)
        for (a, b) in zip(small(graph), none(graph)) { #expect(abs(a - b) < 1e-6) }

        #expect(small.pruning.subnormals == 0 && none.pruning.subnormals > 500)
        #expect(small.pruning.layers.map(\.maps.live) == [2, 8, 8, 8])
        #expect(none.pruning.layers.map(\.maps.live) == [2, 7, 0, 8])
        #expect(none.pruning.layers.map(\.heads.live) == [8, 27, 0, 32])
        #expect(none.pruning.layers.map(\.channels.live) == [8, 8, 0, 4])
        #expect(none.pruning.layers.map(\.hasLiveNodes) == [true, false, true, false])

        func network(_ weights: [(name: String, tensor: RawTensor)]) throws -> PackedScoreNetwork {
            try PackedScoreNetwork(configuration, weights: weights)
        }
    }

    @Test("keys that do not fit are all named; shapes that cannot be are refused")
    func refused() throws {
        var random = PackedNumbers(state: 1)
        let configuration = Self.shapes[2]
        var weights = Self.weights(configuration, &random)
        weights[0] = ("strange", weights[0].tensor)
        weights[1] = (weights[1].name, RawTensor([Float](repeating: 0, count: 6), shape: [2, 3]))
        let expected = KeyMismatch(
            missing: ["layers.0.attn.0.gnn_q.weight"], unexpected: ["strange"],
            misshaped: [.init(key: "layers.0.attn.0.gnn_q.bias", expected: [12], found: [2, 3])])
        #expect(throws: expected) { try PackedScoreNetwork(configuration, weights: weights) }

        for change in [
            { (c: inout ScoreNetworkConfiguration) in c.layers = 1 }, { $0.heads = 0 }, { $0.hidden = .max },
            { $0.linears = 0 },
            {
                $0.attention = 7; $0.heads = 3
            }, { $0.initialChannels = -1 },
        ] {
            var changed = configuration
            change(&changed)
            #expect(throws: GeneraError.self) { try PackedScoreNetwork(changed, weights: []) }
        }
        let network = try PackedScoreNetwork(configuration, weights: Self.weights(configuration, &random))
        #expect(network.scratchCount(nodes: .max) == nil && network.scratchCount(nodes: -1) == nil)
    }

    @Test("threads share a network")
    func threads() throws {
        var random = PackedNumbers(state: 5)
        let configuration = Self.shapes[3]
        let network = try PackedScoreNetwork(configuration, weights: Self.weights(configuration, &random))
        let graphs = (0..<64).map { PackedGraph(nodes: 2 + $0 % 9, features: 5, &random) }
        let alone = graphs.map { network($0) }
        let together = Outputs(count: graphs.count)
        DispatchQueue.concurrentPerform(iterations: graphs.count) { together[$0] = network(graphs[$0]) }
        #expect(together.values == alone)
    }

    /// Results by number, each written by one thread.
    private final class Outputs: @unchecked Sendable {
        private let lock = NSLock()
        private(set) var values: [[Float]]

        init(count: Int) { values = Array(repeating: [], count: count) }

        subscript(place: Int) -> [Float] {
            get { lock.withLock { values[place] } }
            set { lock.withLock { values[place] = newValue } }
        }
    }
}
