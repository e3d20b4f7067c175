import Genera
import Synchronization

/// A network that is told the noise level (SEDD), as what samplers ask: at each level it is packed anew as the network without time
/// that it is there. Texts at one level go together.
package final class ModulatedConditional: TokenConditional {
    private let weights: ModulatedWeights
    private let precision: PackedTransformer.Precision
    private let workers: Int
    /// The network of the last level: a sampler asks many times at one before it goes on.
    private let last = Mutex<(sigma: Double, network: PackedTransformer)?>(nil)

    package init(_ weights: ModulatedWeights, precision: PackedTransformer.Precision, workers: Int) {
        (self.weights, self.precision, self.workers) = (weights, precision, workers)
    }

    package var vocabulary: Int { weights.configuration.tokens }

    private func network(_ sigma: Double) throws -> PackedTransformer {
        if let known = last.withLock({ $0 }), known.sigma == sigma { return known.network }
        let network = try PackedTransformer(
            weights.configuration, weights: weights.folded(sigma: sigma), precision: precision, workers: workers)
        last.withLock { $0 = (sigma, network) }
        return network
    }

    package func map<Value: Sendable>(
        _ queries: [TokenQuery], _ body: @Sendable (Int, Int, UnsafeBufferPointer<Float>) throws -> Value
    ) throws -> [[Value]] {
        var found = [[Value]](repeating: [], count: queries.count)
        let levels = Dictionary(grouping: queries.indices) { queries[$0].sigma }
        for (sigma, numbers) in levels.sorted(by: { $0.key > $1.key }) {
            let values = try network(sigma).map(numbers.map { queries[$0] }) { query, row, logits in
                try body(numbers[query], row, logits)
            }
            for (number, value) in zip(numbers, values) { found[number] = value }
        }
        return found
    }
}
