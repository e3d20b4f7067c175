import Genera

/// Weights rounded to a few bits, the robustness experiment of Xu et al. (2023, section 5.3): each tensor is mapped to the whole
/// numbers 0 ... 2^bits - 1 by one scale and one offset, and back.
public struct WeightQuantization: Sendable, Equatable {
    /// Bits of a weight, 1 to 24.
    public let bits: Int

    /// Makes the rounding; `bits` is limited to 1...24, which float32 represents.
    public init(bits: Int) { self.bits = min(24, max(1, bits)) }

    /// Whether the reference rounds the parameter of this name: weights, but none of norms, affine maps and embeddings, and none
    /// at resolution 32 (nor any other whose name contains `32`).
    public static func applies(to name: String) -> Bool {
        name.contains("weight") && !["norm", "affine", "map", "32"].contains { name.contains($0) }
    }

    /// scale · (q - zero) with q = round(clamp(zero + w / scale, 0, 2^bits - 1)), scale = (max - min) / (2^bits - 1) and zero the
    /// whole part of clamp(-min / scale). A tensor of one value everywhere stays as it is.
    ///
    /// - Throws: the tensor's error if it is poisoned.
    public func callAsFunction(_ weight: Tensor) throws -> Tensor {
        let top = Double(1 << bits - 1)
        let values = try weight.array(of: Float.self)
        guard let low = values.min(), let high = values.max(), low < high else { return weight }
        // In float32, as the reference computes it.
        let scale = (high - low) / Float(top)
        let zero = Double(min(max(-low / scale, 0), Float(top)).rounded(.towardZero))
        let codes = (weight / Double(scale) + zero).clamp(0, top).rounded()
        return (codes - zero) * Double(scale)
    }

    /// Rounds those of the named weights that the reference rounds.
    ///
    /// - Throws: the first error of a weight.
    public func callAsFunction(_ weights: [(name: String, tensor: Tensor)]) throws -> [(name: String, tensor: Tensor)] {
        try weights.map { ($0.name, Self.applies(to: $0.name) ? try self($0.tensor) : $0.tensor) }
    }
}
