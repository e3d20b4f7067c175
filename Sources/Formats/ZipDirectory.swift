/// The table of contents at the end of a zip file.
struct ZipDirectory {
    private let view: ByteView
    private let file: String
    private var count = 0
    private var size = 0
    private var offset = 0

    init(_ view: ByteView, file: String) throws {
        self.view = view
        self.file = file
        guard let end = endRecord() else {
            throw FormatError(
                view, isNot: "a zip archive", file: file, reason: "not a zip archive: it has no end record",
                advice: "the file is cut short or of another kind")
        }
        try readEnd(at: end)
        guard offset >= 0, size >= 0, offset <= end, size <= end - offset, count >= 0, count <= size / 46 else {
            throw FormatError(
                file: file, place: "byte \(end)",
                reason: "the directory (\(count) entries, \(size) bytes at \(offset)) does not fit the file",
                advice: "the file is damaged")
        }
    }

    /// Searches backwards: a comment of up to 65535 bytes may follow the record.
    private func endRecord() -> Int? {
        var position = view.count - 22
        let first = max(0, position - 65535)
        while position >= first {
            if view.has([0x50, 0x4B, 5, 6], at: position),
                let comment = view.integer(at: position + 20, as: UInt16.self),
                position + 22 + Int(comment) <= view.count
            {
                return position
            }
            position -= 1
        }
        return nil
    }

    private mutating func readEnd(at end: Int) throws {
        var cursor = ByteCursor(view, file: file, offset: end + 4)
        let disks = (try cursor.integer(UInt16.self, "disk"), try cursor.integer(UInt16.self, "disk"))
        _ = try cursor.integer(UInt16.self, "count")
        count = Int(try cursor.integer(UInt16.self, "count"))
        size = Int(try cursor.integer(UInt32.self, "size"))
        offset = Int(try cursor.integer(UInt32.self, "offset"))
        if view.has([0x50, 0x4B, 6, 7], at: end - 20) {
            try readEnd64(locator: end - 20)
        } else if disks != (0, 0) {
            throw FormatError(file: file, place: "byte \(end)", reason: "the archive is split over several files")
        }
    }

    private mutating func readEnd64(locator: Int) throws {
        var cursor = ByteCursor(view, file: file, offset: locator + 8)
        let position = try whole(try cursor.integer(UInt64.self, "zip64 locator"), cursor)
        guard position <= locator - 56, view.has([0x50, 0x4B, 6, 6], at: position) else {
            throw cursor.error("no zip64 end record at \(position)", at: locator, advice: "the file is damaged")
        }
        cursor.offset = position + 32
        count = try whole(try cursor.integer(UInt64.self, "zip64 count"), cursor)
        size = try whole(try cursor.integer(UInt64.self, "zip64 size"), cursor)
        offset = try whole(try cursor.integer(UInt64.self, "zip64 offset"), cursor)
    }

    private func whole(_ value: UInt64, _ cursor: ByteCursor) throws -> Int {
        guard let result = Int(exactly: value) else { throw cursor.error("the number \(value) is too large") }
        return result
    }

    func entries() throws -> [ZipArchive.Entry] {
        var cursor = ByteCursor(view.slice(from: 0, count: offset + size)!, file: file, offset: offset)
        var result: [ZipArchive.Entry] = []
        for _ in 0..<count { result.append(try entry(&cursor)) }
        try checkOverlap(result)
        return result
    }

    private func entry(_ cursor: inout ByteCursor) throws -> ZipArchive.Entry {
        let start = cursor.offset
        guard try cursor.integer(UInt32.self, "directory entry") == 0x0201_4B50 else {
            throw cursor.error("no directory entry here", at: start, advice: "the file is damaged")
        }
        let fixed = try cursor.take(42, "directory entry")
        func short(_ at: Int) -> UInt16 { fixed.integer(at: at - 4, as: UInt16.self)! }
        func long(_ at: Int) -> Int { Int(fixed.integer(at: at - 4, as: UInt32.self)!) }
        let name = decodedName(try cursor.take(Int(short(28)), "entry name"))
        let extra = try cursor.take(Int(short(30)), "entry's extra field")
        _ = try cursor.take(Int(short(32)), "entry comment")
        try checkName(name, start)

        var (size, compressed, offset) = (long(24), long(20), long(42))
        try readExtra64(extra, &size, &compressed, &offset, start)
        return ZipArchive.Entry(
            name: name, size: size, compressedSize: compressed, checksum: UInt32(long(16)),
            method: short(10), flags: short(8), headerOffset: offset)
    }

    /// Field 1 holds 64-bit values for exactly those numbers that are all ones in the fixed part, in this order.
    private func readExtra64(
        _ extra: ByteView, _ size: inout Int, _ compressed: inout Int, _ offset: inout Int, _ start: Int
    ) throws {
        let marker = Int(UInt32.max)
        guard size == marker || compressed == marker || offset == marker else { return }
        var cursor = ByteCursor(extra, file: file, place: "directory entry at \(start), extra field")
        while cursor.remaining >= 4 {
            let kind = try cursor.integer(UInt16.self, "field")
            var field = ByteCursor(
                try cursor.take(Int(try cursor.integer(UInt16.self, "field")), "field"), file: file, place: cursor.place
            )
            guard kind == 1 else { continue }
            if size == marker { size = try whole(try field.integer(UInt64.self, "zip64 size"), field) }
            if compressed == marker { compressed = try whole(try field.integer(UInt64.self, "zip64 size"), field) }
            if offset == marker { offset = try whole(try field.integer(UInt64.self, "zip64 offset"), field) }
            return
        }
    }

    private func checkName(_ name: String, _ start: Int) throws {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        let isUnsafe =
            name.isEmpty || name.hasPrefix("/") || name.utf8.contains(0) || parts.contains("..")
            || (parts[0].count == 2 && parts[0].hasSuffix(":"))
        guard !isUnsafe else {
            throw FormatError(
                file: file, place: "byte \(start)",
                reason: "refusing the entry name \(quoted(name)): it is empty or leaves the archive's folder")
        }
    }

    private func checkOverlap(_ entries: [ZipArchive.Entry]) throws {
        var end = 0
        for entry in entries.sorted(by: { $0.headerOffset < $1.headerOffset }) {
            let head = entry.headerOffset.addingReportingOverflow(30 + entry.name.utf8.count)
            let tail = head.partialValue.addingReportingOverflow(entry.compressedSize)
            // A name that is not UTF-8 may be longer when decoded, so its length is not counted.
            let isPlain = entry.name.utf8.allSatisfy { $0 < 128 }
            let bound = tail.partialValue - (isPlain ? 0 : entry.name.utf8.count)
            guard !head.overflow, !tail.overflow, bound <= offset else {
                throw FormatError(
                    file: file, place: quoted(entry.name),
                    reason: "its \(entry.compressedSize) bytes at byte \(entry.headerOffset) reach beyond the data",
                    advice: "the file is damaged")
            }
            guard entry.headerOffset >= end else {
                throw FormatError(file: file, place: quoted(entry.name), reason: "it shares bytes with another entry")
            }
            end = bound
        }
    }
}
