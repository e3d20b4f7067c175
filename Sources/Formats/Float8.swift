import Tensors

/// Floating-point numbers of eight bits, which are read as `float32`.
enum Float8: String, CaseIterable {
    /// Four bits of exponent, three of fraction: up to 448, no infinities.
    case e4m3 = "F8_E4M3"
    /// Five bits of exponent, two of fraction: up to 57344, infinities and NaN as of IEEE 754.
    case e5m2 = "F8_E5M2"

    /// The name that PyTorch has for it.
    var torch: String { self == .e4m3 ? "float8_e4m3fn" : "float8_e5m2" }

    /// The number of a byte.
    func value(_ byte: UInt8) -> Float {
        let (bits, bias) = self == .e4m3 ? (3, 7) : (2, 15)
        let fraction = Int(byte) & ((1 << bits) - 1)
        let exponent = Int(byte & 0x7F) >> bits
        let sign: FloatingPointSign = byte & 0x80 == 0 ? .plus : .minus
        switch (self, exponent, fraction) {
        case (.e4m3, 15, 7): return .nan
        case (.e5m2, 31, 0): return sign == .plus ? .infinity : -.infinity
        case (.e5m2, 31, _): return .nan
        case (_, 0, _):
            return Float(sign: sign, exponent: 1 - bias - bits, significand: Float(fraction))
        default: return Float(sign: sign, exponent: exponent - bias - bits, significand: Float(fraction + (1 << bits)))
        }
    }

    /// The numbers of bytes, as `float32`.
    func widened(_ bytes: ByteView) -> ByteView {
        let table = (0...255).map { value(UInt8($0)) }
        return bytes.widened(UInt8.self) { table[Int($0)] }
    }
}
