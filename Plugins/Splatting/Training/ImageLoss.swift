import CSplats

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The loss of a rendered picture and its gradient (Kerbl et al., 2023, equation 7; Hamdi et al., 2024, section 4.3):
///
///     L = (1 - lambda_s - lambda_f) L1(x, y) + lambda_s (1 - SSIM(x, y)) + lambda_f L1(M x, M y)
///
/// Pictures are planes `[3, height, width]`. SSIM has an 11x11 Gaussian window of sigma 1.5 with zeros around the
/// picture. Everything is worked out in one pass over the rows by as many threads as are asked for, which do not change
/// a bit of the result. A value keeps its working memory from step to step, so keep one for a training and give it
/// pictures of any size.
///
///     var loss = ImageLoss(.ges, threads: 2)
///     let terms = loss(render: render, target: target, width: 200, height: 200, progress: 0.25, gradient: gradient)
public struct ImageLoss: Sendable {
    /// How the parts are weighed.
    public struct Weights: Sendable, Equatable {
        /// lambda_s, of 1 - SSIM.
        public var dissimilarity: Double
        /// lambda_f, of the frequency-modulated L1.
        public var frequency: Double

        /// Weights; the plain L1 gets what is left of 1.
        public init(dissimilarity: Double = 0.2, frequency: Double = 0) {
            (self.dissimilarity, self.frequency) = (dissimilarity, frequency)
        }

        /// 3D Gaussian splatting: 0.8 L1 + 0.2 (1 - SSIM).
        public static let gaussians = Weights()
        /// Generalised exponential splatting: 0.3, 0.2 and 0.5.
        public static let ges = Weights(frequency: 0.5)
    }

    /// What came of a comparison.
    public struct Terms: Sendable, Equatable {
        /// L.
        public let loss: Double
        /// Mean |x - y|.
        public let l1: Double
        /// The mean of the map of structural similarity; 0 where nobody wanted it.
        public let ssim: Double
        /// Mean M |x - y|; 0 without a frequency mask.
        public let masked: Double
        /// The mean of (x - y)^2, channel by channel.
        public let squares: [Double]

        /// 10 log10 (1 / MSE) over all numbers of the picture, in decibels.
        public var psnr: Double { Self.decibels(squares.reduce(0, +) / 3) }
        /// 10 log10 (1 / MSE) of each channel.
        public var channelPSNR: [Double] { squares.map(Self.decibels) }

        static func decibels(_ meanSquare: Double) -> Double { -10 * log10(meanSquare) }
    }

    /// How the parts are weighed.
    public var weights: Weights
    /// Threads that work on a picture.
    public var threads: Int
    /// How the frequency mask is made.
    public var frequency = FrequencyMask()
    /// How many of the processor's better instruction sets are left aside, so that tests run what other machines would.
    var sparedLevels = 0
    private var scratch: [Double] = []
    private var mask: [Float] = []

    /// A loss.
    public init(_ weights: Weights = .gaussians, threads: Int = 1) { (self.weights, self.threads) = (weights, threads) }

    /// Compares a picture with its target.
    ///
    /// - Parameters:
    ///   - render: x, `[3, height, width]`.
    ///   - target: y, `[3, height, width]`.
    ///   - coverage: weights w in 0...1, `[height, width]`, for targets that are known in part: x is y + w (render - y)
    ///     then, so that a pixel of weight 0 counts as met, also for the windows of its neighbours.
    ///   - progress: the share of the training that is done, in 0...1; omega of the frequency mask is 100 times it.
    ///   - gradient: takes dL / d render, `[3, height, width]`.
    ///   - wantsSSIM: whether SSIM is wanted though its weight is 0.
    public mutating func callAsFunction(
        render: UnsafePointer<Float>, target: UnsafePointer<Float>, coverage: UnsafePointer<Float>? = nil, width: Int,
        height: Int, progress: Double = 0, gradient: UnsafeMutablePointer<Float>? = nil, wantsSSIM: Bool = false
    ) -> Terms {
        precondition(width > 0 && height > 0, "A picture has pixels.")
        let usesMask = weights.frequency != 0
        if usesMask {
            if mask.count < width * height { mask = Array(repeating: 0, count: width * height) }
            mask.withUnsafeMutableBufferPointer {
                frequency.fill(
                    $0.baseAddress!, of: render, width: width, height: height, progress: progress, threads: threads)
            }
        }
        let bytes = splat_image_loss_scratch(Int32(width), Int32(height), Int32(threads))
        if scratch.count * 8 < bytes { scratch = Array(repeating: 0, count: bytes / 8 + 1) }
        let (s, f) = (weights.dissimilarity, weights.frequency)
        let sums = scratch.withUnsafeMutableBytes { scratch in
            mask.withUnsafeBufferPointer { mask in
                var job = splat_image_loss_job(
                    width: Int32(width), height: Int32(height), render: render, target: target, weights: coverage,
                    mask: usesMask ? mask.baseAddress : nil, l1: Float(1 - s - f), ssim: Float(s), masked: Float(f),
                    gradient: gradient, wants_ssim: wantsSSIM || s != 0 ? 1 : 0,
                    spared_levels: Int32(sparedLevels))
                return splat_image_loss(&job, scratch.baseAddress!, Int32(threads))
            }
        }
        return Terms(
            loss: (1 - s - f) * sums.l1 + (s == 0 ? 0 : s * (1 - sums.ssim)) + f * sums.masked, l1: sums.l1,
            ssim: sums.ssim, masked: sums.masked, squares: [sums.squares.0, sums.squares.1, sums.squares.2])
    }

    /// Compares pictures in arrays: all terms, and dL / d render.
    public mutating func evaluate(
        render: [Float], target: [Float], coverage: [Float]? = nil, width: Int, height: Int, progress: Double = 0
    ) -> (terms: Terms, gradient: [Float]) {
        let count = 3 * width * height
        precondition(render.count == count && target.count == count, "Pictures are [3, height, width].")
        precondition(coverage.map { $0.count == width * height } ?? true, "The coverage is [height, width].")
        var gradient = [Float](repeating: 0, count: count)
        let terms = gradient.withUnsafeMutableBufferPointer { gradient in
            self(
                render: render, target: target, coverage: coverage, width: width, height: height, progress: progress,
                gradient: gradient.baseAddress, wantsSSIM: true)
        }
        return (terms, gradient)
    }
}
