import Tensors

/// Linear maps with a function between them: `[..., sizes[0]] -> [..., sizes.last]`.
///
///     h = x;  for each map but the last: h = dropout(activation(norm(W h + b)));  y = W h + b
///
///     let network = try MLP([2, 64, 64, 2], .selu, in: scope["net"])   // net.0, net.2, net.4
public final class MLP: Sendable {
    /// How the maps are named below the network's own name.
    public enum Keys: Sendable {
        /// `0`, `2`, `4`, ...: their places in PyTorch's `Sequential`, in which norms, functions and dropouts are counted too.
        case sequential
        /// `0`, `1`, `2`, ...: their places in a `ModuleList`. Norms are called `norms.0`, `norms.1`, ...
        case list
    }

    /// What stands between a map and the function after it.
    public enum Norm: Sendable {
        /// `LayerNorm` over the width.
        case layer
        /// `BatchNorm` over all rows; inputs are `[N, sizes[0]]` then.
        case batch
    }

    /// The linear maps, in their order.
    public let maps: [Linear]
    /// The function between them.
    public let activation: Activation
    /// The probability that an element after the function is dropped in training.
    public let dropout: Double
    private let norms: [Normalization]

    private enum Normalization: Sendable {
        case layer(LayerNorm)
        case batch(BatchNorm)
    }

    /// Takes the parameters from `scope`: those of map 0, of its norm, of map 1, ...
    ///
    /// - Parameters:
    ///   - sizes: the widths from input to output, two or more.
    ///   - weightInit: the law of a map's weight for its number of inputs and outputs; `Initializer.standard` unless given.
    ///   - biasInit: the law of its bias; likewise.
    /// - Throws: what the scope throws.
    public init(
        _ sizes: [Int], _ activation: Activation, norm: Norm? = nil, dropout: Double = 0, bias: Bool = true,
        keys: Keys = .sequential, weightInit: ((_ inputs: Int, _ outputs: Int) -> Initializer)? = nil,
        biasInit: ((_ inputs: Int, _ outputs: Int) -> Initializer)? = nil, in scope: ParameterScope
    ) throws {
        (self.activation, self.dropout) = (activation, dropout)
        let places = 2 + (norm == nil ? 0 : 1) + (dropout > 0 ? 1 : 0)
        var (maps, norms): ([Linear], [Normalization]) = ([], [])
        for (number, (inputs, outputs)) in zip(sizes, sizes.dropFirst()).enumerated() {
            let place = keys == .sequential ? number * places : number
            maps.append(
                try Linear(
                    inputs, outputs, bias: bias, weightInit: weightInit?(inputs, outputs),
                    biasInit: biasInit?(inputs, outputs), in: scope["\(place)"]))
            guard let norm, number < sizes.count - 2 else { continue }
            let own = keys == .sequential ? scope["\(place + 1)"] : scope["norms"]["\(number)"]
            switch norm {
            case .layer: norms.append(.layer(try LayerNorm(outputs, in: own)))
            case .batch: norms.append(.batch(try BatchNorm(outputs, in: own)))
            }
        }
        (self.maps, self.norms) = (maps, norms)
    }

    /// Applies the network, to be asked; with a `dropout`, as in training.
    public func callAsFunction(_ x: Tensor, dropout masks: Dropout? = nil) -> Tensor {
        var h = x
        for (number, map) in maps.enumerated() {
            h = map(h)
            guard number < maps.count - 1 else { break }
            if !norms.isEmpty { h = normalized(h, norms[number], trains: masks != nil) }
            h = activation(h)
            if let masks { h = masks(h, probability: dropout) }
        }
        return h
    }

    private func normalized(_ x: Tensor, _ norm: Normalization, trains: Bool) -> Tensor {
        switch norm {
        case let .layer(layer): layer(x)
        case let .batch(batch): trains ? batch.training(x) : batch(x)
        }
    }
}
