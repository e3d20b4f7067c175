import Tensors

/// Samples of which a set can be compared with a set of real ones. `genera evaluate` works for every family whose samples
/// are such; images and points are. Real samples are read by the type's `formats`.
public protocol Measurable: Drawable {
    /// The samples as numbers, `[N, ...]`.
    ///
    /// - Throws: an error of samples that differ in shape.
    static func features(of samples: [Self]) throws -> Tensor

    /// What is measured unless others are asked for, and what can be.
    static var measures: [Measure] { get }
}
