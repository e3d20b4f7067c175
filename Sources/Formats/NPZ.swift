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
    /// - Parameter limit: bytes of a compressed array at most.
    /// - Throws: ``FormatError`` when there is none, naming the nearest, when it is larger, or as ``NPY``.
    public func tensor(_ name: String, limit: Int = Deflate.limit) throws -> RawTensor {
        try NPY.read(checkedData(name, limit), file: archive.file, place: quoted(name + ".npy"))
    }

    /// The texts of the array called `name`, all axes in one list.
    ///
    /// - Throws: ``FormatError``, as ``tensor(_:limit:)``, and when it holds no texts.
    public func texts(_ name: String, limit: Int = Deflate.limit) throws -> [String] {
        try NPY.texts(checkedData(name, limit), file: archive.file, place: quoted(name + ".npy"))
    }

    /// The shape of the array called `name` and what it holds, from its first bytes.
    ///
    /// - Throws: ``FormatError`` when there is none, naming the nearest, or when its header is damaged.
    public func layout(of name: String) throws -> (shape: [Int], isText: Bool, isNumber: Bool) {
        let header = try header(name).fields
        let type = NumpyType(header.descr)
        return (
            header.shape, NumpyText(header.descr) != nil,
            type.map { $0.dtype != .complex64 && $0.dtype != .complex128 } ?? false
        )
    }

    /// The shape of the array called `name`, its elements' type (numpy's code where it is not read) and its bytes. Nothing but its first
    /// bytes is expanded.
    ///
    /// - Throws: ``FormatError`` when there is none, naming the nearest, or its header is damaged or does not fit its size.
    public func description(of name: String) throws -> (shape: [Int], type: String, byteCount: Int) {
        let (header, byteCount) = try checkedHeader(name)
        return (header.shape, NumpyType(header.descr).map { "\($0.dtype)" } ?? header.descr, byteCount)
    }

    /// The type that the elements of the array called `name` have once read; nil for what are no numbers.
    ///
    /// - Throws: ``FormatError`` when there is none, naming the nearest, or when its header is damaged.
    public func dtype(of name: String) throws -> DType? { NumpyType(try header(name).fields.descr)?.dtype }

    private func header(_ name: String) throws -> (fields: NPYHeader.Fields, start: Int) {
        // A header has at most 2^20 bytes behind its first 12.
        let start = try archive.prefix(name + ".npy", count: (1 << 20) + 12)
        return try NPY.header(start, file: archive.file, place: quoted(name + ".npy"))
    }

    /// The bytes of an entry, once its size is known to be what its header says: nothing is expanded in vain.
    private func checkedData(_ name: String, _ limit: Int) throws -> ByteView {
        _ = try checkedHeader(name)
        return try archive.data(name + ".npy", limit: limit)
    }

    /// The header of an array, and the bytes of its elements, which are as many as it says.
    private func checkedHeader(_ name: String) throws -> (fields: NPYHeader.Fields, byteCount: Int) {
        let (header, start) = try header(name)
        let announced = (archive.entry(name + ".npy")?.size ?? 0) - start
        let width = NumpyType(header.descr)?.byteCount ?? NumpyText(header.descr)?.byteCount
        if let width {
            let (bytes, overflow) = (elementCount(of: header.shape) ?? Int.max).multipliedReportingOverflow(by: width)
            guard !overflow, bytes == announced else {
                throw error(
                    name,
                    "shape \(header.shape) of \(header.descr) does not fit the \(announced) bytes that are announced")
            }
        }
        return (header, announced)
    }

    private func error(_ name: String, _ reason: String) -> FormatError {
        FormatError(file: archive.file, place: quoted(name + ".npy"), reason: reason)
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
