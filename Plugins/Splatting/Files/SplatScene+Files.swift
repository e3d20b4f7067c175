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

extension SplatScene {
    /// The formats of scenes beside Genera's own, for a family's `modelFormats`. The compressed form of PLY is written to a
    /// path that ends in `.compressed.ply`.
    public static let formats: [ModelFormat] = SplatFormat.all.compactMap { format in
        // Compressed files end in .ply too, and are read and written by that format.
        format.fileExtensions.contains("compressed.ply") ? nil : modelFormat(format)
    }

    private static func modelFormat(_ format: SplatFormat) -> ModelFormat {
        let (endings, first) = (format.fileExtensions, format.fileExtensions[0])
        let recognises: @Sendable (String, ByteView?) -> Bool = { path, content in
            let source = SplatFormat.Source(path: path, view: content)
            guard format.recognises(source) else { return false }
            // Genera's own files are read without a format's help.
            return first != "safetensors" || !(content.map(SplatArchive.isCheckpoint) ?? false)
        }
        let read: @Sendable (String) throws -> ModelCheckpoint = { path in
            try SplatScene.read(path).checkpoint(path: path)
        }
        var write: (@Sendable (ModelCheckpoint, String) throws -> Void)?
        if format.write != nil, first != "safetensors" {
            write = { model, path in try SplatScene(model).write(to: path) }
        }
        var report: (@Sendable (ModelCheckpoint, String) throws -> [Fact])?
        if format.write != nil {
            report = { model, path in
                let scene = try SplatScene(model)
                return try ConversionReport(scene, from: model.path, written: path).facts()
            }
        }
        switch endings.count {
        case 1:
            return ModelFormat(
                first, summary: format.summary, recognises: recognises, read: read, write: write, report: report)
        case 2:
            return ModelFormat(
                first, endings[1], summary: format.summary, recognises: recognises, read: read, write: write,
                report: report)
        default:
            return ModelFormat(
                first, endings[1], endings[2], summary: format.summary, recognises: recognises, read: read,
                write: write, report: report)
        }
    }
}
