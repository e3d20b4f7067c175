import Genera

/// Linear maps with a function between them, under the reference's keys: `linear` alone, or `linears.0`, `linears.1`, ...
///
///     [..., in] -> [..., out]
package final class Perceptron: Sendable {
    private let maps: [Linear]
    private let activation: Activation

    /// - Parameter count: how many maps, one or more.
    package init(
        _ count: Int, _ inputs: Int, _ hidden: Int, _ outputs: Int, _ activation: Activation, in scope: ParameterScope
    ) throws {
        let sizes = [inputs] + Array(repeating: hidden, count: count - 1) + [outputs]
        self.activation = activation
        maps = try zip(sizes, sizes.dropFirst()).enumerated().map { number, size in
            try Linear(size.0, size.1, in: count == 1 ? scope["linear"] : scope["linears"]["\(number)"])
        }
    }

    package func callAsFunction(_ x: Tensor) -> Tensor {
        maps.dropFirst().reduce(maps[0](x)) { $1(activation($0)) }
    }
}
