/// A scene of splats as the numbers that are stored and trained, before any activation (Kerbl et al., 2023, section 4; Hamdi et al., 2024).
///
/// The numbers lie in planes: plane `p` holds one number of every splat, so that files are read column by column and the rasteriser works
/// on many splats at once. `Plane` says which is which.
public struct Splats: Sendable, Equatable {
    /// Where a number of a splat lies.
    public enum Plane {
        /// x, y, z.
        public static let position = 0
        /// Natural logarithms of the three standard deviations.
        public static let logScale = 3
        /// The quaternion w, x, y, z, of any length but 0.
        public static let rotation = 6
        /// The logit of the opacity.
        public static let opacity = 10
        /// The shape of a generalised exponential, the exponent beta less 2; 0 is a Gaussian.
        public static let shape = 11
        /// Coefficient k of channel c at `harmonics + 3 k + c`.
        public static let harmonics = 12
    }

    /// The constant spherical harmonic, 1 / (2 sqrt(pi)).
    public static let constantHarmonic = 0.28209479177387814

    /// The greatest degree of spherical harmonics, 0...4.
    public let degree: Int
    /// How many splats there are.
    public let count: Int
    /// Numbers in a plane: `count`, rounded up so that each plane begins at a multiple of 16.
    public let stride: Int
    /// All planes one after the other, `[planes, stride]`; what lies beyond `count` is 0.
    public internal(set) var storage: [Float]

    /// Splats of zeros.
    ///
    /// - Precondition: `degree` is 0...4 and `count` not negative.
    public init(count: Int, degree: Int) {
        precondition((0...4).contains(degree) && count >= 0)
        (self.degree, self.count) = (degree, count)
        stride = (count + 15) & ~15
        storage = Array(repeating: 0, count: stride * Self.planeCount(degree: degree))
    }

    /// Coefficients of spherical harmonics a channel, K = (degree + 1)^2.
    public var coefficientCount: Int { (degree + 1) * (degree + 1) }

    /// Planes: 12 and three for each coefficient.
    public var planeCount: Int { Self.planeCount(degree: degree) }

    static func planeCount(degree: Int) -> Int { Plane.harmonics + 3 * (degree + 1) * (degree + 1) }

    /// Whether any splat is not a Gaussian.
    public var hasShapes: Bool { plane(Plane.shape).contains { $0 != 0 } }

    /// A number of a splat.
    public subscript(plane: Int, splat: Int) -> Float {
        get { storage[plane * stride + splat] }
        set { storage[plane * stride + splat] = newValue }
    }

    /// The numbers of a plane, `[count]`.
    public func plane(_ plane: Int) -> ArraySlice<Float> { storage[plane * stride..<plane * stride + count] }

    /// Works on a plane in place, `[count]`.
    public mutating func withPlane<Result>(
        _ plane: Int, _ body: (UnsafeMutableBufferPointer<Float>) throws -> Result
    ) rethrows -> Result {
        let range = plane * stride..<plane * stride + count
        return try storage.withUnsafeMutableBufferPointer { try body(.init(rebasing: $0[range])) }
    }
}
