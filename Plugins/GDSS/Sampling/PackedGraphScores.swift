import Genera
import Synchronization

/// The two networks of a model as the processor's own kernels, with the room that they work in.
package final class PackedGraphScores: GraphScores {
    package let x: PackedScoreNetwork
    package let adjacency: PackedScoreNetwork
    private let features: Int
    /// Room that no thread works in just now. Threads take one and bring it back, so that it is allocated once a thread.
    private let rooms = Mutex<[Room]>([])

    package init(features: Int, x: PackedScoreNetwork, adjacency: PackedScoreNetwork) {
        (self.features, self.x, self.adjacency) = (features, x, adjacency)
    }

    /// Numbers that grow when a larger graph comes.
    private final class Room: @unchecked Sendable {
        // One thread has it at a time.
        private var memory = UnsafeMutableBufferPointer<Float>.allocate(capacity: 0)

        func scratch(_ count: Int) -> UnsafeMutablePointer<Float> {
            if memory.count < count {
                memory.deallocate()
                memory = .allocate(capacity: count)
            }
            return memory.baseAddress!
        }

        deinit { memory.deallocate() }
    }

    package func raw(_ graph: NoisyGraph, nodes: Bool, edges: Bool) throws -> GraphField {
        let room = rooms.withLock { $0.popLast() } ?? Room()
        defer { rooms.withLock { $0.append(room) } }
        return try GraphField(
            x: nodes ? run(x, graph, graph.nodes * features, room) : [],
            adjacency: edges ? run(adjacency, graph, graph.nodes * graph.nodes, room) : [])
    }

    private func run(_ network: PackedScoreNetwork, _ graph: NoisyGraph, _ count: Int, _ room: Room) throws -> [Float] {
        guard let needed = network.scratchCount(nodes: graph.nodes) else {
            throw GeneraError.unavailable("A graph of \(graph.nodes) nodes is too large for this machine.")
        }
        let scratch = room.scratch(needed)
        return [Float](unsafeUninitializedCapacity: count) { out, done in
            network(
                x: graph.x, adjacency: graph.adjacency, nodes: graph.nodes, out: out.baseAddress!, scratch: scratch)
            done = count
        }
    }
}
