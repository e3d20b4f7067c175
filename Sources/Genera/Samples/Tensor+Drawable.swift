import Formats
import Imaging
import Tensors

/// A sample is a tensor without the batch's axis; its shape says how it is drawn.
///
/// | shape | drawn as |
/// |---|---|
/// | `[2]`, `[points, 2]` | a scatter plot of all samples |
/// | `[1, H, W]`, `[3, H, W]`, `[4, H, W]` | a grid of pictures |
/// | `[H, W]` | heat maps of one scale |
/// | `[1]` | a histogram of all samples |
/// | `[n]` | curves over 0, 1, 2, ... in one plot |
///
/// Bytes are pictures as they are. Other numbers are taken to lie in [-1, 1], as in most models, if none of the samples
/// exceeds 1.5 in magnitude, and what lies outside is cut off; otherwise, and for whole numbers, all samples are scaled
/// together from the least to the greatest.
extension Tensor: Drawable {
    /// A million: points and curves share one plot. Grids of tensors still hold 10,000.
    public static var pictureLimit: Int { 1_000_000 }

    /// This sample alone.
    ///
    /// - Throws: as `picture(of:)`.
    public func drawn() throws -> Image { try Self.picture(of: [self]) }

    /// All samples in one picture.
    ///
    /// - Throws: `GeneraError.software` in a sentence for samples that are empty, not finite, of different shapes, or of a
    ///   shape that cannot be drawn; the tensors' own errors.
    public static func picture(of samples: [Tensor]) throws -> Image { try TensorDrawing(samples).picture() }

    /// A NumPy array `[N, ...]` of the tensors' type; bfloat16 becomes float32.
    public static func data(of samples: [Tensor]) throws -> SampleData? {
        SampleData(fileExtension: "npy") { path in
            guard !samples.isEmpty else { return try NPY.write(RawTensor([Float](), shape: [0]), to: path) }
            let batch = try TensorDrawing.batch(of: samples)
            try NPY.write(RawTensor(batch.dtype == .bfloat16 ? batch.to(.float32) : batch), to: path)
        }
    }
}
