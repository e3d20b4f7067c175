import Genera

/// Graphs of the stochastic block model with the sizes of Martinkus et al., "SPECTRE: spectral conditioning helps to overcome the
/// expressivity limits of one-shot graph generators", ICML 2022.
package enum BlockGraphs {
    /// The probability of an edge inside of a block.
    package static let inside = 0.3
    /// The probability of an edge between two blocks.
    package static let between = 0.005
    /// How many blocks there are.
    package static let counts = 2...5
    /// How many nodes a block has.
    package static let sizes = 20...40

    /// Draws blocks and edges until a graph is connected.
    package static func draw(_ draws: inout DrawStream) -> SimpleGraph {
        while true {
            let blocks = (0..<draws.integer(in: counts)).flatMap { block in
                Array(repeating: block, count: draws.integer(in: sizes))
            }
            let graph = RandomGraphs.edges(nodes: blocks.count, &draws) { first, second in
                blocks[first] == blocks[second] ? inside : between
            }
            if graph.isConnected { return graph }
        }
    }
}
