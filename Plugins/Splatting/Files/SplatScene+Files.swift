import Genera

extension SplatScene {
    /// Reads a scene from a file or folder of any format that is known, told by its content before its name.
    ///
    /// - Parameters:
    ///   - path: the file, or a folder of SOG.
    ///   - dropInvalid: whether splats with numbers that are not finite, or a quaternion of zeros, are dropped with a remark;
    ///     else they are an error.
    /// - Throws: `FormatError` that names the file, the place, what was expected and what to do.
    public static func read(_ path: String, dropInvalid: Bool = false) throws -> SplatScene {
        let source = try SplatFormat.Source(path: path)
        return try SplatFormat.find(source).read(source).checked(file: path, dropInvalid: dropInvalid)
    }

    /// Choices of writing that only some formats have.
    public struct WritingOptions: Sendable, Equatable {
        /// How the shapes of generalised exponentials go into sizes, which all formats but Genera's own have alone.
        public enum Fusing: String, Sendable, CaseIterable {
            /// The logarithm plus ln phi: what is drawn.
            case exact
            /// The logarithm times phi, as the authors' code of GES writes it.
            case legacy
        }

        /// How shapes go into sizes.
        public var fusing = Fusing.exact
        /// The strength rho of the shapes.
        public var shapeStrength = 0.1
        /// Whether a PLY file has a column `shape` too, so that training can go on from it. The sizes are fused all the same,
        /// and a comment says how, so that reading takes the shapes out again.
        public var keepsShapes = false
        /// The version of SPZ, 2...4.
        public var spzVersion = 3

        /// The choices that suit most.
        public init() {}
    }

    /// Writes the scene in the format that the path's ending asks for.
    ///
    /// - Throws: `FormatError` for an ending that no writer has, or numbers that the format cannot hold; `FileError` for a
    ///   failure of the system. The target is then unchanged.
    public func write(to path: String, options: WritingOptions = WritingOptions()) throws {
        guard let write = try SplatFormat.writing(to: path).write else { return }
        try write(self, path, options)
    }
}
