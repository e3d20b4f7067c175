import Tensors

/// What turns samples into the vectors that distances are taken between.
///
/// Without one the samples' own numbers are taken: pixels, coordinates. A network's features go here.
public struct FeatureExtractor: Sendable {
    /// What the vectors are, for reports: `own numbers`, a network's file.
    public let name: String
    /// Features `[N, ...]` of a batch of what `Measurable.features(of:)` gives.
    public let features: @Sendable (Tensor) throws -> Tensor
    /// The class that each row of features is taken for; nil for an extractor that knows no classes.
    public let labels: (@Sendable (Tensor) throws -> [Int])?

    /// Makes an extractor.
    public init(
        _ name: String, labels: (@Sendable (Tensor) throws -> [Int])? = nil,
        features: @escaping @Sendable (Tensor) throws -> Tensor
    ) {
        (self.name, self.labels, self.features) = (name, labels, features)
    }

    /// The samples' own numbers.
    public static let identity = FeatureExtractor("own numbers") { $0 }

    /// Rows that go through a network together; a matter of memory.
    static let batch = 100

    /// `network` of some rows at a time, without derivatives.
    ///
    /// - Throws: errors of the network.
    static func batched(_ rows: Tensor, _ network: (Tensor) throws -> Tensor) throws -> Tensor {
        try inferenceMode {
            let count = rows.shape[0]
            let parts = try stride(from: 0, to: count, by: batch).map { start in
                try network(rows.narrowed(axis: 0, start..<min(start + batch, count))).to(.float32).checked()
            }
            return parts.count == 1 ? parts[0] : try Tensor.concatenated(parts).checked()
        }
    }
}
