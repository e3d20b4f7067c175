import Tensors

/// A table of vectors, one a word: whole numbers `[...]` -> `[..., width]`. Key `weight` `[count, width]`.
public final class Embedding: Sendable {
    /// `[count, width]`.
    public let weight: Tensor

    /// Takes the table from `scope`; drawn from the standard normal law unless another is given.
    ///
    /// - Parameter key: the table's name.
    /// - Throws: what the scope throws.
    public init(
        _ count: Int, _ width: Int, weightInit: Initializer = .normal(deviation: 1), key: String = "weight",
        in scope: ParameterScope
    ) throws {
        weight = try scope.parameter(key, [count, width], weightInit)
    }

    /// The rows of the table that `indices` (int64) name. An index outside the table poisons the result.
    public func callAsFunction(_ indices: Tensor) -> Tensor { ops.embedding([.tensor(weight), .tensor(indices)]) }
}
