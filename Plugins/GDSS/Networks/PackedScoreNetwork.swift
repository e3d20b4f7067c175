import CGDSS
import Genera

/// A score network for inference on the processor: one graph at a time, of its true size, in kernels of their own.
///
/// It gives what the plain network gives, to rounding. When it is made, its weights are packed for vector units, those
/// too small for a normal number become 0, and whatever is constant or unused is left out. Nothing changes afterwards,
/// so that any number of threads may use it at once, each with a scratch of its own.
package final class PackedScoreNetwork: @unchecked Sendable {
    /// The shape.
    package let configuration: ScoreNetworkConfiguration
    /// What was left out.
    package let pruning: PrunedNetwork
    // Only read after `init`, which is what makes the class safe to share.
    private let network: OpaquePointer

    /// Packs a network.
    ///
    /// - Parameters:
    ///   - weights: tensors under a checkpoint's names.
    ///   - sparing: of the best instruction sets that the processor has, so many are not used; for tests.
    /// - Throws: `GeneraError.usage` for a shape that cannot be, `KeyMismatch` naming every missing, unexpected and
    ///   mis-shaped key.
    package init(
        _ configuration: ScoreNetworkConfiguration, weights: [(name: String, tensor: RawTensor)], sparing: Int = 0
    ) throws {
        guard var shape = GDSSShape(configuration), gdss_parameters(&shape, nil, 0) > 0 else {
            throw GeneraError.usage(
                "A \(configuration.kind.rawValue) of these sizes cannot be packed: every size must be at least 1 and "
                    + "not huge, attention needs two layers or more, and the widths of queries, nhid and adim, must be "
                    + "divisible into num_heads heads.")
        }
        let tensors = try PackedParameters(configuration).ordered(weights).map { $0.floats() }
        var sizes = [Int](repeating: 0, count: tensors.count)
        precondition(gdss_parameters(&shape, &sizes, sizes.count) == tensors.count, "the kernels take other parameters")
        precondition(sizes == tensors.map(\.count), "the kernels take parameters of other sizes")
        guard let network = Self.packed(&shape, tensors, sparing) else {
            throw GeneraError.unavailable("The network could not be packed for the processor.")
        }
        self.configuration = configuration
        self.network = network
        pruning = PrunedNetwork(network)
    }

    deinit { gdss_free(network) }

    private static func packed(_ shape: inout GDSSShape, _ tensors: [[Float]], _ sparing: Int) -> OpaquePointer? {
        let all = tensors.flatMap { $0 }
        return all.withUnsafeBufferPointer { all in
            var pointers: [UnsafePointer<Float>?] = []
            var place = 0
            for tensor in tensors {
                pointers.append(all.baseAddress! + place)
                place += tensor.count
            }
            return gdss_pack(&shape, &pointers, Int32(clamping: sparing))
        }
    }

    /// How many numbers of scratch a graph of `nodes` nodes needs, or nil for one that is too large. They grow
    /// with it.
    package func scratchCount(nodes: Int) -> Int? {
        guard nodes >= 0 else { return nil }
        // What does not fit comes as -1: the kernels' largest unsigned number.
        let count = gdss_scratch(network, nodes)
        return count > 0 ? count : nil
    }

    /// Runs the network on one graph.
    ///
    /// - Parameters:
    ///   - x: node features `[nodes, F]`.
    ///   - adjacency: `[nodes, nodes]`, symmetric.
    ///   - nodes: how many there are, none of them absent.
    ///   - out: `[nodes, F]`, or of a network for edges `[nodes, nodes]`: symmetric, with zeros on the diagonal.
    ///   - scratch: room for `scratchCount(nodes:)` numbers, of any content.
    package func callAsFunction(
        x: UnsafePointer<Float>, adjacency: UnsafePointer<Float>, nodes: Int, out: UnsafeMutablePointer<Float>,
        scratch: UnsafeMutablePointer<Float>
    ) {
        gdss_forward(network, nodes, x, adjacency, out, scratch)
    }
}

extension GDSSShape {
    /// The kernels' words for a configuration, or nil if a number does not fit.
    fileprivate init?(_ c: ScoreNetworkConfiguration) {
        let sizes = [
            c.features, c.layers, c.hidden, c.linears, c.initialChannels, c.hiddenChannels, c.finalChannels,
            c.attention,
            c.heads,
        ].compactMap { Int32(exactly: $0) }
        guard sizes.count == 9 else { return nil }
        let kinds: [ScoreNetworkConfiguration.Kind: Int] = [
            .nodes: GDSS_NODES, .attentiveNodes: GDSS_ATTENTIVE_NODES, .edges: GDSS_EDGES,
        ]
        self.init(
            kind: Int32(kinds[c.kind]!), features: sizes[0], layers: sizes[1], hidden: sizes[2], linears: sizes[3],
            initial: sizes[4], inner: sizes[5], final: sizes[6], attention: sizes[7], heads: sizes[8],
            is_mlp: c.convolution == .mlp ? 1 : 0)
    }
}
