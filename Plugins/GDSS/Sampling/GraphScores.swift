import Genera

/// The two score networks of a model, asked for one graph at a time.
package protocol GraphScores: Sendable {
    /// What the networks make of a graph: raw numbers, before they are scores. A part that is not asked for is empty.
    func raw(_ graph: NoisyGraph, nodes: Bool, edges: Bool) throws -> GraphField
}

/// The networks in plain tensor operations: the twin of the kernels, and the networks that have none.
package struct TensorGraphScores: GraphScores {
    private let x: any ScoreNetwork
    private let adjacency: any ScoreNetwork
    private let features: Int

    package init(_ c: GDSSConfiguration, x: any ScoreNetwork, adjacency: any ScoreNetwork) {
        (self.x, self.adjacency, features) = (x, adjacency, c.data.features)
    }

    package func raw(_ graph: NoisyGraph, nodes: Bool, edges: Bool) throws -> GraphField {
        let n = graph.nodes
        let features = Tensor(graph.x, shape: [1, n, features])
        let joined = Tensor(graph.adjacency, shape: [1, n, n])
        let mask = NodeMask(.ones([1, n]))
        return try GraphField(
            x: nodes ? x(features, joined, mask).array(of: Float.self) : [],
            adjacency: edges ? adjacency(features, joined, mask).array(of: Float.self) : [])
    }
}
