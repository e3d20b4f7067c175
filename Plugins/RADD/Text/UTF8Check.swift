import Genera

/// Checks bytes before they are taken for text.
enum UTF8Check {
    /// The offset of the first byte that begins no letter of UTF-8; nil where all is text.
    static func firstFault(_ view: ByteView) -> Int? {
        view.withUnsafeBytes { bytes in
            var place = 0
            while place < bytes.count {
                // Eight letters of ASCII at a time.
                while place + 8 <= bytes.count,
                    bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self) & 0x8080_8080_8080_8080 == 0
                { place += 8 }
                guard place < bytes.count else { break }
                let length = letter(bytes, place)
                guard length > 0 else { return place }
                place += length
            }
            return nil
        }
    }

    /// Bytes of the letter that begins at a place; 0 where none does (Unicode 15, table 3-7).
    static func letter(_ bytes: UnsafeRawBufferPointer, _ place: Int) -> Int {
        let first = bytes[place]
        if first < 0x80 { return 1 }
        func follows(_ offset: Int, _ low: UInt8 = 0x80, _ high: UInt8 = 0xBF) -> Bool {
            place + offset < bytes.count && bytes[place + offset] >= low && bytes[place + offset] <= high
        }
        switch first {
        case 0xC2...0xDF: return follows(1) ? 2 : 0
        case 0xE0: return follows(1, 0xA0) && follows(2) ? 3 : 0
        case 0xED: return follows(1, 0x80, 0x9F) && follows(2) ? 3 : 0
        case 0xE1...0xEF: return follows(1) && follows(2) ? 3 : 0
        case 0xF0: return follows(1, 0x90) && follows(2) && follows(3) ? 4 : 0
        case 0xF4: return follows(1, 0x80, 0x8F) && follows(2) && follows(3) ? 4 : 0
        case 0xF1...0xF3: return follows(1) && follows(2) && follows(3) ? 4 : 0
        default: return 0
        }
    }
}
