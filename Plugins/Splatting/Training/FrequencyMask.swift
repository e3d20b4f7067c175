import CSplats

/// The mask M of the frequency-modulated loss (Hamdi et al., 2024, section 4.3): where a rendered picture has detail of
/// the fineness that the training is at.
///
/// With omega = 100 progress, the picture's grey is made small by `factor` and blurred with sigma_1 and 2 sigma_1,
/// where sigma_1 is 0.1 + 0.1 omega in the first half of the training and 0.1 + 0.1 (100 - omega) in the second. The
/// difference of the blurs is made large again and stretched to 0...1; in the first half it is turned over; M is 1
/// where it reaches one half. A picture of one grey has no detail and gets a mask of 0. No gradient goes through the
/// mask.
///
/// The blurs run along rows and then across them. Against FFTW with plans that are kept, on one core with AVX-512: with
/// the widest kernels of the schedule, 31 and 61, a picture of 200x200 takes 0.05 ms this way and 0.03 ms that way,
/// 800x800 0.26 and 0.14, 3840x2160 3.9 and 2.1; with sigma_1 = 2.5 both take the same, and below it FFTW takes longer.
/// What FFTW could save is a fiftieth of the loss, which is not worth a plan for every size of picture, nor masks that
/// depend on a trait of the build.
public struct FrequencyMask: Sendable, Equatable {
    /// How much smaller the picture is that is blurred.
    public var factor = 0.2
    private var scratch: [Float] = []

    /// A mask.
    public init(factor: Double = 0.2) { self.factor = factor }

    /// sigma_1 at a share of the training; sigma_2 is twice it.
    public static func deviation(progress: Double) -> Double {
        let omega = 100 * progress
        return omega >= 50 ? 0.1 + 0.1 * (100 - omega) : 0.1 + 0.1 * omega
    }

    /// Fills `[height, width]` with 0 and 1 for a picture `[3, height, width]`; any number of threads gives the same.
    public mutating func fill(
        _ mask: UnsafeMutablePointer<Float>, of render: UnsafePointer<Float>, width: Int, height: Int, progress: Double,
        threads: Int = 1
    ) {
        let bytes = splat_frequency_scratch(Int32(width), Int32(height), factor)
        if scratch.count * 4 < bytes { scratch = Array(repeating: 0, count: bytes / 4 + 1) }
        let sigma = Self.deviation(progress: progress)
        var job = splat_frequency_job(
            width: Int32(width), height: Int32(height), render: render, factor: factor, sigma1: sigma,
            sigma2: 2 * sigma, is_low: 100 * progress < 50 ? 1 : 0, mask: mask)
        scratch.withUnsafeMutableBytes { splat_frequency_mask(&job, $0.baseAddress!, Int32(threads)) }
    }

    /// The mask `[height, width]` of a picture `[3, height, width]`.
    public mutating func callAsFunction(_ render: [Float], width: Int, height: Int, progress: Double) -> [Float] {
        precondition(render.count == 3 * width * height && width > 0 && height > 0, "A picture is [3, height, width].")
        var mask = [Float](repeating: 0, count: width * height)
        mask.withUnsafeMutableBufferPointer {
            fill($0.baseAddress!, of: render, width: width, height: height, progress: progress)
        }
        return mask
    }
}
