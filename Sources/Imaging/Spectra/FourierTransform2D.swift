/// The half plane of a real field's discrete Fourier transform: columns 0...width/2; the others follow by symmetry.
public struct HalfPlane: Equatable, Sendable {
    /// Rows of the field.
    public let height: Int
    /// Columns of the field, not of the half plane.
    public let width: Int
    /// Real parts, `[height, width / 2 + 1]` in row-major order.
    public var real: [Double]
    /// Imaginary parts, of the same shape.
    public var imaginary: [Double]

    /// Columns kept: `width / 2 + 1`.
    public var columns: Int { width / 2 + 1 }

    /// Makes a half plane of zeros for a field `[height, width]`.
    public init(height: Int, width: Int) {
        self.init(
            height: height, width: width, real: Array(repeating: 0, count: height * (width / 2 + 1)),
            imaginary: Array(repeating: 0, count: height * (width / 2 + 1)))
    }

    /// Makes a half plane from its parts.
    public init(height: Int, width: Int, real: [Double], imaginary: [Double]) {
        let count = height * (width / 2 + 1)
        precondition(
            real.count == count && imaginary.count == count,
            "The half plane of [\(height), \(width)] has \(count) numbers, not \(real.count) and \(imaginary.count).")
        (self.height, self.width, self.real, self.imaginary) = (height, width, real, imaginary)
    }

    /// How many columns of the whole plane a column stands for: 1 for the first and for Nyquist's, else 2.
    public func weight(ofColumn column: Int) -> Double { column == 0 || 2 * column == width ? 1 : 2 }

    /// The frequency of an entry in cycles a pixel: each part in -0.5...0.5.
    public func frequency(row: Int, column: Int) -> (y: Double, x: Double) {
        let signed = 2 * row <= height ? row : row - height
        return (Double(signed) / Double(height), Double(column) / Double(width))
    }
}

/// A way to compute Fourier transforms of real fields.
///
/// `forward` is the plain sum of `exp(-2 pi i (k y / H + l x / W)) f[y, x]`; `inverse` divides by `H W`, so that the two undo
/// each other.
public protocol FourierTransform2D: Sendable {
    /// The transform of a field `[height, width]` in row-major order.
    ///
    /// - Throws: When the library behind cannot do it.
    func forward(_ field: [Double], height: Int, width: Int) throws -> HalfPlane

    /// The field `[height, width]` of a half plane.
    ///
    /// - Throws: When the library behind cannot do it.
    func inverse(_ plane: HalfPlane) throws -> [Double]
}

extension FourierTransform2D {
    /// The transform of a field of single-precision numbers, `[height, width]`.
    public func forward(_ field: [Float], height: Int, width: Int) throws -> HalfPlane {
        try forward(field.map(Double.init), height: height, width: width)
    }
}
