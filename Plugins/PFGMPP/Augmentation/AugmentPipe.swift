import Foundation
import Genera

/// The augmentation of Karras et al. (2020, "ADA") as EDM trains with it: each transformation is applied to each image with a
/// probability, and the network is told of it by labels, so that it need not draw augmented images.
public struct AugmentPipe: Codable, Sendable, Equatable {
    /// Probability of each transformation, multiplied by its own factor below.
    public var p = 1.0
    // Factors of the transformations' probabilities; 0 leaves one out.
    public var xflip = 0.0, yflip = 0.0, rotateInt = 0.0, translateInt = 0.0
    public var scale = 0.0, rotateFrac = 0.0, aniso = 0.0, translateFrac = 0.0
    public var brightness = 0.0, contrast = 0.0, lumaflip = 0.0, hue = 0.0, saturation = 0.0
    // Strengths.
    public var translateIntMax = 0.125, scaleStd = 0.2, rotateFracMax = 1.0, anisoStd = 0.2, anisoRotateProb = 0.5
    public var translateFracStd = 0.125, brightnessStd = 0.2, contrastStd = 0.5, hueMax = 1.0, saturationStd = 1.0

    enum CodingKeys: String, CodingKey {
        case p, xflip, yflip, scale, aniso, brightness, contrast, lumaflip, hue, saturation
        case rotateInt = "rotate_int", translateInt = "translate_int", rotateFrac = "rotate_frac"
        case translateFrac = "translate_frac", translateIntMax = "translate_int_max", scaleStd = "scale_std"
        case rotateFracMax = "rotate_frac_max", anisoStd = "aniso_std", anisoRotateProb = "aniso_rotate_prob"
        case translateFracStd = "translate_frac_std", brightnessStd = "brightness_std", contrastStd = "contrast_std"
        case hueMax = "hue_max", saturationStd = "saturation_std"
    }

    /// A pipe that does nothing.
    public init() {}

    /// Reads a pipe; what is absent keeps its default.
    ///
    /// - Throws: `DecodingError` for a value that is no number.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        let fields: [(CodingKeys, WritableKeyPath<AugmentPipe, Double>)] = [
            (.p, \.p), (.xflip, \.xflip), (.yflip, \.yflip), (.rotateInt, \.rotateInt), (.translateInt, \.translateInt),
            (.scale, \.scale), (.rotateFrac, \.rotateFrac), (.aniso, \.aniso), (.translateFrac, \.translateFrac),
            (.brightness, \.brightness), (.contrast, \.contrast), (.lumaflip, \.lumaflip), (.hue, \.hue),
            (.saturation, \.saturation), (.translateIntMax, \.translateIntMax), (.scaleStd, \.scaleStd),
            (.rotateFracMax, \.rotateFracMax), (.anisoStd, \.anisoStd), (.anisoRotateProb, \.anisoRotateProb),
            (.translateFracStd, \.translateFracStd), (.brightnessStd, \.brightnessStd), (.contrastStd, \.contrastStd),
            (.hueMax, \.hueMax), (.saturationStd, \.saturationStd),
        ]
        for (key, field) in fields {
            if let value = try values.decodeIfPresent(Double.self, forKey: key) { self[keyPath: field] = value }
        }
    }

    /// The pipe of EDM's training: flips, scales, rotations and shifts, nine labels.
    public static func edm(p: Double) -> AugmentPipe {
        var pipe = AugmentPipe()
        (pipe.p, pipe.xflip, pipe.yflip) = (p, 1e8, 1)
        (pipe.scale, pipe.rotateFrac, pipe.aniso, pipe.translateFrac) = (1, 1, 1, 1)
        return pipe
    }

    /// What is drawn, in the order of drawing.
    public enum Kind: Sendable, Equatable {
        /// Uniform in [0, 1).
        case uniform
        /// Standard normal.
        case normal
        /// Whole numbers below a bound.
        case integers(below: Int)
    }

    /// Gives numbers for one draw: `rows` numbers for each image, row after row.
    public typealias Draw = (_ kind: Kind, _ rows: Int) throws -> [[Double]]

    /// Augments a batch.
    ///
    /// - Parameters:
    ///   - images: `[N, C, H, W]` with C of 1 or 3.
    ///   - draw: the random numbers, asked for in the reference's order.
    /// - Returns: the images, and labels `[N, number of labels]` that are 0 where nothing was done.
    /// - Throws: what `draw` throws; the error of `images`.
    public func callAsFunction(_ images: Tensor, draw: Draw) throws -> (images: Tensor, labels: Tensor) {
        try images.checked()
        return try withoutActuallyEscaping(draw) { draw in
            var run = AugmentRun(pipe: self, images: images, draw: draw)
            try run.moveWholePixels()
            try run.moveFractions()
            try run.recolour()
            let rows = run.labels
            let labels: [Float] = (0..<images.shape[0]).flatMap { image in rows.map { Float($0[image]) } }
            return (run.images, Tensor(labels, shape: [images.shape[0], rows.count]))
        }
    }
}
