/// What a file is, told by its content, for readers that find something else than they read.
///
///     FileKind(view)                                  // .webPage
///     FileKind(view).refusal(wanted: "an NPY file")   // this is a web page; check the address it was downloaded from
///
/// The one place that knows the marks of files: a pointer of Git LFS, a page of a web server and a download that was cut short are
/// told in the same words whatever reads them.
public enum FileKind: String, Sendable, Hashable, CaseIterable {
    // Raw values are what messages call them.
    case empty = "an empty file", zeros = "a file that begins with nothing but zeros"
    case lfsPointer = "a pointer of Git LFS, not the file itself"
    case webPage = "a web page", xml = "XML", json = "JSON", text = "text"

    case safetensors = "a safetensors file", pickle = "a pickle", npy = "a NumPy array", idx = "an IDX file"
    case hdf5 = "an HDF5 file", ply = "a PLY file", spz = "an SPZ file", glb = "a binary glTF file"
    case zip = "a zip archive", cutZip = "the beginning of a zip archive", gzip = "a gzip file"
    case zstandard = "a Zstandard file", bzip2 = "a bzip2 file", xz = "an xz file", sevenZip = "a 7z archive"
    case rar = "a RAR archive", tar = "a tar archive", parquet = "a Parquet file", sqlite = "a SQLite database"
    case program = "a program or library", pdf = "a PDF document"

    case png = "a PNG picture", jpeg = "a JPEG picture", webP = "a WebP picture", gif = "a GIF picture"
    case bmp = "a BMP picture", tiff = "a TIFF picture", jpegXL = "a JPEG XL picture", jpeg2000 = "a JPEG 2000 picture"
    case openEXR = "an OpenEXR picture", radiance = "a Radiance HDR picture", photoshop = "a Photoshop picture"
    case heic = "a HEIC picture", avif = "an AVIF picture", svg = "an SVG picture", video = "a video"

    case other = "a file of an unknown kind"

    /// Tells the kind of a file's bytes, of which only the first 512 are looked at, and the last 64 KiB of a zip archive.
    public init(_ view: ByteView) {
        let head = view.slice(from: 0, count: min(view.count, Self.headCount))?.array() ?? []
        self = Self(head: head, count: view.count)
        if self == .zip, !Self.hasZipEnd(view) { self = .cutZip }
    }

    /// Tells the kind of a file by its beginning.
    ///
    /// - Parameters:
    ///   - head: its first bytes, of which 512 are looked at.
    ///   - count: the bytes of the whole file; nil where they are not known.
    public init(head: some Collection<UInt8>, count: Int? = nil) {
        let head = Array(head.prefix(Self.headCount))
        self = Self.marked(head) ?? Self.structured(head, count) ?? Self.written(head) ?? .other
    }

    static let headCount = 512

    /// Why a reader does not take a file of this kind, and what to do about it.
    ///
    /// - Parameter wanted: what the reader takes, for example `a safetensors file`. Pages, pointers and nothing at all are told without
    ///   it, so that every reader says the same.
    public func refusal(wanted: String) -> (reason: String, advice: String) {
        (isHarm ? "this is \(rawValue)" : "this is \(rawValue), not \(wanted)", advice)
    }

    /// Whether it is what downloads and copies leave that went wrong, which no reader is meant to have.
    public var isHarm: Bool { [.empty, .zeros, .lfsPointer, .webPage, .cutZip].contains(self) }

    /// What to do about a file of this kind where another was expected; may be empty.
    public var advice: String {
        switch self {
        case .empty, .zeros, .cutZip: "was a download or a copy interrupted?"
        case .lfsPointer: "run `git lfs pull` in its repository"
        case .webPage: "check the address it was downloaded from"
        case .xml, .json, .text: "it may be a server's answer in place of the file"
        case .gzip, .zstandard, .bzip2, .xz, .sevenZip, .rar, .tar: "unpack it first"
        default: ""
        }
    }

    // MARK: Telling kinds apart

    private static func marked(_ head: [UInt8]) -> FileKind? {
        guard !head.isEmpty else { return .empty }
        if let found = marks.first(where: { head.starts(with: $0.bytes) }) { return found.kind }
        func has(_ text: String, at offset: Int) -> Bool { head.dropFirst(offset).starts(with: text.utf8) }
        if has("WEBP", at: 8), has("RIFF", at: 0) { return .webP }
        if has("ustar", at: 257) { return .tar }
        if has("jP", at: 4), has("\0\0\0\u{C}", at: 0) { return .jpeg2000 }
        guard has("ftyp", at: 4) else { return nil }
        if has("avif", at: 8) || has("avis", at: 8) { return .avif }
        return ["heic", "heix", "mif1", "msf1"].contains { has($0, at: 8) } ? .heic : .video
    }

    private static let marks: [(bytes: [UInt8], kind: FileKind)] = [
        (Array("version https://git-lfs".utf8), .lfsPointer), (Array("version https://hawser".utf8), .lfsPointer),
        ([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A], .png), ([0xFF, 0xD8, 0xFF], .jpeg),
        (Array("GIF8".utf8), .gif), (Array("II*\0".utf8), .tiff), (Array("MM\0*".utf8), .tiff),
        ([0xFF, 0x0A], .jpegXL), ([0, 0, 0, 12, 0x4A, 0x58, 0x4C], .jpegXL), ([0xFF, 0x4F, 0xFF, 0x51], .jpeg2000),
        ([0x76, 0x2F, 0x31, 0x01], .openEXR), (Array("#?RADIANCE".utf8), .radiance), (Array("8BPS".utf8), .photoshop),
        (Array("%PDF".utf8), .pdf), ([0x50, 0x4B, 3, 4], .zip), ([0x50, 0x4B, 5, 6], .zip),
        ([0x28, 0xB5, 0x2F, 0xFD], .zstandard), ([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0], .xz),
        ([0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C], .sevenZip), (Array("Rar!\u{1A}".utf8), .rar),
        ([0x93] + Array("NUMPY".utf8), .npy), ([0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A], .hdf5),
        (Array("ply\n".utf8), .ply), (Array("ply\r".utf8), .ply), (Array("NGSP".utf8), .spz),
        (Array("glTF".utf8), .glb), ([0x7F, 0x45, 0x4C, 0x46], .program),
        (Array("PAR1".utf8), .parquet), (Array("SQLite format 3\0".utf8), .sqlite), ([0x1F, 0x8B], .gzip),
    ]

    /// Kinds without a mark of their own, by the sense that their first numbers make.
    private static func structured(_ head: [UInt8], _ count: Int?) -> FileKind? {
        func number(_ offset: Int, _ width: Int) -> Int {
            (0..<width).reduce(0) { $0 | Int(head[offset + $1]) << (8 * $1) }
        }
        if head.count > 8, head[6] == 0, head[7] == 0,
            head[8...].first(where: { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }) == UInt8(ascii: "{"),
            number(0, 6) >= 2
        {
            return .safetensors
        }
        if head.count >= 2, head[0] == 0x80, (2...5).contains(head[1]) { return .pickle }
        if head.count >= 4, head[0] == 0, head[1] == 0, (0x08...0x0E).contains(head[2]), (1...8).contains(head[3]) {
            return .idx
        }
        if head.count >= 18, head.starts(with: "BM".utf8), [12, 40, 52, 56, 64, 108, 124].contains(number(14, 4)) {
            return .bmp
        }
        if head.count >= 10, head.starts(with: "BZh".utf8), head[4...].starts(with: [0x31, 0x41, 0x59, 0x26]) {
            return .bzip2
        }
        return head.count >= 16 && head.allSatisfy { $0 == 0 } ? .zeros : nil
    }

    /// Kinds of text; nil for what is none.
    private static func written(_ head: [UInt8]) -> FileKind? {
        let isWide = head.starts(with: [0xFF, 0xFE]) || head.starts(with: [0xFE, 0xFF])
        if isWide { return .text }
        // A character may be cut in two at the end of the head.
        let whole = (0..<4).lazy.compactMap { String(validating: head.dropLast($0), as: UTF8.self) }.first
        guard let whole, !head.contains(where: { $0 < 32 && ![9, 10, 12, 13].contains($0) || $0 == 127 }) else {
            return nil
        }
        let text = whole.drop { $0.isWhitespace || $0 == "\u{FEFF}" }.lowercased()
        if text.hasPrefix("<svg") || text.hasPrefix("<?xml") && text.contains("<svg") { return .svg }
        if text.hasPrefix("<!doctype html") || text.hasPrefix("<html") || text.contains("<html") { return .webPage }
        if text.hasPrefix("<?xml") || text.hasPrefix("<") && text.contains("graphml") { return .xml }
        if text.hasPrefix("<") { return .webPage }
        return text.hasPrefix("{") || text.hasPrefix("[{") || text.hasPrefix("[\"") ? .json : .text
    }

    /// Whether the record that ends every zip archive is there; a comment of up to 65,535 bytes may follow it.
    private static func hasZipEnd(_ view: ByteView) -> Bool {
        let count = min(view.count, 65_535 + 22)
        let tail = view.slice(from: view.count - count, count: count)?.array() ?? []
        return tail.indices.reversed().contains { tail[$0...].starts(with: [0x50, 0x4B, 5, 6]) }
    }
}
