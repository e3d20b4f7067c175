import Formats
import Platform

/// A kind of file, or folder, that holds a family's models beside Genera's own: the authors' checkpoints, a scene.
///
/// A family lists its formats in `modelFormats`; from then on `--checkpoint`, `genera convert` and `genera inspect` take such
/// files as they are.
public struct ModelFormat: Sendable {
    /// The endings of its files without the dot, the one that is written first: `pkl`, `pt`.
    public let fileExtensions: [String]
    /// One line for lists, for example `snapshots of the authors' code`.
    public let summary: String
    /// Whether a path is of this format by what it holds: the file's bytes (mapped, so that only those looked at are read),
    /// or, for a folder, whose bytes are nil, what lies in it.
    public let recognises: @Sendable (_ path: String, _ content: ByteView?) -> Bool
    /// Reads a model; nothing in the file is executed.
    public let read: @Sendable (_ path: String) throws -> ModelCheckpoint
    /// Writes a model, whole or not at all; nil for a format that is only read.
    public let write: (@Sendable (_ model: ModelCheckpoint, _ path: String) throws -> Void)?
    /// What the file that was written keeps of the model and what it loses, for `genera convert`; nil for a format that keeps
    /// everything. It is asked for each file that ends as the format's own do, also where the core wrote it.
    public let report: (@Sendable (_ model: ModelCheckpoint, _ path: String) throws -> [Fact])?

    /// Makes a format.
    public init(
        _ fileExtensions: String..., summary: String,
        recognises: @escaping @Sendable (_ path: String, _ content: ByteView?) -> Bool,
        read: @escaping @Sendable (_ path: String) throws -> ModelCheckpoint,
        write: (@Sendable (_ model: ModelCheckpoint, _ path: String) throws -> Void)? = nil,
        report: (@Sendable (_ model: ModelCheckpoint, _ path: String) throws -> [Fact])? = nil
    ) {
        (self.fileExtensions, self.summary) = (fileExtensions, summary)
        (self.recognises, self.read, self.write, self.report) = (recognises, read, write, report)
    }

    /// Whether the path is a file or folder of this format, by its content.
    ///
    /// - Throws: `FormatError` for a file that cannot be opened.
    public func holds(_ path: String) throws -> Bool {
        recognises(path, FileSystem.isFolder(path) ? nil : try MappedFile(path: path).view)
    }

    /// Whether the path ends as this format's files do.
    func matchesEnding(of path: String) -> Bool { fileExtensions.contains(FileSystem.fileExtension(of: path)) }
}

extension ModelFamily {
    /// The format of a path among the family's own: by content, else, so that a damaged file is told by the reader it was
    /// meant for, by its ending. Nil for Genera's own format.
    ///
    /// - Throws: `FormatError` for a file that cannot be opened.
    public static func format(of path: String) throws -> ModelFormat? {
        try modelFormats.first { try $0.holds(path) } ?? modelFormats.first { $0.matchesEnding(of: path) }
    }

    /// Reads a model of the family from a file or folder of any of its formats.
    ///
    /// - Throws: `FormatError` and `GeneraError` that name the file and what was expected.
    public static func model(at path: String) throws -> ModelCheckpoint {
        try format(of: path).map { try $0.read(path) } ?? .load(path, family: name)
    }
}
