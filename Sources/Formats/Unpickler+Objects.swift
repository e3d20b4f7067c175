import Tensors

extension Unpickler {
    mutating func executeObject(_ code: UInt8) throws {
        switch code {
        case UInt8(ascii: "c"):
            let module = try line("a module's name")
            push(.global(try global(module, try line("a class's name"))))
        case 0x93:
            guard case .string(let name) = try pop(), case .string(let module) = try pop() else {
                throw error("a class's name is not a text")
            }
            push(.global(try global(module, name)))
        case UInt8(ascii: "R"):
            let arguments = try pop()
            try reduce(try pop(), arguments)
        case 0x92:
            let options = try pop()
            guard case .node(let index) = options, nodes[index].items.isEmpty else {
                throw error("named constructor arguments are not read")
            }
            fallthrough
        case 0x81:
            let arguments = try pop()
            try reduce(try pop(), arguments)
        case UInt8(ascii: "b"):
            let state = try pop()
            try build(try top(), state)
        default: try pushStorage(try pop())
        }
    }

    private func global(_ module: String, _ name: String) throws -> PickleGlobal {
        guard let global = PickleGlobal(module: module, name: name) else { throw refusal("\(module).\(name)") }
        return global
    }

    /// What calling a class or function of the allow-list would give, made from data alone.
    private mutating func reduce(_ callee: Slot, _ arguments: Slot) throws {
        guard case .global(let global) = callee else { throw error("something that is not a class is called") }
        guard let items = tuple(arguments) else { throw error("the arguments of \(global.name) are not a tuple") }
        try spend(items.count)
        switch global.role {
        case .dictionary(let keepsAttributes): try pushDictionary(keepsAttributes, items)
        case .list: push(.list, try copiedItems(items))
        case .tuple: push(.tuple, try copiedItems(items))
        case .set: push(.set, try copiedItems(items))
        case .bytes: push(.bytes(try bytes(items, global)))
        case .encode: push(.bytes(try encoded(items)))
        case .rebuildTensor: push(.tensor(try tensor(items)))
        case .rebuildTypedTensor: push(.tensor(try typedTensor(items)))
        case .rebuildParameter:
            guard let data = items.first else { throw error("a parameter without data") }
            push(data)
        case .loadFromBytes: try pushNested(items)
        case .persistentObject: push(.persistentObject, items)
        case .module: push(.object(global.name), items)
        case .numpyType: push(.numpyType(try numpyType(items)))
        case .numpyScalar: try pushNumpyScalar(items)
        case .numpyReconstruct: push(.numpyArray)
        case .numpyBuffer: push(.tensor(try numpyBuffer(items)))
        case .inert where global.name == "torch.device": push(.object(global.name), items)
        case .inert, .storage: throw refusal(global.name)
        }
    }

    private mutating func pushDictionary(_ keepsAttributes: Bool, _ arguments: [Slot]) throws {
        push(.dictionary(keepsAttributes: keepsAttributes))
        guard let first = arguments.first else { return }
        guard case .node(let source) = first, arguments.count == 1 else {
            throw error("a dictionary of something else")
        }
        if case .dictionary = nodes[source].kind {
            return try add(nodes[source].items, to: try top(), pairs: true)
        }
        for pair in nodes[source].items {
            guard case .node(let index) = pair, nodes[index].items.count == 2 else {
                throw error("a dictionary of something else")
            }
            try add(nodes[index].items, to: try top(), pairs: true)
        }
    }

    private mutating func copiedItems(_ arguments: [Slot]) throws -> [Slot] {
        guard let first = arguments.first else { return [] }
        guard case .node(let index) = first else { throw error("a container of something else") }
        try spend(nodes[index].items.count)
        return nodes[index].items
    }

    private mutating func bytes(_ arguments: [Slot], _ global: PickleGlobal) throws -> ByteView {
        switch arguments.first {
        case nil: return ByteView([])
        case .bytes(let view): return view
        case .string: return try encoded(arguments)
        default: throw error("the arguments of \(global.name) are not read")
        }
    }

    /// Protocol 2 writes bytes as a text of the first 256 characters.
    private mutating func encoded(_ arguments: [Slot]) throws -> ByteView {
        guard arguments.count == 2, case .string(let text) = arguments[0], case .string(let codec) = arguments[1],
            codec == "latin1" || codec == "latin-1"
        else { throw error("an encoding other than latin1") }
        try spend(text.utf8.count)
        var result: [UInt8] = []
        result.reserveCapacity(text.utf8.count)
        for scalar in text.unicodeScalars {
            guard scalar.value < 256 else { throw error("a character that is not in latin1") }
            result.append(UInt8(scalar.value))
        }
        return ByteView(result)
    }

    private func tensor(_ items: [Slot]) throws -> TensorRecord {
        guard items.count >= 4, case .storage(let storage) = items[0], case .int(let offset) = items[1],
            let shape = integers(items[2]), let strides = integers(items[3])
        else { throw error("a tensor that is not described by storage, offset, size and stride") }
        _ = try checkExtent(shape: shape, strides: strides, offset: offset, available: storage.count) {
            error("a tensor: \($0)")
        }
        return TensorRecord(storage: storage, offset: offset, shape: shape, strides: strides)
    }

    /// What `_rebuild_tensor_v3` describes: as PyTorch writes types that came after its typed storages, such as floats of 8 bits.
    private mutating func typedTensor(_ items: [Slot]) throws -> TensorRecord {
        guard items.count >= 7, case .storage(let bytes) = items[0], bytes.dtype == .uint8,
            case .global(let type) = items[6]
        else { throw error("a tensor that is not described by bytes, offset, size, stride and type") }
        let name = String(type.name.dropFirst("torch.".count))
        guard let element = SafetensorsType(torch: name) else {
            throw error("tensors of type \(quoted(type.name)) over bytes are not read", advice: "save them as float32")
        }
        guard let content = bytes.bytes else {
            throw error("tensors of type \(quoted(type.name)) are not read from the format before PyTorch 1.6")
        }
        let key = "\(bytes.key) \(name)"
        let storage = try typed[key] ?? element.storage(over: content, key: bytes.key, file: file, place: place)
        typed[key] = storage
        return try tensor([.storage(storage)] + items[1...])
    }

    private mutating func pushNested(_ items: [Slot]) throws {
        guard items.count == 1, case .bytes(let view) = items[0] else { throw error("a tensor's file is not bytes") }
        guard let nested else { throw error("a tensor's file inside a tensor's file") }
        try spend(view.count)
        do {
            switch try nested(view) {
            case .storage(let storage): push(.storage(storage))
            case .tensor(let record): push(.tensor(record))
            case let other: throw error("a tensor's file holds \(other.kind)")
            }
        } catch let inner as FormatError where inner.place.hasPrefix("tensor") {
            throw error("\(inner.place): \(inner.reason)", advice: inner.advice)
        }
    }

    /// `('storage', type, key, device, count)`, and in the old format a sixth field for a part of a storage.
    private mutating func pushStorage(_ id: Slot) throws {
        guard let storage else { throw error("a reference to a storage outside of a PyTorch archive") }
        guard let items = tuple(id), items.count >= 5, case .string("storage") = items[0],
            case .global(let global) = items[1],
            case .storage(let dtype) = global.role, case .string(let key) = items[2], case .int(let count) = items[4]
        else { throw error("a reference that is not to a storage") }
        guard count >= 0, count <= Int.max / 16 else { throw error("a storage of \(count) elements") }
        var part: (String, Int, Int)?
        if items.count > 5, let fields = tuple(items[5]) {
            guard fields.count == 3, case .string(let name) = fields[0], case .int(let offset) = fields[1],
                case .int(let size) = fields[2], offset >= 0, size >= 0, offset <= count, size <= count - offset
            else { throw error("a part of a storage that does not fit it") }
            part = (name, offset, size)
        }
        push(
            .storage(try storage(StorageRequest(dtype: dtype, key: key, count: count, part: part, position: position))))
    }

    private mutating func build(_ target: Slot, _ state: Slot) throws {
        guard case .node(let index) = target else {
            if case .tensor = target { return }
            throw error("a state for something that has none")
        }
        switch nodes[index].kind {
        case .dictionary(keepsAttributes: true):
            guard case .node(let source) = state, case .dictionary = nodes[source].kind else {
                throw error("a state that is not a dictionary")
            }
            // EasyDict has every entry twice, as item and as attribute; equal keys fall together in the end.
            try add(nodes[source].items, to: target, pairs: true)
        case .dictionary, .persistentObject: break
        case .object: nodes[index].state = state
        case .numpyType(var type):
            if let fields = tuple(state), fields.count > 1, case .string(let order) = fields[1] {
                type.isBigEndian = order == ">"
            }
            nodes[index].kind = .numpyType(type)
        case .numpyArray: nodes[index].kind = .tensor(try numpyArray(state))
        case .tensor: break
        case .list, .tuple, .set: throw error("a state for a plain container")
        }
    }
}
