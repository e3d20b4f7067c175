import Genera

/// Which way the axes of a scene point, three letters for x, y and z: `r` or `l` for right or left, `u` or `d` for up or
/// down, `f` or `b` for forward or back.
///
///     scene.turn(from: .rdf, to: try SplatAxes("z-up"))
public struct SplatAxes: Sendable, Equatable, CustomStringConvertible {
    /// The three letters.
    public let letters: String
    /// Rows: what x, y and z are in axes right, down, forward.
    private let rows: [Double]

    /// Right, down, forward: COLMAP, and nearly all files of splats.
    public static let rdf = SplatAxes(known: "rdf")
    /// Right, up, back: OpenGL, NeRF's cameras, SPZ.
    public static let rub = SplatAxes(known: "rub")
    /// Left, up, forward: glTF.
    public static let luf = SplatAxes(known: "luf")
    /// Right, forward, up: Blender and whatever else has z up.
    public static let rfu = SplatAxes(known: "rfu")

    /// Names for three letters.
    public static let names: [String: String] = [
        "colmap": "rdf", "opencv": "rdf", "opengl": "rub", "y-up": "rub", "y-down": "rdf", "gltf": "luf", "z-up": "rfu",
        "blender": "rfu",
    ]

    /// Axes by letters or name.
    ///
    /// - Throws: `GeneraError.usage` for what is neither, or axes of a left hand, which no rotation reaches.
    public init(_ text: String) throws {
        let word = text.lowercased()
        let letters = Self.names[word] ?? word
        guard let rows = Self.rows(of: letters) else {
            throw GeneraError.usage(
                "Axes are three letters such as rdf (right, down, forward), one of r and l, u and d, f and b each, or one of "
                    + "\(Self.names.keys.sorted().joined(separator: ", ")), not '\(text)'.")
        }
        guard Splats.determinant(of: rows) > 0 else {
            throw GeneraError.usage(
                "The axes '\(text)' are those of a left hand, and splats that are mirrored are not splats of the scene; "
                    + "turn one of the axes round.")
        }
        (self.letters, self.rows) = (letters, rows)
    }

    private init(known letters: String) { (self.letters, rows) = (letters, Self.rows(of: letters)!) }

    /// The three letters.
    public var description: String { letters }

    /// The rotation, by rows, that takes coordinates in these axes to those in others.
    public func rotation(to other: SplatAxes) -> [Double] {
        // Rows of axes are orthonormal: other * own^T.
        Splats.product(other.rows, Splats.transposed(rows))
    }

    private static func rows(of letters: String) -> [Double]? {
        let known: [Character: (axis: Int, sign: Double)] = [
            "r": (0, 1), "l": (0, -1), "d": (1, 1), "u": (1, -1), "f": (2, 1), "b": (2, -1),
        ]
        let axes = letters.compactMap { known[$0] }
        guard letters.count == 3, axes.count == 3, Set(axes.map(\.axis)).count == 3 else { return nil }
        return axes.flatMap { axis in (0..<3).map { $0 == axis.axis ? axis.sign : 0 } }
    }
}
