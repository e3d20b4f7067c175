import Formats
import Platform
import Tensors

extension Tensor {
    /// A tensor over the memory of one that lies in a file: nothing is copied, and the file is only read where needed.
    /// Changes in place stay in this process.
    public init(_ raw: RawTensor, file: StaticString = #fileID, line: UInt = #line) {
        let aligned = raw.aligned()
        self.init(
            mapping: UnsafeMutableRawPointer(mutating: aligned.bytes.baseAddress), dtype: aligned.dtype,
            shape: aligned.shape, owner: aligned.owner, file: file, line: line)
    }
}

extension RawTensor {
    /// A copy of a tensor's elements, in their own type.
    ///
    /// - Throws: the tensor's error, or that of a type that files do not hold.
    public init(_ tensor: Tensor) throws {
        let bytes: ByteView
        switch tensor.dtype {
        case .uint8: bytes = view(try tensor.array(of: UInt8.self))
        case .bool: bytes = view(try tensor.array(of: Bool.self))
        case .float32: bytes = view(try tensor.array(of: Float.self))
        case .float64: bytes = view(try tensor.array(of: Double.self))
        case .int32: bytes = view(try tensor.array(of: Int32.self))
        case .int64: bytes = view(try tensor.array(of: Int64.self))
        case .float16: bytes = view(try tensor.array(of: Float16Bits.self))
        case .bfloat16: bytes = view(try tensor.array(of: BFloat16Bits.self))
        case .int8, .int16, .complex64, .complex128:
            throw GeneraError.software("A tensor of \(tensor.dtype) cannot be written to a file.")
        }
        try self.init(dtype: tensor.dtype, shape: tensor.shape.sizes, bytes: bytes)
    }
}

private func view<T: BitwiseCopyable>(_ values: [T]) -> ByteView { values.withUnsafeBytes { ByteView($0) } }

private struct Float16Bits: TensorElement, BitwiseCopyable {
    static let dtype = DType.float16
    var bits: UInt16
}

private struct BFloat16Bits: TensorElement, BitwiseCopyable {
    static let dtype = DType.bfloat16
    var bits: UInt16
}
