import Tensors

/// Samples of which a set can be compared with real ones: `genera evaluate` works for every family whose samples are such.
/// Real samples are read by the type's `formats`.
public protocol Measurable: Drawable {
    /// What is measured unless others are asked for, and what can be. Those of pairs are for real samples of which each belongs
    /// to a drawn one, those of sets for others.
    static var measures: [Measure<Self>] { get }
    /// How many real samples it takes to tell good samples from real ones; of fewer, a report says how far real samples themselves
    /// are apart. 0 unless stated: then it never does.
    static var tellingCount: Int { get }
}

extension Measurable {
    /// Never a word.
    public static var tellingCount: Int { 0 }
}

/// Samples that are vectors: energy, MMD, Fréchet distance, sliced Wasserstein distance and neighbours come with it, and a
/// network's features can stand in for the vectors.
public protocol Featured: Measurable {
    /// The samples as vectors `[N, ...]`: a row for each, or as many as its `vectorCount` says, in order.
    ///
    /// - Throws: an error of samples that differ in shape.
    static func features(of samples: [Self]) throws -> Tensor

    /// How many rows of `features(of:)` are this sample's. 1 unless stated; a set of points is as many as it has points, and
    /// what is compared are then the points of all sets together.
    var vectorCount: Int { get }
}

extension Featured {
    /// One.
    public var vectorCount: Int { 1 }

    /// Distances between laws, and neighbours.
    public static var measures: [Measure<Self>] { Measure.ofVectors }
}
