import Tensors

/// What turns samples into the vectors that distances are taken between.
///
/// Without one the samples' own numbers are taken: pixels, coordinates. A network's features go here.
public struct FeatureExtractor: Sendable {
    /// What the vectors are, for reports: `pixels`, `coordinates`, a network's name.
    public let name: String
    /// Features `[N, ...]` of a batch of what `Measurable.features(of:)` gives.
    public let features: @Sendable (Tensor) throws -> Tensor

    /// Makes an extractor.
    public init(_ name: String, features: @escaping @Sendable (Tensor) throws -> Tensor) {
        (self.name, self.features) = (name, features)
    }

    /// The samples' own numbers.
    public static let identity = FeatureExtractor("own numbers") { $0 }
}
