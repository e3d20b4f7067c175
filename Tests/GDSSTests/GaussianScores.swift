import GDSS
import Genera
import Synchronization

/// Networks that know the score of a Gaussian law exactly. Networks are not told the time, so that these count how often they are asked.
final class GaussianScores: GraphScores {
    /// Mean and variance of the clean numbers.
    struct Law: Sendable {
        var mean: Float
        var variance: Float

        /// Mean and variance at a time.
        func at(_ t: Float, _ sde: GraphSDE) -> (mean: Float, variance: Float) {
            let (m, s) = sde.marginal(t)
            return (m * mean, m * m * variance + s * s)
        }
    }

    private let sde: GDSSConfiguration.Pair<GraphSDE>
    private let laws: (x: Law, adjacency: Law)
    /// The time of each evaluation, and how many graphs each has.
    private let times: [Float]
    private let graphs: Int
    private let asked = Mutex(0)

    init(
        _ sde: GDSSConfiguration.Pair<GraphSDE>, x: Law, adjacency: Law, times: [Float], graphs: Int
    ) {
        (self.sde, laws, self.times, self.graphs) = (sde, (x, adjacency), times, graphs)
    }

    func raw(_ graph: NoisyGraph, nodes: Bool, edges: Bool) -> GraphField {
        let number = asked.withLock { count in
            defer { count += 1 }
            return count
        }
        let t = times[number / graphs]
        func out(_ values: [Float], _ law: Law, _ sde: GraphSDE) -> [Float] {
            let (mean, variance) = law.at(t, sde)
            let factor = sde.kind == .ve ? 1 : -sde.marginal(t).deviation
            return values.map { factor * (mean - $0) / variance }
        }
        var edges = out(graph.adjacency, laws.adjacency, sde.adj)
        for node in 0..<graph.nodes { edges[node * graph.nodes + node] = 0 }
        return GraphField(x: out(graph.x, laws.x, sde.x), adjacency: edges)
    }
}

/// The numbers that a sampler made, without the diagonal and with each pair once.
struct DrawnNumbers {
    var x: [Float] = []
    var adjacency: [Float] = []

    init(_ graphs: [NoisyGraph]) {
        for graph in graphs {
            x += graph.x
            for i in 0..<graph.nodes { for j in 0..<i { adjacency.append(graph.adjacency[i * graph.nodes + j]) } }
        }
    }

    static func moments(_ values: [Float]) -> (mean: Double, variance: Double) {
        let mean = values.reduce(0.0) { $0 + Double($1) } / Double(values.count)
        let squares = values.reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) }
        return (mean, squares / Double(values.count))
    }
}
