import Tensors

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

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

    /// Floating-point elements rounded to float16, to the nearest and of two to the even one; others as they are.
    public func halved() -> RawTensor {
        guard dtype.isFloatingPoint, dtype != .float16 else { return self }
        let bits = doubles().map(halfBits)
        return RawTensor(unchecked: .float16, shape, bits.withUnsafeBytes { ByteView($0) })
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

/// The bits of the half-precision number nearest to a number.
private func halfBits(_ value: Double) -> UInt16 {
    let sign: UInt16 = value.sign == .minus ? 0x8000 : 0
    let size = value.magnitude
    if size.isNaN { return sign | 0x7E00 }
    // Halfway from the largest number to what would be the next, and above.
    if size >= 65520 { return sign | 0x7C00 }
    // Steps between neighbours are 2^-24 below 2^-14, and 2^-10 of the power of two above.
    let exponent = size < 0x1p-14 ? -14 : Int(size.exponent)
    let steps = (size * scalbn(1, 10 - exponent)).rounded(.toNearestOrEven)
    // The carry of a fraction that rounds up to 2 goes into the exponent by itself.
    let base = size < 0x1p-14 ? 0 : UInt16(exponent + 14) << 10
    return sign | (base + UInt16(steps))
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
