#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The radially averaged power spectrum of a field.
public struct Spectrum: Equatable, Sendable {
    /// The mean frequency of each ring, in cycles a pixel.
    public let frequencies: [Double]
    /// The mean of `|F|^2 / (H W)` over each ring; 0 for a ring without entries.
    public let power: [Double]
    /// How many entries of the whole plane each ring holds; their sum is `H W`.
    public let counts: [Double]

    /// Computes the spectrum of a field `[height, width]` over rings one cycle wide.
    ///
    /// Ring 0 is the mean alone; rings reach into the corners, so that `sum(power * counts)` is the sum of squares (Parseval).
    ///
    /// - Throws: What `transform` throws.
    public init(of field: [Double], height: Int, width: Int, by transform: some FourierTransform2D) throws {
        let plane = try transform.forward(field, height: height, width: width)
        let side = Double(max(height, width))
        let rings = Int((side * 0.5.squareRoot()).rounded(.up)) + 1
        var (sums, radii) = ([Double](repeating: 0, count: rings), [Double](repeating: 0, count: rings))
        var counts = [Double](repeating: 0, count: rings)
        for row in 0..<height {
            for column in 0..<plane.columns {
                let frequency = plane.frequency(row: row, column: column)
                let radius = hypot(frequency.y, frequency.x)
                let index = row * plane.columns + column
                let square = plane.real[index] * plane.real[index] + plane.imaginary[index] * plane.imaginary[index]
                let weight = plane.weight(ofColumn: column)
                let ring = Int((radius * side).rounded())
                sums[ring] += weight * square / Double(height * width)
                radii[ring] += weight * radius
                counts[ring] += weight
            }
        }
        let last = counts.lastIndex { $0 > 0 } ?? 0
        self.counts = Array(counts[...last])
        power = zip(sums, self.counts).map { $1 > 0 ? $0 / $1 : 0 }
        frequencies = zip(radii, self.counts).map { $1 > 0 ? $0 / $1 : 0 }
    }

    /// Computes the spectrum of a picture's grey levels in 0...1.
    ///
    /// - Throws: What `transform` throws.
    public init(of image: Image, by transform: some FourierTransform2D) throws {
        let field = image.converted(toChannels: 1).values.map(Double.init)
        try self.init(of: field, height: image.height, width: image.width, by: transform)
    }
}

/// A Gaussian blur done in frequency space, and what it takes away. The field is taken as periodic.
public struct GaussianFilter: Equatable, Sendable {
    /// Which part of a field a filter lets through.
    public enum Pass: String, Sendable {
        /// What is coarser than `sigma`.
        case low
        /// What the blur takes away: the field minus its blur.
        case high
    }

    /// The standard deviation of the blur in pixels.
    public var sigma: Double
    /// Which part of the field it lets through.
    public var pass: Pass

    /// Makes a filter.
    public init(sigma: Double, pass: Pass) {
        (self.sigma, self.pass) = (sigma, pass)
    }

    /// The factor at a frequency in cycles a pixel: `exp(-2 pi^2 sigma^2 f^2)`, or 1 minus that.
    public func gain(at frequency: Double) -> Double {
        let low = exp(-2 * .pi * .pi * sigma * sigma * frequency * frequency)
        return pass == .low ? low : 1 - low
    }

    /// Filters a field `[height, width]`.
    ///
    /// - Throws: What `transform` throws.
    public func apply(
        to field: [Double], height: Int, width: Int, by transform: some FourierTransform2D
    ) throws -> [Double] {
        var plane = try transform.forward(field, height: height, width: width)
        for row in 0..<height {
            for column in 0..<plane.columns {
                let frequency = plane.frequency(row: row, column: column)
                let factor = gain(at: hypot(frequency.y, frequency.x))
                plane.real[row * plane.columns + column] *= factor
                plane.imaginary[row * plane.columns + column] *= factor
            }
        }
        return try transform.inverse(plane)
    }
}
