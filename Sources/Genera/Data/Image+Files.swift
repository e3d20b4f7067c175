import Formats
import Imaging

extension Image {
    /// Data sets as `ImageDataset` reads them, and NumPy arrays. Images are written as PNG, by `--out`.
    public static let formats: [SampleFormat<Image>] = [
        SampleFormat(
            ["zip", "bin"], "folder or zip of pictures (PNG, JPEG, WebP), IDX file, or CIFAR-10's batches",
            recognises: isDataset,
            read: { try ImageDataset.load($0) }),
        SampleFormat(
            "npy", "NumPy array [N, H, W], [N, C, H, W] or [N, H, W, C] of bytes or numbers from -1 to 1",
            recognises: { _, content in isArray(content) }, read: { try ImageArray($0) }),
    ]

    /// Folders, zip archives of pictures, gzip files, and IDX files of bytes.
    private static func isDataset(_ path: String, _ content: ByteView?) -> Bool {
        guard let content, let head = content.slice(from: 0, count: 4)?.array() else {
            return FileSystem.isFolder(path)
        }
        if head == [0x50, 0x4B, 0x03, 0x04] {
            guard let archive = try? ZipArchive(content, file: path) else { return false }
            let files = archive.entries.filter { !$0.isFolder && !PictureFormat.isLitter($0.name) }
            if files.contains(where: { PictureFormat.isName($0.name) }) { return true }
            // Pictures without endings: archives of arrays and of models are known by the first few of their files.
            return files.prefix(8).contains {
                (try? archive.prefix($0.name, count: 12)).map { PictureFormat($0.array()) != nil } ?? false
            }
        }
        let ending = SamplePath.ending(path)
        let mayBeIDX = ending.isEmpty || ending.contains("idx") || ending.contains("ubyte")
        return head.starts(with: [0, 0, 8]) || head.starts(with: [0x1F, 0x8B]) && mayBeIDX
    }

    /// Arrays with axes for channels or of bytes; others may as well be points.
    private static func isArray(_ content: ByteView?) -> Bool {
        guard let content, let array = try? NPY.read(content, file: "") else { return false }
        let shape = array.shape
        return shape.count == 4 && ([1, 3].contains(shape[1]) || [1, 3].contains(shape[3]))
            || shape.count == 3 && array.dtype == .uint8
    }
}

extension ImageDataset: SampleSource {
    /// The largest entry of each label; nil without labels.
    public var classes: [Int]? { labelRows.isEmpty ? nil : labelRows.map(ImageClassifier.largest) }

    /// Some images as pictures.
    public func samples(_ indices: [Int]) throws -> [Image] {
        try require(indices)
        return indices.map(picture)
    }
}

/// Images of a NumPy array, made when they are asked for.
private struct ImageArray: SampleSource {
    let name: String
    private let array: RawTensor
    /// Channels, rows and columns, and how far apart their neighbours lie.
    private let shape: (channels: Int, height: Int, width: Int)
    private let strides: (channel: Int, row: Int, column: Int)

    var count: Int { array.shape[0] }

    init(_ path: String) throws {
        (name, array) = (path, try NPY.read(path: path))
        let sizes = array.shape
        let isNumber = array.dtype != .complex64 && array.dtype != .complex128
        switch sizes.count {
        case 3 where isNumber && array.elementCount > 0:
            (shape, strides) = ((1, sizes[1], sizes[2]), (0, sizes[2], 1))
        case 4 where isNumber && array.elementCount > 0 && [1, 3].contains(sizes[1]):
            (shape, strides) = ((sizes[1], sizes[2], sizes[3]), (sizes[2] * sizes[3], sizes[3], 1))
        case 4 where isNumber && array.elementCount > 0 && [1, 3].contains(sizes[3]):
            (shape, strides) = ((sizes[3], sizes[1], sizes[2]), (1, sizes[2] * sizes[3], sizes[3]))
        default:
            throw GeneraError.badData(
                file: path, reason: "holds \(array.dtype) \(sizes)",
                advice: "images are arrays [N, H, W], [N, C, H, W] or [N, H, W, C] with C of 1 or 3")
        }
    }

    func samples(_ indices: [Int]) throws -> [Image] {
        try require(indices)
        let size = shape.channels * shape.height * shape.width
        return try indices.map { index in
            let bytes = size * array.dtype.byteCount
            guard let part = array.bytes.slice(from: index * bytes, count: bytes) else {
                throw GeneraError.badData(file: name, reason: "holds no image \(index)")
            }
            let one = try RawTensor(dtype: array.dtype, shape: [size], bytes: part, file: name)
            return array.dtype == .uint8 ? image(part.array()) : try image(one.doubles(), index)
        }
    }

    private func image(_ bytes: [UInt8]) -> Image {
        Image(width: shape.width, height: shape.height, channels: shape.channels, bytes: interleaved(bytes))
    }

    /// Numbers in -1...1 become 16 bits, which hold every step of 8 bits exactly.
    private func image(_ numbers: [Double], _ index: Int) throws -> Image {
        if let bad = numbers.first(where: { !$0.isFinite }) {
            throw GeneraError.badData(
                file: name, reason: "sample \(index) (counted from 0) holds \(bad)",
                advice: "every number of an image must be finite")
        }
        if let bad = numbers.first(where: { abs($0) > 1.001 }) {
            throw GeneraError.badData(
                file: name, reason: "holds the pixel \(bad)", advice: "pixels are bytes, or numbers from -1 to 1")
        }
        let words = numbers.map { UInt16(min(max(($0 + 1) * 32767.5, 0), 65535).rounded()) }
        return Image(width: shape.width, height: shape.height, channels: shape.channels, words: interleaved(words))
    }

    /// Samples as an image has them: channels of a pixel beside each other.
    private func interleaved<Sample>(_ samples: [Sample]) -> [Sample] {
        if strides.channel <= 1, strides.column == shape.channels { return samples }
        var result: [Sample] = []
        result.reserveCapacity(samples.count)
        for y in 0..<shape.height {
            for x in 0..<shape.width {
                for channel in 0..<shape.channels {
                    result.append(samples[channel * strides.channel + y * strides.row + x * strides.column])
                }
            }
        }
        return result
    }
}
