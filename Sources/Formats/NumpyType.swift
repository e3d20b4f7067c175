import Tensors

/// The element type of a numpy array, from its code such as `<f4`.
struct NumpyType {
    enum Kind { case plain(DType), unsigned(Int) }

    /// Kind and width without the byte order, for example `f4`.
    let code: String
    let kind: Kind
    var isBigEndian: Bool

    init?(_ text: String) {
        var rest = text[...]
        var big = false
        if let first = rest.first, "<>|=".contains(first) {
            big = first == ">"
            rest = rest.dropFirst()
        }
        guard let kind = Self.kinds[String(rest)] else { return nil }
        code = String(rest)
        self.kind = kind
        isBigEndian = big
    }

    private static let kinds: [String: Kind] = [
        "b1": .plain(.bool), "?": .plain(.bool), "u1": .plain(.uint8), "i1": .plain(.int8), "i2": .plain(.int16),
        "i4": .plain(.int32), "i8": .plain(.int64), "f2": .plain(.float16), "f4": .plain(.float32),
        "f8": .plain(.float64),
        "c8": .plain(.complex64), "c16": .plain(.complex128),
        "u2": .unsigned(2), "u4": .unsigned(4), "u8": .unsigned(8),
    ]

    /// Bytes of one element in the file.
    var byteCount: Int {
        switch kind {
        case .plain(let dtype): dtype.byteCount
        case .unsigned(let count): count
        }
    }

    /// The type that elements have once read; unsigned numbers of 16 and 32 bits widen to the next signed type.
    var dtype: DType {
        switch kind {
        case .plain(let dtype): dtype
        case .unsigned(2): .int32
        case .unsigned: .int64
        }
    }

    /// Elements of this type as little-endian elements of `dtype`; the bytes are shared where they are that already.
    ///
    /// - Throws: ``FormatError`` for an unsigned 64-bit number that `int64` cannot hold.
    func converted(_ bytes: ByteView, file: String, place: String) throws -> ByteView {
        switch kind {
        case .plain(let dtype):
            // A complex number is two numbers, each in the file's byte order.
            let width = dtype == .complex64 || dtype == .complex128 ? dtype.byteCount / 2 : dtype.byteCount
            return isBigEndian && width > 1 ? bytes.swapped(width) : bytes
        case .unsigned(let width):
            let source = isBigEndian ? bytes.swapped(width) : bytes
            if width == 2 { return source.widened(UInt16.self) { Int32($0) } }
            if width == 4 { return source.widened(UInt32.self) { Int64($0) } }
            let isTooLarge = source.withUnsafeBytes { raw in
                stride(from: 7, to: raw.count, by: 8).contains { raw[$0] >= 128 }
            }
            if isTooLarge {
                throw FormatError(file: file, place: place, reason: "an unsigned 64-bit number exceeds int64")
            }
            return source
        }
    }
}

/// The type of numpy's texts, from its code such as `<U5` (five characters) or `|S5` (five bytes).
struct NumpyText {
    private let isWide: Bool
    private let isBigEndian: Bool
    private let length: Int

    init?(_ code: String) {
        var rest = code[...]
        isBigEndian = rest.first == ">"
        if let first = rest.first, "<>|=".contains(first) { rest = rest.dropFirst() }
        guard let kind = rest.first, kind == "U" || kind == "S", let length = Int(rest.dropFirst()),
            (0...(1 << 20)).contains(length)
        else { return nil }
        isWide = kind == "U"
        self.length = length
    }

    /// Bytes of one text.
    var byteCount: Int { isWide ? 4 * length : length }

    /// The texts without the zeros behind them; nil for one that is no text.
    func texts(_ view: ByteView) -> [String?] {
        view.withUnsafeBytes { bytes in
            stride(from: 0, to: bytes.count, by: byteCount).map { start in
                let part = bytes[start..<start + byteCount]
                guard isWide else { return String(validating: part.prefix { $0 != 0 }, as: UTF8.self) }
                var text = String.UnicodeScalarView()
                for place in stride(from: start, to: start + byteCount, by: 4) {
                    let raw = bytes.loadUnaligned(fromByteOffset: place, as: UInt32.self)
                    let value = isBigEndian ? UInt32(bigEndian: raw) : UInt32(littleEndian: raw)
                    if value == 0 { break }
                    guard let scalar = Unicode.Scalar(value) else { return nil }
                    text.append(scalar)
                }
                return String(text)
            }
        }
    }
}

extension ByteView {
    /// A copy with the bytes of each group of `width` reversed.
    func swapped(_ width: Int) -> ByteView {
        withUnsafeBytes { source in
            ByteView(
                Memory(count: source.count) { target in
                    for start in stride(from: 0, to: source.count - width + 1, by: width) {
                        for i in 0..<width { target[start + i] = source[start + width - 1 - i] }
                    }
                })
        }
    }

    func widened<From: BitwiseCopyable, To: BitwiseCopyable>(_ type: From.Type, _ convert: (From) -> To) -> ByteView {
        withUnsafeBytes { source in
            let (narrow, wide) = (MemoryLayout<From>.size, MemoryLayout<To>.size)
            let count = source.count / narrow
            return ByteView(
                Memory(count: count * wide) { target in
                    for i in 0..<count {
                        let value = source.loadUnaligned(fromByteOffset: i * narrow, as: From.self)
                        target.storeBytes(of: convert(value), toByteOffset: i * wide, as: To.self)
                    }
                })
        }
    }
}
