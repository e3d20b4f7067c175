import Imaging

/// How often what kind of picture comes in a set.
package struct PictureCensus: Sendable {
    /// A size and a number of channels, alpha not counted.
    package struct Shape: Hashable, Sendable {
        package let width: Int
        package let height: Int
        package let channels: Int
    }

    /// How many pictures have each shape.
    package private(set) var shapes: [Shape: Int] = [:]
    /// Pictures with alpha.
    package private(set) var withAlpha = 0
    /// Pictures of 16 bits.
    package private(set) var deep = 0

    /// Looks at all pictures of a set.
    ///
    /// - Throws: errors of reading them.
    package init(_ set: PictureSet, progress: any ProgressSink) throws {
        try set.forEach(progress: progress) { _, image in
            (Shape(image), image.hasAlpha, image.bitDepth > 8)
        } deliver: { shape, hasAlpha, isDeep in
            shapes[shape, default: 0] += 1
            withAlpha += hasAlpha ? 1 : 0
            deep += isDeep ? 1 : 0
        }
    }

    /// How often each of some numbers comes, the smallest first.
    package func counts<Key: Comparable & Hashable>(_ key: (Shape) -> Key) -> [(key: Key, count: Int)] {
        shapes.reduce(into: [Key: Int]()) { $0[key($1.key), default: 0] += $1.value }.sorted { $0.key < $1.key }
            .map { ($0.key, $0.value) }
    }
}

extension PictureCensus.Shape {
    /// The shape of a picture once its alpha is laid over something.
    init(_ image: Image) {
        (width, height, channels) = (image.width, image.height, image.hasAlpha ? image.channels - 1 : image.channels)
    }
}

extension PictureCensus.Shape: CustomStringConvertible {
    /// `20x30 with 3 channels`.
    package var description: String { "\(width)x\(height) with \(channels) channel\(channels == 1 ? "" : "s")" }
}
