import Tensors

/// Several named numpy arrays in one `.npz` file, which is a zip archive of `.npy` entries.
public struct NPZ: Sendable {
    /// The arrays' names without the ending `.npy`, in the archive's order.
    public let names: [String]
    private let archive: ZipArchive

    /// Maps the file at `path` and reads its directory.
    ///
    /// - Throws: ``FormatError``, as ``ZipArchive``.
    public init(path: String) throws { try self.init(ZipArchive(path: path)) }

    /// Reads a file's bytes; `file` names them in messages.
    ///
    /// - Throws: ``FormatError``, as ``ZipArchive``.
    public init(_ view: ByteView, file: String) throws { try self.init(ZipArchive(view, file: file)) }

    private init(_ archive: ZipArchive) throws {
        self.archive = archive
        names = archive.entries.map(\.name).filter { $0.hasSuffix(".npy") }.map { String($0.dropLast(4)) }
        guard !names.isEmpty || archive.entries.isEmpty else {
            throw FormatError(
                file: archive.file, reason: "a zip archive without .npy entries", advice: "is it an NPZ file?")
        }
    }

    /// The array called `name`.
    ///
    /// - Throws: ``FormatError`` when there is none, naming the nearest, or as ``NPY``.
    public func tensor(_ name: String) throws -> RawTensor {
        let entry = name + ".npy"
        return try NPY.read(archive.data(entry), file: archive.file, place: quoted(entry))
    }

    /// Writes arrays to `path` atomically, stored without compression and mappable.
    ///
    /// - Throws: ``FormatError`` for a name used twice, `bfloat16`, or a failure of the system.
    public static func write(_ tensors: [(name: String, tensor: RawTensor)], to path: String) throws {
        try ZipWriter.write(to: path) { archive in
            for (name, tensor) in tensors {
                let head = try NPY.head(of: tensor, file: path, place: quoted(name))
                try archive.add(name + ".npy", ByteView(head + tensor.bytes.array()))
            }
        }
    }
}
