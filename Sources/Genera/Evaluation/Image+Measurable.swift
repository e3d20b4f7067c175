import Imaging
import Metrics
import Tensors

extension Image: Featured {
    /// Pixels in -1...1, `[N, C, H, W]` with C of 1 or 3, float32. Alpha is laid over white.
    ///
    /// - Throws: `GeneraError.badData` for images of several sizes.
    public static func features(of samples: [Image]) throws -> Tensor {
        let plain = samples.map { $0.hasAlpha ? $0.converted(toChannels: $0.channels - 1) : $0 }
        guard let first = plain.first else { return Tensor([Float](), shape: [0, 1, 1, 1]) }
        guard
            plain.allSatisfy({
                ($0.channels, $0.height, $0.width) == (first.channels, first.height, first.width)
            })
        else {
            throw GeneraError.badData(
                file: "the samples", reason: "are images of several sizes",
                advice: "only images of one size can be measured")
        }
        var pixels: [Float] = []
        pixels.reserveCapacity(plain.count * first.samples.count)
        for one in plain {
            let scale = Float(2 / Double(one.maximum))
            switch one.samples {
            case let .bytes(bytes): for byte in bytes { pixels.append(Float(byte) * scale - 1) }
            case let .words(words): for word in words { pixels.append(Float(word) * scale - 1) }
            }
        }
        let shape = [plain.count, first.height, first.width, first.channels]
        return try Tensor(pixels, shape: shape).permuted([0, 3, 1, 2]).contiguous().checked()
    }

    /// Between sets: distances between laws of pixels, neighbours, and the spectrum. Between each image and its real one: PSNR,
    /// and SSIM with each of its edges.
    public static let measures: [Measure<Image>] = [
        .frechetPCA, .slicedWasserstein, .energy, .mmd, .kid, .neighbours(.precision), .neighbours(.recall),
        .neighbours(.density), .neighbours(.coverage), .spectrum, .psnr, .ssim, .ssimZeros,
    ]
}

extension Measure where Sample == Image {
    /// The peak signal-to-noise ratio of each image and its real one, in decibels.
    public static var psnr: Measure {
        Measure(
            ofPairs: "psnr", "Peak signal-to-noise ratio of each image and its real one, in decibels.",
            isLowerBetter: false, range: -Double.infinity...Double.infinity
        ) { drawn, real in
            let (a, b) = try planes(drawn, real)
            return try ImageSimilarity.psnr(a, b)
        }
    }

    /// The structural similarity of each image and its real one; NaN for images smaller than its window of 11 by 11 pixels.
    public static var ssim: Measure {
        Measure(
            ofPairs: "ssim",
            "Structural similarity of each image and its real one (Wang et al. 2004), mean over channels.",
            isLowerBetter: false, range: -1...1
        ) { drawn, real in
            let (a, b) = try planes(drawn, real)
            let similarity = StructuralSimilarity()
            return similarity.fits(a) ? try similarity(a, b) : .nan
        }
    }

    /// The structural similarity with zeros around the images, which every pixel counts in: what papers about splats report.
    public static var ssimZeros: Measure {
        Measure(
            ofPairs: "ssim-zeros",
            "Structural similarity with zeros around the images, every pixel counting, as papers about splats report it.",
            isLowerBetter: false, range: -1...1
        ) { drawn, real in
            let (a, b) = try planes(drawn, real)
            return try StructuralSimilarity(edges: .zeros)(a, b)
        }
    }

    /// The distance in the layers of a network; NaN for images that are too small for it.
    ///
    /// - Parameter colours: in which numbers the network gets colours; `unit` is the measure `lpips-unit`.
    public static func lpips(_ distance: PerceptualDistance, colours: PerceptualDistance.Colours = .signed) -> Measure {
        let isSigned = colours == .signed
        return Measure(
            ofPairs: isSigned ? "lpips" : "lpips-unit",
            isSigned
                ? "Distance in the layers of a network (Zhang et al. 2018)."
                : "Distance in the layers of a network that gets colours in 0...1, as papers about splats report it."
        ) { drawn, real in
            let (a, b) = try planes(drawn, real)
            return distance.fits(a) ? try distance(a, b, colours: colours) : .nan
        }
    }

    /// The images' colours in 0...1, alpha laid over white, grey as colour beside colour.
    private static func planes(_ drawn: Image, _ real: Image) throws -> (PixelPlanes, PixelPlanes) {
        guard (drawn.width, drawn.height) == (real.width, real.height) else {
            throw GeneraError.badData(
                file: "the real samples",
                reason:
                    "an image of \(real.width)x\(real.height) belongs to a drawn one of \(drawn.width)x\(drawn.height)",
                advice: "give real images of the same size")
        }
        let channels = max(drawn.channels, real.channels) > 2 ? 3 : 1
        return (planes(drawn, channels), planes(real, channels))
    }

    private static func planes(_ image: Image, _ channels: Int) -> PixelPlanes {
        let plain = image.converted(toChannels: channels)
        return PixelPlanes(
            interleaved: plain.values, channels: channels, height: plain.height, width: plain.width)
    }
}
