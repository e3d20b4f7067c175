import Tensors

/// An element type of a safetensors file that is read.
enum SafetensorsType {
    case plain(DType), unsigned(NumpyType), float8(Float8)

    /// The codes of all of them.
    static let codes =
        DType.allCases.compactMap(\.safetensors) + ["U16", "U32", "U64"] + Float8.allCases.map(\.rawValue)

    init?(_ code: String) {
        if let dtype = DType.allCases.first(where: { $0.safetensors == code }) {
            self = .plain(dtype)
        } else if let small = Float8(rawValue: code) {
            self = .float8(small)
        } else if let type = ["U16": "<u2", "U32": "<u4", "U64": "<u8"][code].flatMap({ NumpyType($0) }) {
            self = .unsigned(type)
        } else {
            return nil
        }
    }

    /// Bits of one element of a type that is read or at least known; nil for others.
    static func bitCount(_ code: String) -> Int? {
        switch SafetensorsType(code) {
        case .plain(let dtype): 8 * dtype.byteCount
        case .unsigned(let type): 8 * type.byteCount
        case .float8: 8
        case nil: ["F8_E8M0": 8, "F6_E2M3": 6, "F6_E3M2": 6, "F4": 4][code]
        }
    }

    /// The type that PyTorch calls so, if it is one for which PyTorch has no storages of their own.
    init?(torch name: String) {
        if let small = Float8.allCases.first(where: { $0.torch == name }) {
            self = .float8(small)
        } else if let code = ["uint16": "U16", "uint32": "U32", "uint64": "U64"][name] {
            self.init(code)
        } else {
            return nil
        }
    }

    /// A storage of elements of this type that lie in bytes without a type.
    func storage(over bytes: ByteView, key: String, file: String, place: String) throws -> TensorStorage {
        let converted = try converted(bytes, file: file, place: place)
        return TensorStorage(dtype: dtype, key: key, count: converted.count / dtype.byteCount, bytes: converted)
    }

    /// The type that elements have once read.
    var dtype: DType {
        switch self {
        case .plain(let dtype): dtype
        case .unsigned(let type): type.dtype
        case .float8: .float32
        }
    }

    func converted(_ bytes: ByteView, file: String, place: String) throws -> ByteView {
        switch self {
        case .plain: bytes
        case .unsigned(let type): try type.converted(bytes, file: file, place: place)
        case .float8(let type): type.widened(bytes)
        }
    }
}

extension DType {
    /// The name in a safetensors header, or nil for the one type that the format lacks.
    var safetensors: String? {
        switch self {
        case .bool: "BOOL"
        case .uint8: "U8"
        case .int8: "I8"
        case .int16: "I16"
        case .int32: "I32"
        case .int64: "I64"
        case .float16: "F16"
        case .bfloat16: "BF16"
        case .float32: "F32"
        case .float64: "F64"
        case .complex64: "C64"
        case .complex128: nil
        }
    }
}
