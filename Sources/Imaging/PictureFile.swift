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
            throw ImagingError(noPicture: bytes).inFile(file.isEmpty ? nil : file)
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
        switch FileKind(head: head.prefix(12)) {
        case .png: self = .png
        case .jpeg: self = .jpeg
        case .webP: self = .webP
        default: return nil
        }
    }

    /// Whether a file is named like a picture that is read: `.png`, `.jpg`, `.jpeg` or `.webp`, in small letters or capitals.
    public static func isName(_ path: String) -> Bool {
        ["png", "jpg", "jpeg", "webp"].contains(FileSystem.fileExtension(of: path).lowercased())
    }

    /// The kind of a file that is a picture but is not read, `GIF` or `HEIC`, by its first bytes (12 do), else by its name; nil for any
    /// other file.
    public static func unread(_ head: some Collection<UInt8>, name: String) -> String? {
        let kind = FileKind(head: head).rawValue
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

    /// Bytes that a whole file of pictures can have at most, by its first bytes; nil for one that is no picture that is read.
    ///
    /// What follows the picture (profiles, notes, further frames) may have 64 MB.
    /// - Parameters:
    ///   - head: the first bytes, 64 or more.
    ///   - pixelLimit: pixels of the largest picture that is read.
    public static func sizeLimit(
        head: some Collection<UInt8>, pixelLimit: Int = PNG.Limits().pixels
    ) -> Int? {
        let bytes = Array(head.prefix(64))
        func number(_ range: Range<Int>) -> Int {
            bytes.count < range.upperBound ? 0 : bytes[range].reduce(0) { $0 << 8 | Int($1) }
        }
        let more = 64 << 20
        switch PictureFormat(bytes) {
        case nil: return nil
        case .png:
            // Four channels of 16 bits at most, and a byte a row; stored blocks of deflate add a thousandth.
            let (width, height) = (number(16..<20), number(20..<24))
            guard width > 0, height > 0, width <= pixelLimit / height else { return more }
            let row =
                1 + (width * [0: 1, 2: 3, 3: 1, 4: 2, 6: 4][number(25..<26), default: 4] * number(24..<25) + 7) / 8
            return row * height / 1000 * 1001 + more
        case .jpeg: return more
        case .webP: return min(8 + number(4..<8).byteSwapped32, 8 * more) + more / 64
        }
    }
}

extension ImagingError {
    /// The error for bytes that are no picture that is read: what they are instead.
    init(noPicture head: some Collection<UInt8>) {
        let kind = FileKind(head: head)
        let advice = kind.advice.isEmpty ? "convert it to PNG, JPEG or WebP, which are read" : kind.advice
        self.init(
            reason: kind.refusal(wanted: "a picture that is read").reason,
            advice: advice.prefix(1).uppercased() + advice.dropFirst() + (advice.hasSuffix("?") ? "" : "."))
    }
}

extension Int {
    /// The four lowest bytes, in reverse.
    fileprivate var byteSwapped32: Int { Int(UInt32(truncatingIfNeeded: self).byteSwapped) }
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
