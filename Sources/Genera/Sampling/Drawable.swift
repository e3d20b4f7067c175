import Imaging

/// What can be shown to a person as a picture, and kept in files where a picture does not hold it.
///
/// A family says how its samples look by the type of its sampler's `Sample`, and mostly one of these does:
///
/// - `Image` for pictures, and for views rendered of a scene: nothing is kept beside PNG.
/// - `Tensor` for numbers whose shape says what they are: points, pictures, tables, curves.
/// - `PointCloud`, `Graph`, `TextPage` and `Curve` for what their names say.
public protocol Drawable: Sendable {
    /// One sample as a picture.
    func drawn() throws -> Image

    /// Several samples in one picture; a grid of single ones unless stated.
    static func picture(of samples: [Self]) throws -> Image

    /// The files that hold samples, the usual one first. What `--out` writes and what `--reference`, `--data` and
    /// `genera data inspect` read is one of them. None unless stated.
    static var formats: [SampleFormat<Self>] { get }

    /// The most samples that one picture is made of; 10,000 unless stated.
    static var pictureLimit: Int { get }

    /// One sample on its way, each state as it is to be drawn as a frame beside the others; as they are unless stated.
    static func aligned(_ way: [Self]) -> [Self]
}

extension Drawable {
    /// A grid of single pictures.
    public static func picture(of samples: [Self]) throws -> Image {
        try ImageGrid.arrange(samples.map { try $0.drawn() })
    }

    /// Ten thousand: a grid of a hundred by a hundred.
    public static var pictureLimit: Int { 10_000 }

    /// The states as they are.
    public static func aligned(_ way: [Self]) -> [Self] { way }

    /// None: the samples are pictures.
    public static var formats: [SampleFormat<Self>] { [] }
}

extension Image: Drawable {
    /// The image itself.
    public func drawn() -> Image { self }
}
