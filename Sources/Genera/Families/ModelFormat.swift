import Formats
import Platform

/// A kind of file, or folder, that holds a family's models beside Genera's own: the authors' checkpoints, a scene.
///
/// A family lists its formats in `modelFormats`; from then on `--checkpoint`, `genera convert` and `genera inspect` take such
/// files as they are.
public struct ModelFormat: Sendable {
    /// The ending of its files without the dot, for example `pkl`.
    public let fileExtension: String
    /// One line for lists, for example `snapshots of the authors' code`.
    public let summary: String
    /// Whether a path is of this format: by its first bytes (all that is mapped of the file), or, for a folder, whose bytes
    /// are nil, by what lies in it.
    public let recognises: @Sendable (_ path: String, _ content: ByteView?) -> Bool
    /// Reads a model; nothing in the file is executed.
    public let read: @Sendable (_ path: String) throws -> ModelCheckpoint
    /// Writes a model, whole or not at all; nil for a format that is only read.
    public let write: (@Sendable (_ model: ModelCheckpoint, _ path: String) throws -> Void)?

    /// Makes a format.
    public init(
        _ fileExtension: String, _ summary: String,
        recognises: @escaping @Sendable (_ path: String, _ content: ByteView?) -> Bool,
        read: @escaping @Sendable (_ path: String) throws -> ModelCheckpoint,
        write: (@Sendable (_ model: ModelCheckpoint, _ path: String) throws -> Void)? = nil
    ) {
        (self.fileExtension, self.summary) = (fileExtension, summary)
        (self.recognises, self.read, self.write) = (recognises, read, write)
    }

    /// Whether the path is a file or folder of this format.
    ///
    /// - Throws: `FormatError` for a file that cannot be opened.
    public func holds(_ path: String) throws -> Bool {
        recognises(path, FileSystem.isFolder(path) ? nil : try MappedFile(path: path).view)
    }
}
