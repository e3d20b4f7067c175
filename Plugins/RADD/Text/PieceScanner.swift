/// Cuts UTF-8 text into the pieces that GPT-2 encodes one by one:
///
///     's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
///
/// on Unicode scalars. The bytes must be UTF-8.
struct PieceScanner {
    private let bytes: UnsafeBufferPointer<UInt8>
    private var place = 0
    private let plane: UnsafeBufferPointer<LetterClass>

    /// A scanner of bytes; the table must outlive it.
    init(_ bytes: UnsafeBufferPointer<UInt8>, _ plane: UnsafeBufferPointer<LetterClass>) {
        (self.bytes, self.plane) = (bytes, plane)
    }

    /// The next piece; nil behind the last.
    mutating func next() -> Range<Int>? {
        let start = place
        guard start < bytes.count else { return nil }
        if bytes[start] == UInt8(ascii: "'"), let length = contraction(start) {
            place = start + length
            return start..<place
        }
        let first = kind(start)
        if first.kind == .space { return spaces(from: start) }
        place = run(of: first.kind, from: start + first.length)
        return start..<place
    }

    /// A run of white space: what follows it, if anything does, takes the last blank of it along if that is a space, and stands
    /// behind a piece of its own otherwise.
    private mutating func spaces(from start: Int) -> Range<Int> {
        var (end, last) = (start, start)
        while end < bytes.count {
            let next = kind(end)
            guard next.kind == .space else { break }
            (last, end) = (end, end + next.length)
        }
        if end == bytes.count || last == start {
            // A single space belongs to what follows.
            if end < bytes.count, bytes[start] == 32 {
                let next = kind(end)
                end = run(of: next.kind, from: end + next.length)
            }
            place = end
        } else {
            place = last
        }
        return start..<place
    }

    private func run(of wanted: LetterClass, from start: Int) -> Int {
        var end = start
        while end < bytes.count {
            let next = kind(end)
            guard next.kind == wanted else { break }
            end += next.length
        }
        return end
    }

    private func contraction(_ start: Int) -> Int? {
        guard start + 1 < bytes.count else { return nil }
        let second = bytes[start + 1]
        switch second {
        case UInt8(ascii: "s"), UInt8(ascii: "t"), UInt8(ascii: "m"), UInt8(ascii: "d"): return 2
        case UInt8(ascii: "r"), UInt8(ascii: "v"), UInt8(ascii: "l"):
            guard start + 2 < bytes.count else { return nil }
            return bytes[start + 2] == (second == UInt8(ascii: "l") ? second : UInt8(ascii: "e")) ? 3 : nil
        default: return nil
        }
    }

    /// The kind and the bytes of the letter at a place.
    @inline(__always)
    private func kind(_ place: Int) -> (kind: LetterClass, length: Int) {
        let first = bytes[place]
        if first < 0x80 { return (plane[Int(first)], 1) }
        let length = min(first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4, bytes.count - place)
        var value = UInt32(first) & (length == 2 ? 0x1F : length == 3 ? 0x0F : 0x07)
        for offset in 1..<max(length, 2) where offset < length {
            value = value << 6 | UInt32(bytes[place + offset] & 0x3F)
        }
        if value < 0x1_0000 { return (plane[Int(value)], length) }
        return (Unicode.Scalar(value).map { LetterClass($0) } ?? .other, length)
    }
}
