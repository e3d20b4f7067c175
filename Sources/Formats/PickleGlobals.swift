import Tensors

/// A class or function that a pickle may name, and what the reader makes of it.
struct PickleGlobal {
    enum Role {
        /// A dictionary. Attributes set on it are entries too (`EasyDict`) or are dropped (`OrderedDict`).
        case dictionary(keepsAttributes: Bool)
        case list, tuple, set, bytes
        case encode
        case rebuildTensor, rebuildParameter, loadFromBytes
        /// A tensor over bytes without a type, which is named beside them.
        case rebuildTypedTensor
        case storage(DType)
        case persistentObject, module
        case numpyType, numpyScalar, numpyReconstruct, numpyBuffer
        /// May be mentioned, but not called.
        case inert
    }

    let name: String
    let role: Role

    /// The entry of the allow-list for a name, or nil.
    init?(module: String, name: String) {
        self.name = "\(module).\(name)"
        if let role = Self.plain[self.name] {
            self.role = role
        } else if module == "persistence" || module.hasSuffix(".persistence"), name == "_reconstruct_persistent_obj" {
            role = .persistentObject
        } else if module == "torch" || module == "torch.cuda" || module == "torch.storage" {
            if let dtype = Self.storages[name] {
                role = .storage(dtype)
            } else if module == "torch", Self.dtypes.contains(name) {
                role = .inert
            } else {
                return nil
            }
        } else {
            return nil
        }
    }

    private static let plain: [String: Role] = [
        "collections.OrderedDict": .dictionary(keepsAttributes: false),
        "easydict.EasyDict": .dictionary(keepsAttributes: true),
        "dnnlib.util.EasyDict": .dictionary(keepsAttributes: true),
        "argparse.Namespace": .dictionary(keepsAttributes: true),
        "types.SimpleNamespace": .dictionary(keepsAttributes: true),
        "builtins.dict": .dictionary(keepsAttributes: false),
        "builtins.list": .list, "builtins.tuple": .tuple, "torch.Size": .tuple,
        "builtins.set": .set, "builtins.frozenset": .set, "__builtin__.set": .set, "__builtin__.frozenset": .set,
        "builtins.bytes": .bytes, "builtins.bytearray": .bytes, "__builtin__.bytes": .bytes,
        "__builtin__.bytearray": .bytes,
        "_codecs.encode": .encode,
        "torch._utils._rebuild_tensor": .rebuildTensor,
        "torch._utils._rebuild_tensor_v2": .rebuildTensor,
        "torch._utils._rebuild_tensor_v3": .rebuildTypedTensor,
        "torch._utils._rebuild_parameter": .rebuildParameter,
        "torch._utils._rebuild_parameter_with_state": .rebuildParameter,
        "torch.storage._load_from_bytes": .loadFromBytes,
        "torch.nn.modules.container.ModuleDict": .module,
        "torch.nn.modules.container.ModuleList": .module,
        "torch.nn.modules.container.Sequential": .module,
        "torch.nn.modules.container.ParameterList": .module,
        "torch.nn.modules.container.ParameterDict": .module,
        "torch.device": .inert,
        "numpy.dtype": .numpyType, "numpy.ndarray": .inert,
        "numpy.core.multiarray.scalar": .numpyScalar, "numpy._core.multiarray.scalar": .numpyScalar,
        "numpy.core.numeric._frombuffer": .numpyBuffer, "numpy._core.numeric._frombuffer": .numpyBuffer,
        "numpy.core.multiarray._reconstruct": .numpyReconstruct,
        "numpy._core.multiarray._reconstruct": .numpyReconstruct,
    ]

    private static let storages: [String: DType] = [
        "FloatStorage": .float32, "DoubleStorage": .float64, "HalfStorage": .float16, "BFloat16Storage": .bfloat16,
        "LongStorage": .int64, "IntStorage": .int32, "ShortStorage": .int16, "CharStorage": .int8,
        "ByteStorage": .uint8,
        "BoolStorage": .bool, "ComplexFloatStorage": .complex64, "ComplexDoubleStorage": .complex128,
        "UntypedStorage": .uint8,
    ]

    private static let dtypes: Set<String> = [
        "float32", "float64", "float16", "bfloat16", "int64", "int32", "int16", "int8", "uint8", "bool", "complex64",
        "complex128", "float", "double", "half", "long", "int", "short", "uint16", "uint32", "uint64", "float8_e4m3fn",
        "float8_e5m2",
    ]
}
