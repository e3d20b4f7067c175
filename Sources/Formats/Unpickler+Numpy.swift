import Tensors

extension Unpickler {
    func numpyType(_ items: [Slot]) throws -> NumpyType {
        guard case .string(let code)? = items.first else { throw error("a numpy type without a code") }
        guard let type = NumpyType(code) else {
            throw error("numpy type \(quoted(code)) is not read", advice: "only numbers and truth values are")
        }
        return type
    }

    private func numpyType(_ slot: Slot) throws -> NumpyType {
        guard case .node(let index) = slot, case .numpyType(let type) = nodes[index].kind else {
            throw error("not a numpy type")
        }
        return type
    }

    mutating func pushNumpyScalar(_ items: [Slot]) throws {
        guard items.count == 2, case .bytes(let bytes) = items[1] else {
            throw error("a numpy number that is not bytes")
        }
        let type = try numpyType(items[0])
        guard bytes.count == type.byteCount else {
            throw error("a numpy number of \(type.byteCount) bytes has \(bytes.count)")
        }
        let value = RawTensor(unchecked: type.dtype, [], try type.converted(bytes, file: file, place: place))
        switch type.dtype {
        case .bool: push(.bool(value.int64s()[0] != 0))
        case .complex64, .complex128: push(.tuple, value.doubles().map { .float($0) })
        case _ where type.dtype.isFloatingPoint: push(.float(value.doubles()[0]))
        default: push(.int(Int(value.int64s()[0])))
        }
    }

    /// State of an array: version, shape, type, whether in column order, bytes.
    mutating func numpyArray(_ state: Slot) throws -> TensorRecord {
        guard let fields = tuple(state), fields.count == 5, let shape = integers(fields[1]),
            case .bool(let isFortran) = fields[3],
            case .bytes(let bytes) = fields[4]
        else { throw error("a numpy array that is not described by version, shape, type, order and bytes") }
        return try numpyArray(bytes, try numpyType(fields[2]), shape, isFortran)
    }

    /// `_frombuffer(bytes, type, shape, order)`, as protocol 5 writes arrays.
    mutating func numpyBuffer(_ items: [Slot]) throws -> TensorRecord {
        guard items.count == 4, case .bytes(let bytes) = items[0], let shape = integers(items[2]),
            case .string(let order) = items[3]
        else { throw error("a numpy array that is not described by bytes, type, shape and order") }
        return try numpyArray(bytes, try numpyType(items[1]), shape, order == "F")
    }

    private mutating func numpyArray(_ bytes: ByteView, _ type: NumpyType, _ shape: [Int], _ isFortran: Bool) throws
        -> TensorRecord
    {
        guard let count = elementCount(of: shape), count <= bytes.count, count * type.byteCount == bytes.count else {
            throw error("a numpy array of shape \(shape) and type \(type.code) in \(bytes.count) bytes")
        }
        try spend(bytes.count)
        let converted = try type.converted(bytes, file: file, place: place)
        let storage = TensorStorage(dtype: type.dtype, key: "numpy", count: count, bytes: converted)
        let order = isFortran ? Array(shape.indices) : shape.indices.reversed()
        var strides = [Int](repeating: 1, count: shape.count)
        var stride = 1
        for axis in order {
            strides[axis] = stride
            stride *= max(shape[axis], 1)
        }
        return TensorRecord(storage: storage, offset: 0, shape: shape, strides: strides)
    }
}
