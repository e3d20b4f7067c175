import Platform

@testable import Imaging

extension Reader {
    /// Pixels of the largest picture that is read here.
    private static let limits = PNG.Limits(pixels: 1 << 22, chunkBytes: 1 << 20)

    /// Pictures.
    static let pictures: [Reader] = [
        Reader("png") { view in
            for bytes in try damaged(view) { blackHole(try? PNG.decode(bytes, limits: limits)) }
            blackHole(try PNG.decode(view.array(), limits: limits))
        },
        Reader("apng") { view in
            for bytes in try damaged(view) { blackHole(try? APNG.decode(bytes, limits: limits)) }
            blackHole(try APNG.decode(view.array(), limits: limits))
        },
        Reader("png-text") { view in
            for bytes in try damaged(view) { blackHole(try? PNG.text(in: bytes, limits: limits)) }
            blackHole(try PNG.text(in: view.array(), limits: limits))
        },
        Reader("jpeg") { blackHole(try JPEG.read($0.array(), pixelLimit: limits.pixels)) },
        Reader("webp") { blackHole(try WebP.read($0.array(), pixelLimit: limits.pixels)) },
        // What is asked of pictures before they are read.
        Reader("picture-size") { view in
            let bytes = view.array()
            blackHole(PictureFormat.sizeLimit(head: bytes))
            blackHole(PictureFormat.unread(bytes, name: "a.heic"))
            blackHole(PictureOrientation(jpeg: bytes))
            blackHole(try bytes.withUnsafeBytes { try Image.size(of: $0) })
        },
    ]

    /// A PNG file with checksums that are right, so that damage reaches what lies behind them.
    private static func damaged(_ view: ByteView) throws -> [[UInt8]] {
        let bytes = view.array()
        var (rebuilt, offset) = (Array(bytes.prefix(8)), 8)
        while bytes.count - offset >= 12 {
            let length = min(Int(bytes.bigEndian32(at: offset)), bytes.count - offset - 12)
            let type = bytes[offset + 4..<offset + 8]
            guard let name = String(validating: type, as: UTF8.self) else { break }
            rebuilt.appendChunk(name, bytes[offset + 8..<offset + 8 + length])
            offset += 12 + length
        }
        return [rebuilt]
    }
}
