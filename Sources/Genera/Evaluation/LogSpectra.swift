import Imaging
import Metrics
import Tensors

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Each image's radial power spectrum in decibels.
struct LogSpectra {
    /// One list an image: 10 log10 of the power of each ring, without that of the mean.
    let rows: [[Double]]

    /// The spectra of images `[N, C, H, W]`; channels' powers are averaged.
    ///
    /// - Throws: `GeneraError.usage` for samples that are not images; errors of tensors.
    init(_ images: Tensor) throws {
        let shape = images.shape
        guard shape.count == 4, shape[2] * shape[3] > 1 else {
            throw GeneraError.usage("The measure 'spectrum' is for images [N, C, H, W], not for \(shape).")
        }
        let (channels, height, width) = (shape[1], shape[2], shape[3])
        let values = try images.array(of: Double.self)
        let (plane, transform) = (height * width, standardFourierTransform)
        rows = try (0..<shape[0]).map { image in
            var total: [Double] = []
            for channel in 0..<channels {
                let start = (image * channels + channel) * plane
                let spectrum = try Spectrum(
                    of: Array(values[start..<start + plane]), height: height, width: width, by: transform)
                let power = spectrum.power.indices.dropFirst().filter { spectrum.counts[$0] > 0 }.map {
                    spectrum.power[$0]
                }
                total = total.isEmpty ? power : zip(total, power).map { $0 + $1 }
            }
            // Far below the power of rounding to 8 bits, 5e-6: keeps empty rings finite.
            return total.map { 10 * log10($0 / Double(channels) + 1e-8) }
        }
    }

    /// sqrt(mean over rings of (mean drawn - mean real)^2), in decibels.
    func gap(to other: LogSpectra, _ part: Parts) throws -> Double {
        let (a, b) = (mean(part.first), other.mean(part.second))
        guard a.count == b.count, !a.isEmpty else {
            throw GeneraError.usage("Spectra of images that differ in size cannot be compared.")
        }
        return (zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } / Double(a.count)).squareRoot()
    }

    private func mean(_ chosen: [Int]) -> [Double] {
        var sums = [Double](repeating: 0, count: rows.first?.count ?? 0)
        for row in chosen { for ring in sums.indices { sums[ring] += rows[row][ring] } }
        return sums.map { $0 / Double(max(chosen.count, 1)) }
    }
}
