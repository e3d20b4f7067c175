/// The type of a tensor's elements.
///
/// Raw values are LibTorch's `ScalarType` numbers, so that a value crosses the engine's C interface as it is.
public enum DType: Int32, Sendable, Hashable, CaseIterable, CustomStringConvertible {
    /// Unsigned 8-bit integer.
    case uint8 = 0
    /// Signed 8-bit integer.
    case int8 = 1
    /// Signed 16-bit integer.
    case int16 = 2
    /// Signed 32-bit integer.
    case int32 = 3
    /// Signed 64-bit integer.
    case int64 = 4
    /// IEEE 754 half precision.
    case float16 = 5
    /// IEEE 754 single precision.
    case float32 = 6
    /// IEEE 754 double precision.
    case float64 = 7
    /// Pair of single-precision numbers.
    case complex64 = 9
    /// Pair of double-precision numbers.
    case complex128 = 10
    /// Truth value, one byte.
    case bool = 11
    /// Brain floating point: 8 exponent bits, 7 fraction bits.
    case bfloat16 = 15

    /// Bytes of one element.
    public var byteCount: Int {
        switch self {
        case .uint8, .int8, .bool: 1
        case .int16, .float16, .bfloat16: 2
        case .int32, .float32: 4
        case .int64, .float64, .complex64: 8
        case .complex128: 16
        }
    }

    /// Whether elements are real floating-point numbers.
    public var isFloatingPoint: Bool {
        switch self {
        case .float16, .bfloat16, .float32, .float64: true
        default: false
        }
    }

    /// The name used in messages, for example `float32`.
    public var description: String {
        switch self {
        case .uint8: "uint8"
        case .int8: "int8"
        case .int16: "int16"
        case .int32: "int32"
        case .int64: "int64"
        case .float16: "float16"
        case .float32: "float32"
        case .float64: "float64"
        case .complex64: "complex64"
        case .complex128: "complex128"
        case .bool: "bool"
        case .bfloat16: "bfloat16"
        }
    }
}
