import Imaging
import Tensors

/// Images of one size in memory, with labels if there are any.
///
/// Read from a folder or zip of pictures, PNG, JPEG or WebP (with folders or `dataset.json` for labels), NumPy's arrays, an IDX file (with
/// its labels beside it), or CIFAR-10's binary batches.
public struct ImageDataset: Sendable {
    /// The path it was read from.
    public let name: String
    /// Pixels, `[count, channels, height, width]`, uint8.
    public let pixels: [UInt8]
    /// The number of images.
    public let count: Int
    /// Colour channels, 1 or 3.
    public let channels: Int
    /// Rows of each image.
    public let height: Int
    /// Columns of each image.
    public let width: Int
    /// A row of class weights for each image, all of one width; empty if there are no labels.
    public let labelRows: [[Float]]
    /// What the classes are called, by their numbers; nil where they have no names.
    public let classNames: [String]?
    /// What a person should know of how it was read: what was left out or decided.
    public internal(set) var remarks: [ReadingRemark] = []

    /// What a person should know of how it was read, as one sentence; nil if there is nothing.
    public var remark: String? { remarks.isEmpty ? nil : remarks.map(\.text).joined(separator: "; ") }

    /// `[channels, height, width]`.
    public var shape: [Int] { [channels, height, width] }

    /// The width of the labels: the number of classes, or of the label vectors' entries. 0 without labels.
    public var classCount: Int { labelRows.first?.count ?? 0 }

    /// Makes a data set of pixels in memory.
    ///
    /// - Throws: `GeneraError.badData` if the numbers do not fit together.
    public init(
        name: String, pixels: [UInt8], shape: [Int], labelRows: [[Float]] = [], classNames: [String]? = nil
    ) throws {
        guard shape.count == 3, shape.allSatisfy({ $0 > 0 }), [1, 3].contains(shape[0]) else {
            throw GeneraError.badData(
                file: name, reason: "images must be [1 or 3, height, width], got \(shape)", advice: "")
        }
        let size = shape.reduce(1, *)
        guard !pixels.isEmpty, pixels.count % size == 0 else {
            throw GeneraError.badData(file: name, reason: "holds no whole image of shape \(shape)", advice: "")
        }
        (self.name, self.pixels, count) = (name, pixels, pixels.count / size)
        (channels, height, width) = (shape[0], shape[1], shape[2])
        guard labelRows.isEmpty || labelRows.count == count else {
            throw GeneraError.badData(
                file: name, reason: "has \(count) images and \(labelRows.count) labels", advice: "")
        }
        guard Set(labelRows.map(\.count)).count <= 1 else {
            throw GeneraError.badData(file: name, reason: "label vectors differ in length", advice: "")
        }
        self.labelRows = labelRows
        guard classNames == nil || classNames?.count == labelRows.first?.count ?? 0 else {
            throw GeneraError.badData(
                file: name,
                reason: "has \(labelRows.first?.count ?? 0) classes and \(classNames?.count ?? 0) names for them")
        }
        self.classNames = classNames
    }

    /// Makes a data set of pixels and labels that were read.
    init(
        name: String, pixels: [UInt8], shape: [Int], labels: PictureLabels?, remarks: [ReadingRemark] = []
    ) throws {
        try self.init(
            name: name, pixels: pixels, shape: shape, labelRows: labels?.rows ?? [],
            classNames: labels.flatMap { $0.names.isEmpty ? nil : $0.names })
        self.remarks = remarks
    }

    /// The labels as vectors; nil without labels.
    var labels: PictureLabels? {
        labelRows.isEmpty ? nil : try? PictureLabels(vectors: labelRows, names: classNames ?? [], file: name)
    }

    /// Some images, `[indices.count, channels, height, width]`, uint8. An index out of range gives a poisoned tensor.
    public func images(_ indices: [Int]) -> Tensor {
        let size = channels * height * width
        guard indices.allSatisfy({ (0..<count).contains($0) }) else {
            return Tensor(
                poison: TensorError(
                    op: "images", message: "an index is not in 0..<\(count)", file: #fileID, line: #line))
        }
        var bytes = [UInt8]()
        bytes.reserveCapacity(indices.count * size)
        for index in indices { bytes += pixels[index * size..<(index + 1) * size] }
        return Tensor(bytes, shape: [indices.count] + shape)
    }

    /// The labels of some images, `[indices.count, width]`, float32.
    ///
    /// - Throws: `GeneraError.badData` if the data set's labels are of another width.
    public func labels(_ indices: [Int], width: Int) throws -> Tensor {
        guard classCount == width else {
            throw GeneraError.badData(
                file: name, reason: "has labels of width \(classCount), the model needs \(width)", advice: "")
        }
        return Tensor(indices.flatMap { labelRows[$0] }, shape: [indices.count, width])
    }

    /// One image as a picture.
    public func picture(_ index: Int) -> Image {
        let (plane, size) = (height * width, channels * height * width)
        let planes = Array(pixels[index * size..<(index + 1) * size])
        guard channels > 1 else { return Image(width: width, height: height, channels: 1, bytes: planes) }
        let interleaved = [UInt8](unsafeUninitializedCapacity: size) { target, count in
            for channel in 0..<channels {
                for pixel in 0..<plane { target[pixel * channels + channel] = planes[channel * plane + pixel] }
            }
            count = size
        }
        return Image(width: width, height: height, channels: channels, bytes: interleaved)
    }

    /// Rows with a one at each label, as wide as the largest label.
    public static func oneHotRows(_ labels: [Int]) -> [[Float]] {
        let width = (labels.max() ?? -1) + 1
        return labels.map { label in (0..<width).map { $0 == label ? 1 : 0 } }
    }
}
