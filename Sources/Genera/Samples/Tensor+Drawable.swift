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
    public static let formats: [SampleFormat<Tensor>] = [
        SampleFormat(
            "npy", "NumPy array [N, ...]",
            recognises: { _, content in content?.slice(from: 0, count: 6)?.array() == [0x93] + Array("NUMPY".utf8) },
            holds: { samples in samples.allSatisfy { $0.shape == samples[0].shape } }, read: { try TensorFile($0) },
            write: { samples, path in
                guard !samples.isEmpty else { return try NPY.write(RawTensor([Float](), shape: [0]), to: path) }
                let batch = try TensorDrawing.batch(of: samples)
                try NPY.write(RawTensor(batch.dtype == .bfloat16 ? batch.to(.float32) : batch), to: path)
            })
    ]
}

/// The rows of an array in a file.
private struct TensorFile: SampleSource {
    let name: String
    private let array: RawTensor

    init(_ path: String) throws {
        (name, array) = (path, try NPY.read(path: path))
        guard !array.shape.isEmpty else {
            throw GeneraError.badData(file: path, reason: "holds one number", advice: "samples are an array [N, ...]")
        }
    }

    var count: Int { array.shape[0] }

    func samples(_ indices: [Int]) throws -> [Tensor] {
        try require(indices)
        let rows = try Tensor(array).gathered(rows: indices).checked()
        return indices.indices.map { rows.selected(axis: 0, $0) }
    }
}
