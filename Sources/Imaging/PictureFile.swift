import Platform

extension Image {
    /// Reads a PNG, JPEG or WebP file, whichever it is by its content.
    ///
    /// - Parameter applyOrientation: whether a photograph that says how its camera was held is turned upright.
    /// - Throws: `ImagingError` when the file is damaged, of another kind, or has more than `pixelLimit` pixels; `FileError` when it
    ///   cannot be read.
    public static func read(
        path: String, applyOrientation: Bool = true, pixelLimit: Int = PNG.Limits().pixels
    ) throws -> Image {
        try read(
            FileSystem.contents(of: path), file: path, applyOrientation: applyOrientation, pixelLimit: pixelLimit)
    }

    /// Reads a PNG, JPEG or WebP picture in memory, whichever it is.
    ///
    /// - Parameters:
    ///   - file: the name for messages.
    ///   - applyOrientation: whether a photograph that says how its camera was held is turned upright.
    /// - Throws: `ImagingError` when the bytes are damaged, of another kind, or a picture of more than `pixelLimit` pixels.
    public static func read(
        _ bytes: [UInt8], file: String, applyOrientation: Bool = true, pixelLimit: Int = PNG.Limits().pixels
    ) throws -> Image {
        switch PictureFormat(bytes) {
        case .png:
            try naming(file.isEmpty ? nil : file) {
                try PNG.decode(bytes, limits: PNG.Limits(pixels: pixelLimit)).image
            }
        case .jpeg: try JPEG.read(bytes, file: file, applyOrientation: applyOrientation, pixelLimit: pixelLimit)
        case .webP: try WebP.read(bytes, file: file, pixelLimit: pixelLimit)
        case nil:
            throw ImagingError(
                file: file.isEmpty ? nil : file, reason: PictureFormat.refusal(of: bytes),
                advice: bytes.isEmpty
                    ? "Copy or download the file again." : "Convert it to PNG, JPEG or WebP, which are read.")
        }
    }
}

/// A kind of picture files that is read.
public enum PictureFormat: String, Sendable, CaseIterable {
    /// PNG.
    case png = "PNG"
    /// JPEG.
    case jpeg = "JPEG"
    /// WebP.
    case webP = "WebP"

    /// The kind of a file by its first bytes, 12 at most; nil for any other.
    public init?(_ head: some Collection<UInt8>) {
        let head = Array(head.prefix(12))
        if head.starts(with: PNGChunk.signature) {
            self = .png
        } else if head.starts(with: [0xFF, 0xD8, 0xFF]) {
            self = .jpeg
        } else if head.count == 12, head.starts(with: Array("RIFF".utf8)), head[8...].elementsEqual("WEBP".utf8) {
            self = .webP
        } else {
            return nil
        }
    }

    /// Whether a file is named like a picture that is read: `.png`, `.jpg`, `.jpeg` or `.webp`, in small letters or capitals.
    public static func isName(_ path: String) -> Bool {
        ["png", "jpg", "jpeg", "webp"].contains(FileSystem.fileExtension(of: path).lowercased())
    }

    /// The kind of a file that is a picture but is not read, `GIF` or `HEIC`, by its first bytes (12 do), else by its name; nil for any
    /// other file.
    public static func unread(_ head: some Collection<UInt8>, name: String) -> String? {
        let kind = kind(of: Array(head.prefix(12)))
        if kind.hasSuffix(" picture") {
            return kind.split(separator: " ").dropFirst().dropLast().joined(separator: " ")
        }
        let ending = FileSystem.fileExtension(of: name)
        return unreadEndings.contains(ending) ? ending.uppercased() : nil
    }

    /// Endings of pictures that are not read.
    private static let unreadEndings: Set<String> = [
        "gif", "bmp", "tif", "tiff", "heic", "heif", "avif", "jxl", "jp2", "svg", "tga", "psd", "exr", "hdr", "ico",
        "pgm", "ppm",
        "dng", "cr2", "nef", "arw",
    ]

    /// Whether a file is one that systems leave among people's files: macOS' and Windows' notes on folders, and twins of files.
    ///
    /// - Parameter path: with `/` between folders.
    public static func isLitter(_ path: String) -> Bool {
        let parts = path.split(separator: "/")
        guard let name = parts.last else { return true }
        return parts.dropLast().contains("__MACOSX") || name.hasPrefix("._")
            || [".DS_Store", "Thumbs.db", "desktop.ini"].contains(String(name))
    }

    /// Why a file is not read as a picture, without a full stop: what it seems to be.
    static func refusal(of bytes: [UInt8]) -> String {
        guard !bytes.isEmpty else { return "the file is empty" }
        return "this is \(kind(of: bytes)), not a picture that is read"
    }

    private static func kind(of bytes: [UInt8]) -> String {
        func has(_ text: String, at offset: Int = 0) -> Bool { bytes.dropFirst(offset).starts(with: text.utf8) }
        let starts: [([UInt8], String)] = [
            (Array("GIF8".utf8), "a GIF picture"), (Array("BM".utf8), "a BMP picture"),
            (Array("II*\0".utf8), "a TIFF picture"), (Array("MM\0*".utf8), "a TIFF picture"),
            ([0xFF, 0x0A], "a JPEG XL picture"), ([0, 0, 0, 12, 0x4A, 0x58, 0x4C], "a JPEG XL picture"),
            ([0, 0, 0, 12, 0x6A, 0x50], "a JPEG 2000 picture"), ([0xFF, 0x4F, 0xFF, 0x51], "a JPEG 2000 picture"),
            ([0x76, 0x2F, 0x31, 0x01], "an OpenEXR picture"), (Array("#?RADIANCE".utf8), "a Radiance HDR picture"),
            (Array("8BPS".utf8), "a Photoshop picture"), (Array("%PDF".utf8), "a PDF document"),
            (Array("PK".utf8), "a zip archive"), ([0x1F, 0x8B], "a gzip file"),
            (Array("version https://git-lfs".utf8), "a pointer of Git LFS instead of the file itself"),
        ]
        if let found = starts.first(where: { bytes.starts(with: $0.0) }) { return found.1 }
        if has("ftyp", at: 4) {
            if has("heic", at: 8) || has("heix", at: 8) || has("mif1", at: 8) { return "a HEIC picture" }
            return has("avif", at: 8) || has("avis", at: 8) ? "an AVIF picture" : "a video"
        }
        let head = bytes.prefix(512)
        let isText = head.allSatisfy { $0 >= 32 && $0 != 127 || [9, 10, 13].contains($0) }
        guard isText else { return "a file of another kind" }
        if has("<svg") || has("<?xml") { return "an SVG picture or other XML" }
        return has("<") ? "a web page or other markup" : "text"
    }
}

/// The sizes of pictures that are taken.
enum PictureSize {
    /// Refuses sizes beyond a limit before anything is allocated.
    static func check(_ width: Int, _ height: Int, limit: Int) throws {
        guard width > 0, height > 0 else {
            throw ImagingError(reason: "the image has no pixels: \(width)x\(height)")
        }
        guard width <= limit / height else {
            throw ImagingError(
                reason: "the image has \(width)x\(height) pixels, more than the limit of \(limit)",
                advice: "Raise the limit if you trust the file.")
        }
    }
}
