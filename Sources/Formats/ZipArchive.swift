/// A zip file, mapped: a checked list of entries and their contents.
///
///     let archive = try ZipArchive(path: "images.zip")
///     let bytes = try archive.data("00000/img00000000.png")
///
/// Contents that are stored (not compressed) share the file's memory. Reads zip64. Refuses encrypted entries, names
/// that leave the folder, names used twice and entries that share bytes.
public struct ZipArchive: Sendable {
    /// One file or folder of the archive.
    public struct Entry: Sendable, Equatable {
        /// The name, with forward slashes; ends with a slash for a folder.
        public let name: String
        /// Bytes of the content after expansion.
        public let size: Int
        /// Bytes of the content as it lies in the file.
        public let compressedSize: Int
        /// CRC-32 of the expanded content.
        public let checksum: UInt32
        let method: UInt16
        let flags: UInt16
        let headerOffset: Int

        /// Whether the content lies in the file as it is.
        public var isStored: Bool { method == 0 }
        /// Whether this is a folder.
        public var isFolder: Bool { name.hasSuffix("/") }
    }

    /// The path, or the name given for bytes from elsewhere.
    public let file: String
    /// All entries in the directory's order.
    public let entries: [Entry]
    private let view: ByteView
    private let index: [String: Int]

    /// Maps the file at `path` and reads its directory.
    ///
    /// - Throws: ``FormatError`` when it cannot be mapped, is not a zip archive, is cut short, or has a hostile directory.
    public init(path: String) throws {
        try self.init(MappedFile(path: path).view, file: path)
    }

    /// Reads an archive's bytes; `file` names them in messages.
    ///
    /// - Throws: ``FormatError``, as `init(path:)`.
    public init(_ view: ByteView, file: String) throws {
        self.view = view
        self.file = file
        entries = try ZipDirectory(view, file: file).entries()
        var index: [String: Int] = [:]
        for (position, entry) in entries.enumerated() where index.updateValue(position, forKey: entry.name) != nil {
            throw FormatError(file: file, place: quoted(entry.name), reason: "the archive has two entries of this name")
        }
        self.index = index
    }

    /// The entry called `name`, or nil.
    public func entry(_ name: String) -> Entry? { index[name].map { entries[$0] } }

    /// The content of the entry called `name`.
    ///
    /// - Throws: ``FormatError`` when there is none, and as `data(_:limit:checked:)` of an entry.
    public func data(_ name: String, limit: Int = Deflate.limit) throws -> ByteView {
        try data(found(name), limit: limit)
    }

    private func found(_ name: String) throws -> Entry {
        if let entry = entry(name) { return entry }
        throw FormatError(
            file: file, place: quoted(name), reason: "the archive has no entry of this name",
            advice: nearestName(to: name, in: entries.map(\.name)).map { "did you mean \(quoted($0))?" } ?? "")
    }

    /// The content of `entry`: a view of the file when it is stored, expanded memory otherwise.
    ///
    /// - Parameters:
    ///   - limit: bytes that compressed content may expand to. Nothing is expanded where the directory announces more.
    ///   - checked: whether to compare the CRC of a stored entry too; expanded ones are always compared.
    /// - Throws: ``FormatError`` when the entry is encrypted, compressed by an unknown method, damaged, or too large.
    public func data(_ entry: Entry, limit: Int = Deflate.limit, checked: Bool = false) throws -> ByteView {
        let bytes = try content(of: entry, limit: limit)
        if entry.isStored && !checked { return bytes }
        guard Deflate.checksum(bytes) == entry.checksum else {
            throw error(
                entry, "its content does not have the CRC that the directory gives", advice: "the file is damaged")
        }
        return bytes
    }

    /// The first bytes of the entry called `name`, at most `count`, without its checksum. No more is expanded.
    ///
    /// - Throws: ``FormatError``, as `data(_:limit:)`.
    public func prefix(_ name: String, count: Int) throws -> ByteView {
        let entry = try found(name)
        guard entry.method == 8, entry.flags & 1 == 0, entry.size > count else {
            let bytes = try data(entry)
            return bytes.slice(from: 0, count: min(count, bytes.count)) ?? bytes
        }
        return ByteView(
            try Deflate.prefix(rawData(of: entry), count: count, file: file, place: quoted(entry.name)))
    }

    private func content(of entry: Entry, limit: Int) throws -> ByteView {
        guard entry.flags & 1 == 0 else {
            throw error(entry, "it is encrypted", advice: "unpack it with its password first")
        }
        let raw = try rawData(of: entry)
        switch entry.method {
        case 0:
            guard entry.size == entry.compressedSize else {
                throw error(entry, "it is stored, but its sizes \(entry.compressedSize) and \(entry.size) differ")
            }
            return raw
        case 8:
            guard entry.size <= limit else {
                throw Deflate.tooLarge(entry.size, limit: limit, file: file, place: quoted(entry.name))
            }
            return try Deflate.inflate(raw, count: entry.size, file: file, place: quoted(entry.name))
        default:
            throw error(
                entry, "compression method \(entry.method) is not read", advice: "pack it stored or with deflate")
        }
    }

    private func rawData(of entry: Entry) throws -> ByteView {
        var cursor = ByteCursor(view, file: file, place: quoted(entry.name), offset: entry.headerOffset)
        guard try cursor.integer(UInt32.self, "the entry's header") == 0x0403_4B50 else {
            throw error(entry, "no local header at byte \(entry.headerOffset)", advice: "the file is damaged")
        }
        _ = try cursor.take(22, "the entry's header")
        let nameCount = Int(try cursor.integer(UInt16.self, "the entry's header"))
        let extraCount = Int(try cursor.integer(UInt16.self, "the entry's header"))
        let name = try cursor.take(nameCount, "the entry's name")
        guard decodedName(name) == entry.name else {
            throw error(entry, "its local header gives another name", advice: "the file is damaged")
        }
        _ = try cursor.take(extraCount, "the entry's extra field")
        return try cursor.take(entry.compressedSize, "the entry's content")
    }

    private func error(_ entry: Entry, _ reason: String, advice: String = "") -> FormatError {
        FormatError(file: file, place: quoted(entry.name), reason: reason, advice: advice)
    }
}

/// UTF-8, or one character a byte where that fails; backslashes become slashes.
func decodedName(_ bytes: ByteView) -> String {
    let text = bytes.text() ?? String(String.UnicodeScalarView(bytes.array().map { Unicode.Scalar($0) }))
    return text.contains("\\") ? String(text.map { $0 == "\\" ? "/" : $0 }) : text
}
