import Formats
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
                file: "the drawn samples", reason: "are images of several sizes",
                advice: "only images of one size can be measured")
        }
        let pixels = plain.flatMap { $0.values.map { 2 * $0 - 1 } }
        let shape = [plain.count, first.height, first.width, first.channels]
        return try Tensor(pixels, shape: shape).permuted([0, 3, 1, 2]).contiguous().checked()
    }

    /// Images from whatever `ImageDataset` reads (a folder or zip of PNGs, an IDX file, CIFAR-10's batches) or an `.npy`
    /// file: bytes `[N, H, W]`, `[N, C, H, W]` or `[N, H, W, C]`, or numbers in -1...1 of these shapes.
    public static func reference(from path: String, choosing: (_ count: Int) throws -> [Int]) throws -> Tensor {
        guard ReferenceFile.kind(path) == "npy" else {
            let dataset = try ImageDataset.load(path)
            let bytes = dataset.images(try choosing(dataset.count))
            return try (bytes.to(.float32) * (2.0 / 255) - 1).checked()
        }
        let array = try ReferenceFile.array(path)
        guard let axes = axes(of: array.shape) else {
            throw GeneraError.badData(
                file: path, reason: "holds \(array.shape)",
                advice: "images are arrays [N, H, W], [N, C, H, W] or [N, H, W, C] with C of 1 or 3")
        }
        let width = array.elementCount / max(array.shape[0], 1)
        let chosen = Tensor(array).gathered(rows: try choosing(array.shape[0]))
        let isBytes = array.dtype == .uint8
        let values = isBytes ? chosen.to(.float32) * (2.0 / 255) - 1 : chosen.to(.float32)
        if !isBytes { try requirePixels(values, width: width, file: path) }
        return try values.reshaped([-1] + axes.shape).permuted(axes.order).contiguous().checked()
    }

    /// The largest entry of each label of an `ImageDataset`.
    public static func classes(from path: String) throws -> [Int]? {
        guard ReferenceFile.kind(path) != "npy" else { return nil }
        let rows = try ImageDataset.load(path).labelRows
        return rows.isEmpty ? nil : rows.map(ImageClassifier.largest)
    }

    private static func requirePixels(_ values: Tensor, width: Int, file: String) throws {
        let numbers = try values.array(of: Double.self)
        try ReferenceFile.requireFinite(numbers, width: width, file: file)
        guard let bad = numbers.first(where: { abs($0) > 1.001 }) else { return }
        throw GeneraError.badData(
            file: file, reason: "holds the pixel \(bad)", advice: "pixels are bytes, or numbers from -1 to 1")
    }

    /// How an image lies in an array, and how its axes become `[N, C, H, W]`.
    private static func axes(of shape: [Int]) -> (shape: [Int], order: [Int])? {
        switch shape.count {
        case 3: ([1, shape[1], shape[2]], [0, 1, 2, 3])
        case 4 where [1, 3].contains(shape[1]): (Array(shape[1...]), [0, 1, 2, 3])
        case 4 where [1, 3].contains(shape[3]): (Array(shape[1...]), [0, 3, 1, 2])
        default: nil
        }
    }

    /// Distances between laws of pixels, neighbours, and the spectrum.
    public static let measures: [Measure] = [
        .frechetPCA, .slicedWasserstein, .energy, .mmd, .kid, .neighbours(.precision), .neighbours(.recall),
        .neighbours(.density), .neighbours(.coverage), .spectrum,
    ]
}
