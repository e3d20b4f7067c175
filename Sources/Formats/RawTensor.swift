import Tensors

/// A tensor as it lies in a file: element type, shape and contiguous little-endian bytes in row-major order.
///
/// The bytes are a view of a mapped file where the file allows it, and a copy otherwise.
public struct RawTensor: Sendable {
    /// Type of the elements.
    public let dtype: DType
    /// Size of each dimension, slowest first; empty for a scalar.
    public let shape: [Int]
    /// The elements: `elementCount * dtype.byteCount` bytes.
    public let bytes: ByteView

    /// Number of elements, the product of the shape.
    public var elementCount: Int { bytes.count / dtype.byteCount }

    /// The object that keeps `bytes` alive, for tensors made over the same memory.
    public var owner: AnyObject { bytes.owner }

    /// Makes a tensor of elements that already lie contiguously in `bytes`.
    ///
    /// - Throws: ``FormatError`` for a negative size, or when shape and byte count disagree.
    public init(dtype: DType, shape: [Int], bytes: ByteView, file: String = "", place: String = "") throws {
        guard let count = Formats.elementCount(of: shape) else {
            throw FormatError(file: file, place: place, reason: "the shape \(shape) is negative or too large")
        }
        let (size, overflow) = count.multipliedReportingOverflow(by: dtype.byteCount)
        guard !overflow, size == bytes.count else {
            throw FormatError(
                file: file, place: place,
                reason:
                    "shape \(shape) of \(dtype) needs \(overflow ? "too many" : "\(size)") bytes, \(bytes.count) are there"
            )
        }
        self.init(unchecked: dtype, shape, bytes)
    }

    init(unchecked dtype: DType, _ shape: [Int], _ bytes: ByteView) {
        self.dtype = dtype
        self.shape = shape
        self.bytes = bytes
    }

    /// A `float32` tensor that copies `values`, whose count must be the product of `shape`.
    public init(_ values: [Float], shape: [Int]) {
        self.init(copying: values, .float32, shape)
    }

    /// A `float64` tensor that copies `values`, whose count must be the product of `shape`.
    public init(_ values: [Double], shape: [Int]) {
        self.init(copying: values, .float64, shape)
    }

    /// An `int64` tensor that copies `values`, whose count must be the product of `shape`.
    public init(_ values: [Int64], shape: [Int]) {
        self.init(copying: values, .int64, shape)
    }

    /// A `uint8` tensor that copies `values`, whose count must be the product of `shape`.
    public init(_ values: [UInt8], shape: [Int]) {
        self.init(copying: values, .uint8, shape)
    }

    private init<T: BitwiseCopyable>(copying values: [T], _ dtype: DType, _ shape: [Int]) {
        precondition(Formats.elementCount(of: shape) == values.count, "\(values.count) values for shape \(shape)")
        self.init(unchecked: dtype, shape, values.withUnsafeBytes { ByteView($0) })
    }

    /// Whether `baseAddress` may be used as a pointer to elements.
    public var isAligned: Bool {
        Int(bitPattern: bytes.baseAddress) % (dtype.byteCount == 16 ? 8 : dtype.byteCount) == 0
    }

    /// This tensor, or a copy of it in fresh memory when its bytes do not lie at a multiple of the element size.
    public func aligned() -> RawTensor {
        isAligned ? self : RawTensor(unchecked: dtype, shape, bytes.withUnsafeBytes { ByteView($0) })
    }
}
