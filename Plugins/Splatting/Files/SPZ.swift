import Foundation
import Genera

/// Niantic's SPZ files: numbers of few bits, one kind after the other, in gzip (versions 1 to 3) or Zstandard (version 4).
///
/// What is stored has its axes right, up, back; reading turns it to right, down, forward, those of nearly all scenes.
struct SPZ {
    /// `NGSP`.
    static let magic: UInt32 = 0x5053_474E
    static let headerCount = 16
    /// Bytes that extensions behind the numbers may take.
    static let extensionLimit = 1 << 20

    let version: Int
    let count: Int
    let degree: Int
    let fractionalBits: Int
    let isAntialiased: Bool
    let hasExtensions: Bool
    let file: String
    /// Positions, opacities, colours, sizes, rotations and harmonics.
    private(set) var streams: [ByteView] = []
    private(set) var remarks: [String] = []

    /// Whether the bytes begin as a file without gzip does.
    static func isPlain(_ view: ByteView) -> Bool { view.integer(at: 0, as: UInt32.self) == magic }

    /// Takes a file apart.
    init(_ view: ByteView, file: String) throws {
        if Self.isPlain(view) {
            try self.init(header: view, file: file)
            if version >= 4 {
                try refuseBomb(view)
                try readStreams(view)
            } else {
                try split(view)
            }
            return
        }
        guard Gzip.isCompressed(view) else {
            throw FormatError(
                file: file, place: "byte 0", reason: "neither an SPZ file, which starts with NGSP, nor one in gzip",
                advice: "is it another format under this name?")
        }
        try self.init(header: Gzip.prefix(view, count: Self.headerCount, file: file), file: file)
        guard version < 4 else { throw error("version 4 is not in gzip, but this file is") }
        try refuseBomb(view)
        let limit = Self.headerCount + sizes.reduce(0, +) + Self.extensionLimit
        try split(Gzip.expand(view, limit: limit, file: file))
    }

    /// Numbers of splats take no thousandth of their bytes; gzip could not make them smaller, and Zstandard of zeros alone.
    private func refuseBomb(_ view: ByteView) throws {
        let size = sizes.reduce(Self.headerCount, +)
        guard size / 1000 <= max(view.count, 1 << 14) else {
            throw error("\(count) splats take \(size) bytes, which \(view.count) compressed bytes cannot hold")
        }
    }

    private init(header: ByteView, file: String) throws {
        func error(_ reason: String, _ advice: String = "") -> FormatError {
            FormatError(file: file, place: "header", reason: reason, advice: advice)
        }
        guard header.count >= Self.headerCount, let magic = header.integer(at: 0, as: UInt32.self),
            let version = header.integer(at: 4, as: UInt32.self), let count = header.integer(at: 8, as: UInt32.self)
        else {
            throw error("it has \(header.count) bytes, \(Self.headerCount) were expected", "the file is cut short")
        }
        guard magic == Self.magic else {
            throw error("it must start with NGSP, not with 0x\(String(magic, radix: 16))", "is it an SPZ file?")
        }
        guard (1...4).contains(version) else { throw error("version \(version) is not read", "1 to 4 are") }
        guard header[12] <= 4 else { throw error("harmonics of degree \(header[12]), 0 to 4 were expected") }
        guard header[13] <= 24 else { throw error("\(header[13]) bits of fraction, at most 24 were expected") }
        self.file = file
        (self.version, self.count, degree) = (Int(version), Int(count), Int(header[12]))
        (fractionalBits, isAntialiased, hasExtensions) = (Int(header[13]), header[14] & 1 != 0, header[14] & 2 != 0)
    }

    /// Coefficients of harmonics a channel beside the first.
    var restCount: Int { (degree + 1) * (degree + 1) - 1 }

    /// Bytes of the streams.
    var sizes: [Int] {
        [version == 1 ? 6 : 9, 1, 3, 3, version < 3 ? 3 : 4, 3 * restCount].map { $0 * count }
    }

    private func error(_ reason: String, _ place: String = "header") -> FormatError {
        FormatError(file: file, place: place, reason: reason, advice: "the file is cut short or damaged")
    }

    // MARK: Versions 1 to 3

    private mutating func split(_ view: ByteView) throws {
        var offset = Self.headerCount
        let wanted = offset + sizes.reduce(0, +)
        guard wanted <= view.count else {
            throw error("\(count) splats take \(wanted) bytes, there are \(view.count)", "body")
        }
        for size in sizes {
            streams.append(view.slice(from: offset, count: size)!)
            offset += size
        }
        if view.count > wanted {
            let what = hasExtensions ? "of extensions" : "behind the last splat"
            remarks.append("\(view.count - wanted) bytes \(what) were left aside")
        }
    }

    // MARK: Version 4

    private mutating func readStreams(_ view: ByteView) throws {
        guard let start = view.integer(at: 16, as: UInt32.self).map(Int.init), view.count >= 32, start >= 32 else {
            throw error(
                "it has \(view.count) bytes and a table at byte \(view.integer(at: 16, as: UInt32.self) ?? 0), at least 32 were expected of each"
            )
        }
        let wanted = degree > 0 ? 6 : 5
        let streamCount = Int(view[15])
        guard streamCount >= wanted else { throw error("\(streamCount) streams, \(wanted) were expected") }
        if start > 32 { noteExtensions(view, end: start) }
        var offset = start + 16 * streamCount
        for (index, size) in sizes.prefix(wanted).enumerated() {
            let place = "stream \(index)"
            guard let packed = view.integer(at: start + 16 * index, as: UInt64.self),
                let expanded = view.integer(at: start + 16 * index + 8, as: UInt64.self)
            else { throw error("the table of streams ends too early", place) }
            guard expanded == size else {
                throw error("it expands to \(expanded) bytes, \(count) splats need \(size)", place)
            }
            guard let length = Int(exactly: packed), let part = view.slice(from: offset, count: length) else {
                throw error("it has \(packed) bytes from byte \(offset) on, the file has \(view.count)", place)
            }
            streams.append(try Zstandard.expand(part, count: size, file: file, place: place))
            offset += length
        }
        if streams.count < 6 { streams.append(ByteView([])) }
        if streamCount > wanted { remarks.append("\(streamCount - wanted) streams of the file were left aside") }
    }

    private mutating func noteExtensions(_ view: ByteView, end: Int) {
        var (offset, kinds) = (32, [String]())
        while offset + 8 <= end, let kind = view.integer(at: offset, as: UInt32.self),
            let length = view.integer(at: offset + 4, as: UInt32.self)
        {
            kinds.append("0x" + String(kind, radix: 16))
            offset += 8 + Int(length)
        }
        remarks.append("\(kinds.count) extensions were left aside: \(kinds.prefix(6).joined(separator: ", "))")
    }
}
