import Tensors

/// A little generator, so that tests see the same numbers everywhere.
struct Numbers {
    private var state: UInt64

    init(_ seed: UInt64 = 1) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

    mutating func uniform() -> Double {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return Double(state >> 11) * 0x1p-53
    }

    /// About normal, by a sum of twelve.
    mutating func normal() -> Double { (0..<12).reduce(-6) { sum, _ in sum + uniform() } }

    /// `[count, width]`, each entry about normal.
    mutating func set(_ count: Int, _ width: Int, scale: Double = 1, shift: Double = 0) -> Tensor {
        Tensor((0..<count * width).map { _ in scale * normal() + shift }, shape: [count, width])
    }
}

/// Evenly spread directions in the plane.
func directions(_ count: Int) -> Tensor {
    let angles = Tensor((0..<count).map { Double($0) * .pi / Double(count) })
    return Tensor.stacked([angles.cos(), angles.sin()], axis: 1)
}
