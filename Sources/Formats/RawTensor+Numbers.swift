import Tensors

extension RawTensor {
    /// All elements as `Float`, in row-major order. A complex element gives two numbers, real then imaginary.
    ///
    /// 64-bit numbers are rounded to the nearest; truth values give 0 and 1.
    public func floats() -> [Float] {
        switch dtype {
        case .float32, .complex64: elements(Float.self) { $0 }
        default: doubles().map { Float($0) }
        }
    }

    /// All elements as `Double`, in row-major order. A complex element gives two numbers, real then imaginary.
    public func doubles() -> [Double] {
        switch dtype {
        case .uint8: elements(UInt8.self) { Double($0) }
        case .int8: elements(Int8.self) { Double($0) }
        case .int16: elements(Int16.self) { Double($0) }
        case .int32: elements(Int32.self) { Double($0) }
        case .int64: elements(Int64.self) { Double($0) }
        case .float16: elements(UInt16.self) { Double(float(half: $0)) }
        case .bfloat16: elements(UInt16.self) { Double(Float(bitPattern: UInt32($0) << 16)) }
        case .float32, .complex64: elements(Float.self) { Double($0) }
        case .float64, .complex128: elements(Double.self) { $0 }
        case .bool: elements(UInt8.self) { $0 == 0 ? 0 : 1 }
        }
    }

    /// All elements as `Int64`, in row-major order.
    ///
    /// Fractions are cut towards zero, numbers outside the range become its nearest end, and NaN becomes 0.
    public func int64s() -> [Int64] {
        switch dtype {
        case .uint8: elements(UInt8.self) { Int64($0) }
        case .int8: elements(Int8.self) { Int64($0) }
        case .int16: elements(Int16.self) { Int64($0) }
        case .int32: elements(Int32.self) { Int64($0) }
        case .int64: elements(Int64.self) { $0 }
        case .bool: elements(UInt8.self) { $0 == 0 ? 0 : 1 }
        default: doubles().map(clamped)
        }
    }

    private func elements<T: BitwiseCopyable, R>(_ type: T.Type, _ convert: (T) -> R) -> [R] {
        bytes.withUnsafeBytes { source in
            let width = MemoryLayout<T>.size
            return [R](unsafeUninitializedCapacity: source.count / width) { target, count in
                for i in 0..<source.count / width {
                    (target.baseAddress! + i).initialize(
                        to: convert(source.loadUnaligned(fromByteOffset: i * width, as: T.self)))
                }
                count = source.count / width
            }
        }
    }
}

private func clamped(_ value: Double) -> Int64 {
    if value.isNaN { return 0 }
    return Int64(exactly: value.rounded(.towardZero)) ?? (value < 0 ? .min : .max)
}

/// IEEE 754 half precision, by its bits; `Float16` does not exist on every platform.
private func float(half bits: UInt16) -> Float {
    let sign = UInt32(bits & 0x8000) << 16
    let exponent = UInt32(bits >> 10) & 0x1F
    let fraction = UInt32(bits & 0x3FF)
    switch exponent {
    case 0: return Float(sign: sign == 0 ? .plus : .minus, exponent: 0, significand: Float(fraction) * 0x1p-24)
    case 31: return Float(bitPattern: sign | 0x7F80_0000 | fraction << 13)
    default: return Float(bitPattern: sign | (exponent + 112) << 23 | fraction << 13)
    }
}
