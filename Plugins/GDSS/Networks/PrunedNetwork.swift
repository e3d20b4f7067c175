import CGDSS

/// What of a network is constant or unused, and is not computed.
///
/// Weight decay drives whole parts of these networks to 0: an attention whose queries or keys are 0 stays so for good.
package struct PrunedNetwork: Codable, Equatable, Sendable {
    /// A part of a layer: how many there are, and how many of them are computed.
    package struct Share: Codable, Equatable, Sendable {
        /// All.
        package let all: Int
        /// Those that vary and are used.
        package let live: Int
    }

    /// One layer of attention.
    package struct Layer: Codable, Equatable, Sendable {
        /// Attention maps, one for each edge channel that goes in.
        package let maps: Share
        /// Heads of all maps.
        package let heads: Share
        /// Edge channels that come out.
        package let channels: Share
        /// Whether the nodes' features that come out vary and are used.
        package let hasLiveNodes: Bool
    }

    /// Parameters below 1e-38, which count as 0.
    package let subnormals: Int
    /// Layers of attention, in order.
    package let layers: [Layer]

    init(_ network: OpaquePointer) {
        subnormals = Int(clamping: gdss_subnormals(network))
        var layers: [Layer] = []
        var found = GDSSLayerPruning()
        while gdss_pruning(network, Int32(layers.count), &found) != 0 {
            layers.append(Layer(found))
        }
        self.layers = layers
    }
}

extension PrunedNetwork.Layer {
    fileprivate init(_ found: GDSSLayerPruning) {
        func share(_ all: Int32, _ live: Int32) -> PrunedNetwork.Share { .init(all: Int(all), live: Int(live)) }
        self.init(
            maps: share(found.maps, found.live_maps), heads: share(found.heads, found.live_heads),
            channels: share(found.channels, found.live_channels), hasLiveNodes: found.has_live_nodes != 0)
    }
}
