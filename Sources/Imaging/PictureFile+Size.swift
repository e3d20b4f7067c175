import CWebP
import Platform

extension Image {
    /// The width and height of a PNG, JPEG or WebP file, of which no more than the beginning is read. The orientation that a photograph
    /// notes is not applied.
    ///
    /// - Throws: `ImagingError` when the file is damaged or of another kind; `FileError` when it cannot be read.
    public static func size(path: String) throws -> (width: Int, height: Int) {
        let view = try MappedFile(path: path).view
        return try naming(path) { try view.withUnsafeBytes { try size(of: $0) } }
    }

    /// The width and height of a PNG, JPEG or WebP picture in memory.
    static func size(of bytes: UnsafeRawBufferPointer) throws -> (width: Int, height: Int) {
        let found: (width: Int, height: Int)?
        switch PictureFormat(bytes.prefix(12)) {
        case .png: found = bytes.count < 24 ? nil : (big(bytes, 16, 4), big(bytes, 20, 4))
        case .jpeg: found = jpegSize(bytes)
        case .webP:
            var features = WebPBitstreamFeatures()
            let start = bytes.bindMemory(to: UInt8.self).baseAddress
            let status = WebPGetFeatures(start, bytes.count, &features)
            found = status == VP8_STATUS_OK ? (Int(features.width), Int(features.height)) : nil
        case nil:
            throw ImagingError(noPicture: bytes.prefix(512))
        }
        // PNG's sides have 31 bits, so that their product is a number, too.
        guard let found, found.width > 0, found.height > 0, max(found.width, found.height) < 1 << 31 else {
            throw ImagingError(
                reason: "the picture's header is damaged or cut short", advice: "Copy or download the file again.")
        }
        return found
    }

    /// Walks the segments to the one that begins the frame.
    private static func jpegSize(_ bytes: UnsafeRawBufferPointer) -> (width: Int, height: Int)? {
        var offset = 2
        while offset + 9 <= bytes.count {
            guard bytes[offset] == 0xFF else { offset += 1; continue }
            let marker = bytes[offset + 1]
            switch marker {
            case 0xFF: offset += 1
            case 0x01, 0xD0...0xD8: offset += 2
            // All that begin a frame: the others of the range are tables.
            case 0xC0...0xCF where ![0xC4, 0xC8, 0xCC].contains(marker):
                return (big(bytes, offset + 7, 2), big(bytes, offset + 5, 2))
            case 0xD9, 0xDA: return nil
            default: offset += 2 + max(big(bytes, offset + 2, 2), 2)
            }
        }
        return nil
    }

    private static func big(_ bytes: UnsafeRawBufferPointer, _ offset: Int, _ count: Int) -> Int {
        (offset..<offset + count).reduce(0) { $0 << 8 | Int(bytes[$1]) }
    }
}
