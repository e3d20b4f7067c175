import Tensors

/// What a pickle holds, as plain data. Nothing in a pickle is ever run.
public indirect enum PickleValue: Sendable {
    case none
    case bool(Bool)
    case int(Int)
    /// An integer beyond `Int`: its bytes in two's complement, lowest first.
    case bigInt([UInt8])
    case float(Double)
    case string(String)
    case bytes(ByteView)
    case list([PickleValue])
    case tuple([PickleValue])
    case dictionary(PickleDictionary)
    case set([PickleValue])
    case tensor(TensorRecord)
    /// A tensor's storage by itself.
    case storage(TensorStorage)
    case object(PickleObject)
    /// A class or function that is known and harmless, by its full name, for example `torch.float32`.
    case global(String)
    /// A reference from inside a container to the container itself.
    case recursive

    /// The truth value, or nil when this is something else.
    public var bool: Bool? { if case .bool(let value) = self { value } else { nil } }

    /// The integer, or nil when this is something else.
    public var int: Int? { if case .int(let value) = self { value } else { nil } }

    /// The number, for integers too, or nil when this is something else.
    public var double: Double? {
        switch self {
        case .float(let value): value
        case .int(let value): Double(value)
        default: nil
        }
    }

    /// The text, or nil when this is something else.
    public var string: String? { if case .string(let value) = self { value } else { nil } }

    /// The items of a list, a tuple or a set, or nil when this is something else.
    public var items: [PickleValue]? {
        switch self {
        case .list(let items), .tuple(let items), .set(let items): items
        default: nil
        }
    }

    /// The dictionary, or nil when this is something else.
    public var dictionary: PickleDictionary? { if case .dictionary(let value) = self { value } else { nil } }

    /// The object, or nil when this is something else.
    public var object: PickleObject? { if case .object(let value) = self { value } else { nil } }

    /// The tensor, or nil when this is something else.
    public var tensor: TensorRecord? { if case .tensor(let value) = self { value } else { nil } }

    /// The value at a text key when this is a dictionary that has it.
    public subscript(key: String) -> PickleValue? { dictionary?[key] }

    /// What kind of value this is, in words for messages.
    public var kind: String {
        switch self {
        case .none: "None"
        case .bool: "a truth value"
        case .int, .bigInt: "an integer"
        case .float: "a number"
        case .string: "a text"
        case .bytes: "bytes"
        case .list: "a list"
        case .tuple: "a tuple"
        case .dictionary: "a dictionary"
        case .set: "a set"
        case .tensor: "a tensor"
        case .storage: "a storage"
        case .object(let object): "an object of class \(object.className)"
        case .global(let name): name
        case .recursive: "a reference to its own container"
        }
    }
}

/// A dictionary of a pickle: keys in the order of their first setting, the value of the last one.
public struct PickleDictionary: Sendable {
    /// Keys and values in order.
    public private(set) var entries: [(key: PickleValue, value: PickleValue)] = []
    private var positions: [Key: Int] = [:]

    private enum Key: Hashable { case string(String), int(Int) }

    /// Makes an empty dictionary.
    public init() {}

    /// How many keys there are.
    public var count: Int { entries.count }

    /// The keys that are texts, in order.
    public var names: [String] { entries.compactMap(\.key.string) }

    /// The value at a text key.
    public subscript(key: String) -> PickleValue? { positions[.string(key)].map { entries[$0].value } }

    /// The value at an integer key.
    public subscript(key: Int) -> PickleValue? { positions[.int(key)].map { entries[$0].value } }

    mutating func set(_ key: PickleValue, _ value: PickleValue) {
        let name: Key? =
            switch key {
            case .string(let text): .string(text)
            case .int(let number): .int(number)
            default: nil
            }
        if let name, let position = positions[name] {
            entries[position].value = value
        } else {
            if let name { positions[name] = entries.count }
            entries.append((key, value))
        }
    }
}

/// An instance of one of the few known classes, kept as data.
public struct PickleObject: Sendable {
    /// The class: a full name, or for EDM's persistent objects the bare name such as `EDMPrecond`.
    public let className: String
    /// What the constructor was given; for a persistent object, the one dictionary that describes it.
    public let arguments: [PickleValue]
    /// The instance's state, usually a dictionary of its attributes; `.none` when there is none.
    public let state: PickleValue
}

/// The memory of one or more tensors.
public final class TensorStorage: @unchecked Sendable {
    // Sound because `bytes` is set before the reader hands the storage out, and never after.
    /// Type of the elements.
    public let dtype: DType
    /// Name inside the archive.
    public let key: String
    /// How many elements the memory holds, of `dtype.byteCount` bytes each.
    public let count: Int
    /// The elements, little-endian; at least `count * dtype.byteCount` bytes.
    public internal(set) var bytes: ByteView?

    init(dtype: DType, key: String, count: Int, bytes: ByteView? = nil) {
        self.dtype = dtype
        self.key = key
        self.count = count
        self.bytes = bytes
    }
}

/// A tensor as a pickle describes it: a window of a storage.
public struct TensorRecord: Sendable {
    /// The memory, which several tensors may share.
    public let storage: TensorStorage
    /// First element's position in the storage, counted in elements.
    public let offset: Int
    /// Size of each dimension.
    public let shape: [Int]
    /// Distance between neighbours in each dimension, counted in elements.
    public let strides: [Int]

    /// Type of the elements.
    public var dtype: DType { storage.dtype }

    /// The tensor's elements, shared with the file where they are contiguous there.
    ///
    /// - Throws: ``FormatError`` when an element lies outside the storage; `file` and `place` say where in the message.
    public func rawTensor(file: String, place: String = "") throws -> RawTensor {
        guard let bytes = storage.bytes else {
            throw FormatError(file: file, place: place, reason: "the storage \(quoted(storage.key)) is missing")
        }
        return try RawTensor(
            dtype: dtype, shape: shape, strides: strides, offset: offset, storage: bytes, file: file, place: place)
    }
}
