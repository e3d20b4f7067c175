/// How a camera was held, as photographs note it (Exif 2.32, tag 0x0112): what has to be done to see the picture upright.
struct PictureOrientation: Equatable {
    /// 1...8; 1 is upright.
    let value: Int

    /// The orientation that a JPEG file notes, upright if none or none that makes sense.
    init(jpeg bytes: [UInt8]) { value = Self.segment(of: bytes).flatMap { Self.tag(in: bytes, $0) } ?? 1 }

    /// The picture as it should be seen.
    func upright(_ image: Image) -> Image {
        switch value {
        case 2: image.flippedHorizontally()
        case 3: image.flippedHorizontally().flippedVertically()
        case 4: image.flippedVertically()
        case 5: image.transposed()
        case 6: image.transposed().flippedHorizontally()
        case 7: image.transposed().flippedHorizontally().flippedVertically()
        case 8: image.transposed().flippedVertically()
        default: image
        }
    }

    /// Where the TIFF structure of the Exif segment lies.
    private static func segment(of bytes: [UInt8]) -> Range<Int>? {
        var offset = 2
        while offset + 4 <= bytes.count, bytes[offset] == 0xFF {
            let marker = bytes[offset + 1]
            if marker == 0xFF { offset += 1; continue }
            // The picture begins: nothing of the kind follows.
            if marker == 0xDA || marker == 0xD9 { return nil }
            let end = offset + 2 + bytes.bigEndian16(at: offset + 2)
            guard end <= bytes.count, end >= offset + 4 else { return nil }
            let body = bytes[offset + 4..<end]
            if marker == 0xE1, body.starts(with: Array("Exif\0\0".utf8)) { return body.startIndex + 6..<end }
            offset = end
        }
        return nil
    }

    private static func tag(in bytes: [UInt8], _ range: Range<Int>) -> Int? {
        let isLittle = bytes[range].starts(with: Array("II".utf8))
        guard isLittle || bytes[range].starts(with: Array("MM".utf8)) else { return nil }
        func number(_ offset: Int, _ count: Int) -> Int? {
            guard offset >= 0, offset + count <= range.count else { return nil }
            let part = bytes[range.lowerBound + offset..<range.lowerBound + offset + count]
            return isLittle ? part.reversed().reduce(0) { $0 << 8 | Int($1) } : part.reduce(0) { $0 << 8 | Int($1) }
        }
        guard number(2, 2) == 42, let folder = number(4, 4), let count = number(folder, 2) else { return nil }
        for entry in 0..<count {
            let start = folder + 2 + 12 * entry
            guard let tag = number(start, 2) else { return nil }
            guard tag == 0x0112 else { continue }
            // One number of 16 bits.
            guard number(start + 2, 2) == 3, let value = number(start + 8, 2) else { return nil }
            return (1...8).contains(value) ? value : nil
        }
        return nil
    }
}
