import Foundation
import GDSS
import Genera
import Testing

/// One graph of numbers.
struct PackedGraph {
    var nodes: Int
    var x: [Float]
    var adjacency: [Float]

    /// Standard normal numbers everywhere, edges symmetric and scaled so that powers of them stay of their size.
    init(nodes: Int, features: Int, _ random: inout PackedNumbers) {
        self.nodes = nodes
        x = (0..<nodes * features).map { _ in random.normal() }
        adjacency = [Float](repeating: 0, count: nodes * nodes)
        for i in 0..<nodes {
            for j in 0..<i {
                adjacency[i * nodes + j] = random.normal() * min(1, 2 / Float(nodes).squareRoot())
                adjacency[j * nodes + i] = adjacency[i * nodes + j]
            }
        }
    }

    /// The first nodes of a padded batch's graph.
    init(nodes: Int, x: ArraySlice<Float>, adjacency: ArraySlice<Float>, of padded: Int) {
        let width = x.count / padded
        self.nodes = nodes
        self.x = Array(x.prefix(nodes * width))
        self.adjacency = (0..<nodes).flatMap { row in
            adjacency.dropFirst(row * padded).prefix(nodes)
        }
    }

    /// With its nodes in another order.
    func permuted(_ order: [Int]) -> PackedGraph {
        var graph = self
        graph.x = PackedGraph.permuted(x, order)
        graph.adjacency = PackedGraph.permuted(adjacency, order)
        return graph
    }

    /// Rows in another order, and columns too if there are as many: node features must not be as wide as the graph has
    /// nodes.
    static func permuted(_ values: [Float], _ order: [Int]) -> [Float] {
        let count = order.count
        let width = values.count / count
        return order.flatMap { row in
            (0..<width).map { values[row * width + (width == count ? order[$0] : $0)] }
        }
    }
}

/// Reproducible numbers.
struct PackedNumbers {
    var state: UInt64

    mutating func uniform() -> Double {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return (Double(state >> 33) + 0.5) / Double(UInt64(1) << 31)
    }

    mutating func normal() -> Float {
        let (radius, angle) = ((-2 * log(uniform())).squareRoot(), 2 * Double.pi * uniform())
        return Float(radius * cos(angle))
    }
}

extension PackedScoreNetwork {
    /// What the network gives for a graph, with a scratch of exactly the size that it asks for, full of NaN.
    func callAsFunction(_ graph: PackedGraph) -> [Float] {
        let isEdges = configuration.kind == .edges
        var out = [Float](repeating: .nan, count: isEdges ? graph.nodes * graph.nodes : graph.x.count)
        let count = scratchCount(nodes: graph.nodes)!
        var scratch = [Float](repeating: .nan, count: count + 16)
        for place in count..<count + 16 { scratch[place] = 12345 }
        self(x: graph.x, adjacency: graph.adjacency, nodes: graph.nodes, out: &out, scratch: &scratch)
        #expect(scratch[count...].allSatisfy { $0 == 12345 }, "it wrote behind its scratch")
        return out
    }
}
