import Imaging

/// What can be shown to a person as a picture, and kept as data where it is not a picture itself.
///
/// A family says how its samples look by the type of its sampler's `Sample`, and mostly one of these does:
///
/// - `Image` for pictures, and for views rendered of a scene: nothing is kept beside PNG.
/// - `Tensor` for numbers whose shape says what they are: points, pictures, tables, curves.
/// - `PointSet`, `Graph`, `TextPage` and `Curve` for what their names say.
public protocol Drawable: Sendable {
    /// One sample as a picture.
    func drawn() throws -> Image

    /// Several samples in one picture; a grid of single ones unless stated.
    static func picture(of samples: [Self]) throws -> Image

    /// The form in which samples that are not pictures are kept, several in one file. Nil for pictures. Asked with no
    /// samples before a run, only whether there is a form, and its extension, counts.
    static func data(of samples: [Self]) throws -> SampleData?

    /// The most samples that one picture is made of; 10,000 unless stated.
    static var pictureLimit: Int { get }
}

/// Samples as a file of data.
public struct SampleData: Sendable {
    /// The file name's extension without the dot, for example `npy`.
    public let fileExtension: String
    /// Writes the file to a path, whole or not at all.
    public let write: @Sendable (_ path: String) throws -> Void

    /// Makes a file of data.
    public init(fileExtension: String, write: @escaping @Sendable (_ path: String) throws -> Void) {
        self.fileExtension = fileExtension
        self.write = write
    }
}

extension Drawable {
    /// A grid of single pictures.
    public static func picture(of samples: [Self]) throws -> Image {
        try ImageGrid.arrange(samples.map { try $0.drawn() })
    }

    /// Ten thousand: a grid of a hundred by a hundred.
    public static var pictureLimit: Int { 10_000 }

    /// None: the samples are pictures.
    public static func data(of samples: [Self]) throws -> SampleData? { nil }
}

extension Image: Drawable {
    /// The image itself.
    public func drawn() -> Image { self }
}
