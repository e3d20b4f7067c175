import Formats
import Tensors

/// Which of several NumPy arrays are images, and which their labels.
struct ImageArrayChoice {
    private typealias Layout = (name: String, shape: [Int], isText: Bool, dtype: DType?)

    /// What was taken, and what was left out.
    let remarks: [ReadingRemark]
    private let archive: NPZ
    private let file: String
    private let image: Layout
    private let label: Layout?

    /// Names of arrays of images, the ones to prefer first.
    private static let imageNames = [
        "images", "x_train", "train_images", "x", "data", "samples", "imgs", "arr_0", "image", "train_x", "x_test",
        "test_images",
    ]
    /// Names of labels, by which names of images they go with; of others any goes.
    private static let labelNames = [
        "labels", "y_train", "train_labels", "y", "label", "targets", "classes", "arr_1", "train_y", "y_test",
        "test_labels",
    ]

    init(_ archive: NPZ, file: String) throws {
        let layouts = try Self.layouts(archive)
        let found = layouts.filter { ImageLayout($0.shape, $0.dtype) != nil }
        guard let image = Self.first(found, Self.imageNames) ?? (found.count == 1 ? found[0] : nil) else {
            let list = layouts.map(Self.described).joined(separator: ", ")
            throw GeneraError.badData(
                file: file, reason: "holds \(list.isEmpty ? "no arrays" : "the arrays \(list)")",
                advice:
                    "\(ImageLayout.advice); called \(Self.imageNames.prefix(8).joined(separator: ", ")), or the only one"
            )
        }
        let isTest = image.name.lowercased().contains("test")
        let fitting = layouts.filter { layout in
            layout.name != image.name && layout.shape.first == image.shape[0] && layout.shape.count <= 2
                && (layout.isText || layout.dtype != nil) && layout.name.lowercased().contains("test") == isTest
        }
        label = Self.first(fitting, Self.labelNames)
        (self.archive, self.file, self.image) = (archive, file, image)
        let rest = layouts.filter { [label] in $0.name != image.name && $0.name != label?.name }.map(Self.described)
        let taken = "images are \(Self.described(image))" + (label.map { ", labels \(Self.described($0))" } ?? "")
        remarks =
            layouts.count < 2
            ? [] : [ReadingRemark(taken + (rest.isEmpty ? "" : "; left out: \(rest.joined(separator: ", "))"))]
    }

    /// Whether an archive has an array that can be nothing but images.
    static func isCertain(_ archive: NPZ) -> Bool {
        (try? layouts(archive).contains { ImageLayout.isCertain($0.shape, $0.dtype) }) ?? false
    }

    private static func layouts(_ archive: NPZ) throws -> [Layout] {
        try archive.names.map { name in
            let layout = try archive.layout(of: name)
            return (name, layout.shape, layout.isText, try archive.dtype(of: name))
        }
    }

    private static func first(_ layouts: [Layout], _ names: [String]) -> Layout? {
        names.lazy.compactMap { name in layouts.first { $0.name.lowercased() == name } }.first
    }

    private static func described(_ layout: Layout) -> String {
        "'\(layout.name)' \(layout.shape) of \(layout.dtype.map { "\($0)" } ?? (layout.isText ? "text" : "objects"))"
    }

    /// The array of images.
    ///
    /// - Throws: `FormatError` for a damaged file.
    func images() throws -> RawTensor { try archive.tensor(image.name) }

    /// The labels; nil if there are none.
    ///
    /// - Throws: `FormatError` for a damaged file, `GeneraError.badData` for numbers that are no classes.
    func labels() throws -> PictureLabels? {
        guard let label else { return nil }
        if label.isText { return PictureLabels(named: try archive.texts(label.name)) }
        let array = try archive.tensor(label.name)
        guard label.shape.count == 1 || label.shape[1] == 1 else {
            let width = label.shape[1]
            let numbers = array.floats()
            let rows = (0..<label.shape[0]).map { Array(numbers[$0 * width..<($0 + 1) * width]) }
            return try PictureLabels(vectors: rows, file: file)
        }
        let numbers = array.doubles()
        let classes = numbers.compactMap { $0 >= 0 && $0 < 1e6 ? Int(exactly: $0) : nil }
        guard classes.count == numbers.count else {
            throw GeneraError.badData(
                file: file, reason: "its labels \(Self.described(label)) are not whole numbers from 0",
                advice: "classes are counted from 0; vectors are an array [N, width]")
        }
        return try PictureLabels(classes: classes, file: file)
    }
}
