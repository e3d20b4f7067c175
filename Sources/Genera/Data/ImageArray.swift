import Formats
import Imaging
import Tensors

/// Images of a NumPy array, made when they are asked for. The file stays mapped.
struct ImageArray: SampleSource {
    let name: String
    let layout: ImageLayout
    /// Labels of another array beside it.
    let labels: PictureLabels?
    let remarks: [ReadingRemark]
    private let array: RawTensor
    private let scale: PixelScale

    var count: Int { array.shape[0] }
    var classes: [Int]? { labels?.classes }
    var classNames: [String]? { labels.flatMap { $0.names.isEmpty ? nil : $0.names } }

    /// Opens a `.npy` or `.npz` file.
    ///
    /// - Throws: `FormatError` for a damaged file, `GeneraError.badData` for one without images, which says what it holds instead.
    init(_ path: String) throws {
        let head = try FileHead.bytes(path)
        guard ImageFileKind.isZip(head) else {
            self = try ImageArray(NPY.read(path: path), labels: nil, remarks: [], file: path)
            return
        }
        let choice = try ImageArrayChoice(NPZ(path: path), file: path)
        self = try ImageArray(choice.images(), labels: choice.labels(), remarks: choice.remarks, file: path)
    }

    private init(_ array: RawTensor, labels: PictureLabels?, remarks: [ReadingRemark], file: String) throws {
        guard array.elementCount > 0, let layout = ImageLayout(array.shape, array.dtype) else {
            throw GeneraError.badData(
                file: file, reason: "holds \(array.dtype) \(array.shape)", advice: ImageLayout.advice)
        }
        (self.array, self.layout, self.labels, name) = (array, layout, labels, file)
        scale = try PixelScale(of: array, imageSize: layout.size, file: file)
        self.remarks = remarks + [scale.remark].compactMap { $0 }
    }

    /// Some of the images; numbers that are no bytes come as 16 bits, which hold every step of 8 bits exactly.
    func samples(_ indices: [Int]) throws -> [Image] {
        try require(indices)
        let (width, height, channels) = (layout.width, layout.height, layout.channels)
        return try indices.map { index in
            if array.dtype == .uint8 {
                let bytes = try layout.arranged(bytes(index), planar: false)
                return Image(width: width, height: height, channels: channels, bytes: bytes)
            }
            let numbers = try array.numbers(from: index * layout.size, count: layout.size, file: name)
            let words = layout.arranged(numbers.map { UInt16((scale.light($0) * 65535).rounded()) }, planar: false)
            return Image(width: width, height: height, channels: channels, words: words)
        }
    }

    /// The pixels of the first images, `[count, channels, height, width]`.
    func pixels(_ count: Int) throws -> [UInt8] {
        let total = count * layout.size
        if array.dtype == .uint8, layout.isPlanar {
            return array.bytes.withUnsafeBytes { Array($0.prefix(total)) }
        }
        var pixels: [UInt8] = []
        pixels.reserveCapacity(total)
        for index in 0..<count {
            let levels =
                array.dtype == .uint8
                ? try bytes(index)
                : try array.numbers(from: index * layout.size, count: layout.size, file: name).map {
                    UInt8((scale.light($0) * 255).rounded())
                }
            pixels += layout.arranged(levels, planar: true)
        }
        return pixels
    }

    private func bytes(_ index: Int) throws -> [UInt8] {
        guard let part = array.bytes.slice(from: index * layout.size, count: layout.size) else {
            throw GeneraError.badData(file: name, reason: "holds no image \(index)")
        }
        return part.array()
    }
}

/// How the axes of an array of images lie.
struct ImageLayout: Sendable {
    let channels: Int
    let height: Int
    let width: Int
    /// Whether an image is one plane a channel, rather than the channels of a pixel beside each other.
    let isPlanar: Bool

    static let advice =
        "images are arrays [N, H, W], [N, C, H, W] or [N, H, W, C] of bytes or numbers, with C of 1 or 3"

    /// The layout of an array of this shape; nil for one that does not hold images.
    init?(_ shape: [Int], _ type: DType?) {
        guard let type, type != .complex64, type != .complex128, shape.allSatisfy({ $0 > 0 }) else { return nil }
        switch shape.count {
        case 3: (channels, height, width, isPlanar) = (1, shape[1], shape[2], true)
        case 4 where [1, 3].contains(shape[1]):
            (channels, height, width, isPlanar) = (shape[1], shape[2], shape[3], true)
        case 4 where [1, 3].contains(shape[3]):
            (channels, height, width, isPlanar) = (shape[3], shape[1], shape[2], shape[3] == 1)
        default: return nil
        }
    }

    /// Whether an array can be nothing but images: others may as well be points.
    static func isCertain(_ shape: [Int], _ type: DType?) -> Bool {
        ImageLayout(shape, type) != nil && (shape.count == 4 || type == .uint8)
    }

    /// Numbers of an image.
    var size: Int { channels * height * width }

    /// An image's numbers as planes, or with the channels of a pixel beside each other.
    func arranged<Sample>(_ samples: [Sample], planar: Bool) -> [Sample] {
        guard channels > 1, planar != isPlanar else { return samples }
        let plane = height * width
        let (outer, inner) = planar ? (channels, plane) : (plane, channels)
        return [Sample](unsafeUninitializedCapacity: samples.count) { target, count in
            for major in 0..<outer {
                for minor in 0..<inner {
                    (target.baseAddress! + major * inner + minor).initialize(to: samples[minor * outer + major])
                }
            }
            count = samples.count
        }
    }
}

extension ImageDataset {
    /// The first images of an array.
    static func array(_ array: ImageArray, limit: Int?) throws -> ImageDataset {
        let (count, layout) = (min(limit ?? .max, array.count), array.layout)
        return try ImageDataset(
            name: array.name, pixels: array.pixels(count), shape: [layout.channels, layout.height, layout.width],
            labels: array.labels?.prefix(count), remarks: array.remarks)
    }
}
