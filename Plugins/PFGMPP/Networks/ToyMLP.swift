import Genera

/// The small network of the release notebook, for points: `[N, dimension, 1, 1]` with a noise condition `[N]` or `[1]`.
///
///     x1 = fc1(x) + embedding;  x2 = relu(x1);  x3 = relu(fc2(x2)) + fc1_skip(x1)
///     x4 = relu(fc3(x3)) + fc_skip(x);  out = fc4(x4)
final class ToyMLP: RawNetwork {
    private let positional: PositionalEmbedding
    private let fc1: Linear
    private let fc1Skip: Linear
    private let fc2: Linear
    private let fc3: Linear
    private let fcSkip: Linear
    private let fc4: Linear

    init(_ c: NetworkConfiguration, outputs: Int, in scope: ParameterScope) throws {
        let (inputs, width) = (c.imgChannels, c.modelChannels)
        // PyTorch's own law for linear layers.
        func dense(_ a: Int, _ b: Int, _ name: String) throws -> Linear {
            let law = Initializer.uniform(bound: 1 / Double(a).squareRoot())
            return try Linear(a, b, weightInit: law, biasInit: law, in: scope[name])
        }
        positional = PositionalEmbedding(width)
        fc1 = try dense(inputs, width, "fc1")
        fc1Skip = try dense(width, width, "fc1_skip")
        fc2 = try dense(width, width, "fc2")
        fc3 = try dense(width, width, "fc3")
        fcSkip = try dense(inputs, width, "fc_skip")
        fc4 = try dense(width, outputs, "fc4")
    }

    func embedding(_ condition: Condition) -> Tensor { positional(condition.noise).to(fc1.weight.dtype) }

    func callAsFunction(_ x: Tensor, embedding: Tensor, dropout: Dropout?) -> Tensor {
        let flat = x.reshaped([x.shape[0], -1])
        let x1 = fc1(flat) + embedding
        let x3 = fc2(x1.relu()).relu() + fc1Skip(x1)
        let out = fc4(fc3(x3).relu() + fcSkip(flat))
        return out.reshaped([out.shape[0], -1, 1, 1])
    }
}
