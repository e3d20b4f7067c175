#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The pixels of an image, a plane for each channel.
public struct PixelPlanes: Sendable, Equatable {
    /// Numbers, `[channels, height, width]`.
    public let values: [Float]
    /// How many planes there are, such as 3 for red, green and blue.
    public let channels: Int
    /// How many rows of pixels a plane has.
    public let height: Int
    /// How many pixels a row has.
    public let width: Int

    /// Takes planes `[channels, height, width]`; their sizes must fit the number of values.
    public init(_ values: [Float], channels: Int, height: Int, width: Int) {
        precondition(
            values.count == channels * height * width, "\(values.count) values for [\(channels), \(height), \(width)]")
        (self.values, self.channels, self.height, self.width) = (values, channels, height, width)
    }

    /// Takes pixels `[height, width, channels]`; their sizes must fit the number of values.
    public init(interleaved values: [Float], channels: Int, height: Int, width: Int) {
        let planes = (0..<channels).flatMap { channel in
            stride(from: channel, to: values.count, by: channels).map { values[$0] }
        }
        self.init(planes, channels: channels, height: height, width: width)
    }

    /// The plane of a channel, `[height, width]`.
    func plane(_ channel: Int) -> ArraySlice<Float> {
        values[channel * height * width..<(channel + 1) * height * width]
    }

    /// Refuses an image of another shape, or of none.
    ///
    /// - Throws: `MetricError` that names both shapes.
    func requireShape(of other: PixelPlanes) throws {
        let (own, others) = ([channels, height, width], [other.channels, other.height, other.width])
        guard own == others, !values.isEmpty else {
            throw MetricError("Images of \(own) and \(others) cannot be compared pixel by pixel.")
        }
    }
}

/// How much one image differs from another, pixel by pixel.
public enum ImageSimilarity {
    /// The mean squared error over all pixels and channels.
    ///
    /// - Throws: `MetricError` for images that differ in shape.
    public static func meanSquaredError(_ a: PixelPlanes, _ b: PixelPlanes) throws -> Double {
        try a.requireShape(of: b)
        let sum = zip(a.values, b.values).reduce(0.0) { sum, pair in
            let difference = Double(pair.0) - Double(pair.1)
            return sum + difference * difference
        }
        return sum / Double(a.values.count)
    }

    /// The peak signal-to-noise ratio 10 log10(peak² / MSE), in decibels; infinite for equal images.
    ///
    /// - Parameter peak: the largest number that a pixel can be, less the smallest.
    /// - Throws: `MetricError` for images that differ in shape.
    public static func psnr(_ a: PixelPlanes, _ b: PixelPlanes, peak: Double = 1) throws -> Double {
        10 * log10(peak * peak / (try meanSquaredError(a, b)))
    }
}

/// The structural similarity of two images,
/// SSIM(x, y) = (2 mx my + c1) (2 sxy + c2) / ((mx² + my² + c1) (sx² + sy² + c2)),
/// with means, variances and covariance under a Gaussian window, and its mean over all places and channels.
///
/// Wang, Bovik, Sheikh and Simoncelli, "Image quality assessment: from error visibility to structural similarity", IEEE
/// Transactions on Image Processing 13 (2004), eq. 13 and section III-C: a window of 11 by 11 with deviation 1.5 and sum 1,
/// c1 = (0.01 peak)², c2 = (0.03 peak)².
public struct StructuralSimilarity: Sendable, Equatable {
    /// What the window sees at the edges.
    public enum Edges: String, Sendable, CaseIterable {
        /// Only places where the window lies inside the image count, as in the paper's program.
        case inside
        /// Outside all is 0, and every pixel counts, as in most training losses.
        case zeros
    }

    /// What the window sees at the edges.
    public let edges: Edges
    /// The largest number that a pixel can be, less the smallest.
    public let peak: Double
    private let window: [Double]

    /// Makes the measure.
    public init(edges: Edges = .inside, peak: Double = 1) {
        (self.edges, self.peak) = (edges, peak)
        let weights = (-5...5).map { exp(-Double($0 * $0) / (2 * 1.5 * 1.5)) }
        let sum = weights.reduce(0, +)
        window = weights.map { $0 / sum }
    }

    /// Pixels of a side of the window.
    private static let size = 11

    /// Whether an image is large enough.
    public func fits(_ image: PixelPlanes) -> Bool { edges == .zeros || min(image.width, image.height) >= Self.size }

    /// The similarity of two images, at most 1, which equal ones have.
    ///
    /// - Throws: `MetricError` for images that differ in shape, or are smaller than the window where it must lie inside.
    /// - Complexity: O(22 · pixels).
    public func callAsFunction(_ a: PixelPlanes, _ b: PixelPlanes) throws -> Double {
        try a.requireShape(of: b)
        guard fits(a) else {
            throw MetricError(
                "Structural similarity needs images of at least \(Self.size)x\(Self.size) pixels, not \(a.width)x\(a.height)."
            )
        }
        let sum = (0..<a.channels).reduce(0) { sum, channel in
            sum + similarity(a.plane(channel).map(Double.init), b.plane(channel).map(Double.init), a.height, a.width)
        }
        return sum / Double(a.channels)
    }

    /// The mean over one plane.
    private func similarity(_ x: [Double], _ y: [Double], _ height: Int, _ width: Int) -> Double {
        func blurred(_ value: (Int) -> Double) -> [Double] { blur(x.indices.map(value), height, width) }
        let (meanX, meanY) = (blurred { x[$0] }, blurred { y[$0] })
        let (squareX, squareY) = (blurred { x[$0] * x[$0] }, blurred { y[$0] * y[$0] })
        let product = blurred { x[$0] * y[$0] }
        let (c1, c2) = (0.01 * peak * 0.01 * peak, 0.03 * peak * 0.03 * peak)
        let sum = meanX.indices.reduce(0.0) { sum, place in
            let (mx, my) = (meanX[place], meanY[place])
            let (varianceX, varianceY) = (squareX[place] - mx * mx, squareY[place] - my * my)
            let covariance = product[place] - mx * my
            return sum
                + (2 * mx * my + c1) * (2 * covariance + c2)
                / ((mx * mx + my * my + c1) * (varianceX + varianceY + c2))
        }
        return sum / Double(meanX.count)
    }

    /// The window's means, column by column.
    private func blur(_ plane: [Double], _ height: Int, _ width: Int) -> [Double] {
        let rows = blurRows(plane, height, width)
        let narrow = rows.count / height
        return blurRows(transposed(rows, height, narrow), narrow, height)
    }

    /// Each of `height` rows of `width` numbers, blurred.
    private func blurRows(_ plane: [Double], _ height: Int, _ width: Int) -> [Double] {
        let (half, reach) = (Self.size / 2, edges == .zeros ? 0 : Self.size / 2)
        var result: [Double] = []
        result.reserveCapacity(height * (width - 2 * reach))
        plane.withUnsafeBufferPointer { plane in
            for row in 0..<height {
                for column in reach..<width - reach {
                    var sum = 0.0
                    for place in max(column - half, 0)...min(column + half, width - 1) {
                        sum += plane[row * width + place] * window[place - column + half]
                    }
                    result.append(sum)
                }
            }
        }
        return result
    }

    private func transposed(_ plane: [Double], _ height: Int, _ width: Int) -> [Double] {
        (0..<width).flatMap { column in (0..<height).map { plane[$0 * width + column] } }
    }
}
