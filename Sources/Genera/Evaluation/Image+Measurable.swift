import Imaging
import Metrics
import Tensors

extension Image: Measurable {
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

    /// Distances between laws of pixels, neighbours, and the spectrum.
    public static let measures: [Measure] = [
        .frechetPCA, .slicedWasserstein, .energy, .mmd, .kid, .neighbours(.precision), .neighbours(.recall),
        .neighbours(.density), .neighbours(.coverage), .spectrum,
    ]
}
