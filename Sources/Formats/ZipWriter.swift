/// Writes a zip archive of stored (not compressed) entries into an ``AtomicFile``.
///
///     try ZipWriter.write(to: "images.zip") { archive in
///         try archive.add("00000/img00000000.png", bytes)
///     }
///
/// Equal contents give equal files: the time of every entry is the format's first, 1 January 1980.
public final class ZipWriter {
    private struct Record {
        let name: [UInt8]
        let checksum: UInt32
        let size: Int
        let offset: Int
    }

    private let sink: AtomicFile.Sink
    private let path: String
    private let usesZip64: Bool
    private let alignment: Int
    private var records: [Record] = []
    private var names: Set<String> = []

    private init(_ sink: AtomicFile.Sink, path: String, usesZip64: Bool, alignment: Int) {
        self.sink = sink
        self.path = path
        self.usesZip64 = usesZip64
        self.alignment = alignment
    }

    /// Makes the archive at `path` from what `body` adds.
    ///
    /// - Parameters:
    ///   - alignment: contents start at a multiple of this many bytes, from 1 to 4096, so that they can be mapped.
    ///   - usesZip64: whether to write 64-bit records even where the numbers are small.
    /// - Throws: ``FormatError``, and what `body` throws; the target is then unchanged.
    public static func write(
        to path: String, alignment: Int = 64, usesZip64: Bool = false, _ body: (ZipWriter) throws -> Void
    ) throws {
        precondition((1...4096).contains(alignment), "alignment \(alignment)")
        try AtomicFile.write(to: path) { sink in
            let writer = ZipWriter(sink, path: path, usesZip64: usesZip64, alignment: alignment)
            try body(writer)
            try writer.finish()
        }
    }

    /// Adds one entry.
    ///
    /// - Throws: ``FormatError`` for a name used twice or too long, or a failure of the system.
    public func add(_ name: String, _ bytes: ByteView) throws {
        guard names.insert(name).inserted, (1...1024).contains(name.utf8.count) else {
            throw FormatError(
                file: path, place: quoted(name),
                reason: "cannot add the entry: its name is used twice, empty or too long")
        }
        let record = Record(
            name: Array(name.utf8), checksum: Deflate.checksum(bytes), size: bytes.count, offset: sink.position)
        let sizes = isLarge(bytes.count) ? field(1, little(UInt64(bytes.count)) + little(UInt64(bytes.count))) : []
        let start = sink.position + 30 + record.name.count + sizes.count
        // An extra field has a head of four bytes; 0xD935 is the number that Android's zipalign uses for padding.
        let padding = (alignment - (start + 4) % alignment) % alignment
        let extra = sizes + (start % alignment == 0 ? [] : field(0xD935, [UInt8](repeating: 0, count: padding)))
        let size = isLarge(bytes.count) ? UInt32.max : UInt32(bytes.count)
        try sink.write(
            little(UInt32(0x0403_4B50)) + common(record) + little(size) + little(size)
                + little(UInt16(record.name.count)) + little(UInt16(extra.count)) + record.name + extra)
        try sink.write(bytes)
        records.append(record)
    }

    /// Adds one entry.
    ///
    /// - Throws: ``FormatError``, as for a view.
    public func add(_ name: String, _ bytes: [UInt8]) throws { try add(name, ByteView(bytes)) }

    private func finish() throws {
        let start = sink.position
        for record in records { try sink.write(directoryEntry(record)) }
        let size = sink.position - start
        if usesZip64 || records.count >= 0xFFFF || start + size >= Int(UInt32.max) { try writeEnd64(start, size) }
        let count = UInt16(clamping: usesZip64 ? 0xFFFF : records.count)
        try sink.write(
            little(UInt32(0x0605_4B50)) + little(UInt32(0)) + little(count) + little(count)
                + little(UInt32(clamping: usesZip64 ? .max : size)) + little(UInt32(clamping: usesZip64 ? .max : start))
                + [0, 0])
    }

    private func writeEnd64(_ start: Int, _ size: Int) throws {
        let position = sink.position
        let count = little(UInt64(records.count))
        try sink.write(
            little(UInt32(0x0606_4B50)) + little(UInt64(44)) + little(UInt16(45)) + little(UInt16(45))
                + little(UInt64(0))
                + count + count + little(UInt64(size)) + little(UInt64(start)))
        try sink.write(little(UInt32(0x0706_4B50)) + little(UInt32(0)) + little(UInt64(position)) + little(UInt32(1)))
    }

    private func directoryEntry(_ record: Record) -> [UInt8] {
        var wide: [UInt8] = []
        if isLarge(record.size) { wide += little(UInt64(record.size)) + little(UInt64(record.size)) }
        if isLarge(record.offset) { wide += little(UInt64(record.offset)) }
        let extra = wide.isEmpty ? [] : field(1, wide)
        let size = isLarge(record.size) ? UInt32.max : UInt32(record.size)
        let offset = isLarge(record.offset) ? UInt32.max : UInt32(record.offset)
        return little(UInt32(0x0201_4B50)) + little(UInt16(45)) + common(record) + little(size) + little(size)
            + little(UInt16(record.name.count)) + little(UInt16(extra.count)) + [UInt8](repeating: 0, count: 10)
            + little(offset) + record.name + extra
    }

    /// Version, flags (names are UTF-8), method, time, date and CRC: the same in both headers.
    private func common(_ record: Record) -> [UInt8] {
        little(UInt16(45)) + little(UInt16(0x800)) + little(UInt16(0)) + little(UInt16(0)) + little(UInt16(0x21))
            + little(record.checksum)
    }

    private func isLarge(_ value: Int) -> Bool { usesZip64 || value >= Int(UInt32.max) }

    private func field(_ kind: UInt16, _ bytes: [UInt8]) -> [UInt8] {
        little(kind) + little(UInt16(bytes.count)) + bytes
    }
}

func little<T: FixedWidthInteger & BitwiseCopyable>(_ value: T) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { Array($0) }
}
