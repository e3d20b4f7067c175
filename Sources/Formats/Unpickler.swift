import Tensors

/// Reads pickles (protocols 2 to 5) as data: tensors, numbers, texts and plain containers, and nothing else.
///
/// No code is run and no class is looked up. A pickle that names anything beyond a short list of known classes is
/// refused with the name and its place.
public struct Unpickler {
    /// Reads the pickle at the start of `view`, for example one without tensors of its own.
    ///
    /// - Throws: ``FormatError`` with the byte offset of the instruction that cannot be read or is refused.
    public static func value(of view: ByteView, file: String, place: String = "") throws -> PickleValue {
        var unpickler = Unpickler(view, file: file, place: place)
        return try unpickler.load()
    }

    /// A request for a storage, from a persistent id.
    struct StorageRequest {
        let dtype: DType
        let key: String
        let count: Int
        /// Key, offset and count of a part of the storage; only in files from before PyTorch 0.4.
        let part: (key: String, offset: Int, count: Int)?
        let position: Int
    }

    /// A value on the stack. Containers live in `nodes` and are referred to by index, so that a hostile pickle can
    /// build cycles and long chains without any recursion in this program.
    enum Slot {
        case none, bool(Bool), int(Int), bigInt([UInt8]), float(Double), string(String), bytes(ByteView)
        case global(PickleGlobal)
        case storage(TensorStorage)
        case tensor(TensorRecord)
        case node(Int)
    }

    struct Node {
        enum Kind {
            case list, tuple, set
            /// `items` holds keys and values in turn.
            case dictionary(keepsAttributes: Bool)
            /// `items` holds the constructor's arguments.
            case object(String)
            case persistentObject
            case numpyType(NumpyType)
            case numpyArray
            case tensor(TensorRecord)
        }

        var kind: Kind
        var items: [Slot] = []
        var state: Slot = .none
    }

    static let depthLimit = 300
    static let countLimit = 1 << 22

    let file: String
    let place: String
    let view: ByteView
    var cursor: ByteCursor
    /// Offset of the instruction that is being carried out.
    var position = 0
    var stack: [Slot] = []
    var marks: [Int] = []
    var memo: [UInt32: Slot] = [:]
    var nodes: [Node] = []
    /// Work still allowed, in copied items and decoded bytes: proportional to the size of the pickle.
    var budget: Int
    var storage: ((StorageRequest) throws -> TensorStorage)?
    var nested: ((ByteView) throws -> PickleValue)?
    /// Storages of bytes that were given a type, each once for each type.
    var typed: [String: TensorStorage] = [:]

    /// `offset` is where the pickle starts; afterwards `cursor.offset` is its end.
    init(_ view: ByteView, file: String, place: String = "", offset: Int = 0) {
        self.view = view
        self.file = file
        self.place = place
        cursor = ByteCursor(view, file: file, place: place, offset: offset)
        budget = 1 << 20 + 16 * view.count
    }

    mutating func load() throws -> PickleValue {
        while true {
            position = cursor.offset
            let code = try cursor.integer(UInt8.self, "the next instruction")
            if code == UInt8(ascii: ".") {
                var converter = Converter(unpickler: self)
                return try converter.value(try pop(), depth: 0).value
            }
            try execute(code)
            guard stack.count <= Self.countLimit, nodes.count <= Self.countLimit, memo.count <= Self.countLimit else {
                throw error("more than \(Self.countLimit) values")
            }
        }
    }

    func error(_ reason: String, advice: String = "the file is damaged or hostile") -> FormatError {
        cursor.error(reason, at: position, advice: advice)
    }

    func refusal(_ name: String) -> FormatError {
        FormatError(
            file: file, place: place,
            reason:
                "refusing to load class \(quoted(name)) (byte \(position)): only tensors and plain containers are read")
    }

    mutating func spend(_ amount: Int) throws {
        budget -= amount
        guard budget >= 0 else { throw error("it repeats its own content too often") }
    }

    mutating func push(_ slot: Slot) { stack.append(slot) }

    mutating func push(_ kind: Node.Kind, _ items: [Slot] = []) {
        nodes.append(Node(kind: kind, items: items))
        stack.append(.node(nodes.count - 1))
    }

    mutating func pop() throws -> Slot {
        guard stack.count > (marks.last ?? 0) else { throw error("the stack is empty") }
        return stack.removeLast()
    }

    func top() throws -> Slot {
        guard stack.count > (marks.last ?? 0) else { throw error("the stack is empty") }
        return stack[stack.count - 1]
    }

    mutating func popToMark() throws -> [Slot] {
        guard let mark = marks.popLast() else { throw error("no mark is set") }
        let items = Array(stack[mark...])
        stack.removeSubrange(mark...)
        return items
    }

    /// The items of a tuple, or nil for anything else.
    func tuple(_ slot: Slot) -> [Slot]? {
        guard case .node(let index) = slot, case .tuple = nodes[index].kind else { return nil }
        return nodes[index].items
    }

    /// The integers of a tuple, list or `torch.Size`, or nil for anything else.
    func integers(_ slot: Slot) -> [Int]? {
        guard case .node(let index) = slot else { return nil }
        switch nodes[index].kind {
        case .tuple, .list: break
        default: return nil
        }
        var result: [Int] = []
        for item in nodes[index].items {
            guard case .int(let value) = item else { return nil }
            result.append(value)
        }
        return result
    }
}

/// Turns slots into values that own their content; each node is converted once.
private struct Converter {
    let unpickler: Unpickler
    private var done: [Int: (value: PickleValue, height: Int)] = [:]
    private var open: Set<Int> = []

    init(unpickler: Unpickler) { self.unpickler = unpickler }

    mutating func value(_ slot: Unpickler.Slot, depth: Int) throws -> (value: PickleValue, height: Int) {
        switch slot {
        case .none: return (.none, 0)
        case .bool(let value): return (.bool(value), 0)
        case .int(let value): return (.int(value), 0)
        case .bigInt(let bytes): return (.bigInt(bytes), 0)
        case .float(let value): return (.float(value), 0)
        case .string(let text): return (.string(text), 0)
        case .bytes(let view): return (.bytes(view), 0)
        case .global(let global): return (.global(global.name), 0)
        case .storage(let storage): return (.storage(storage), 0)
        case .tensor(let record): return (.tensor(record), 0)
        case .node(let index): return try node(index, depth)
        }
    }

    private mutating func node(_ index: Int, _ depth: Int) throws -> (value: PickleValue, height: Int) {
        if let result = done[index] { return result }
        guard open.insert(index).inserted else { return (.recursive, 0) }
        defer { open.remove(index) }
        let node = unpickler.nodes[index]
        guard depth < Unpickler.depthLimit else { throw tooDeep }
        var items: [PickleValue] = []
        items.reserveCapacity(node.items.count)
        var height = 0
        for item in node.items {
            let (value, above) = try value(item, depth: depth + 1)
            items.append(value)
            height = max(height, above + 1)
        }
        let (state, above) = try value(node.state, depth: depth + 1)
        height = max(height, above + 1)
        guard height < Unpickler.depthLimit else { throw tooDeep }
        let result = (try value(of: node.kind, items, state), height)
        done[index] = result
        return result
    }

    private var tooDeep: FormatError { unpickler.error("containers are nested more than \(Unpickler.depthLimit) deep") }

    private func value(of kind: Unpickler.Node.Kind, _ items: [PickleValue], _ state: PickleValue) throws -> PickleValue
    {
        switch kind {
        case .list: return .list(items)
        case .tuple: return .tuple(items)
        case .set: return .set(items)
        case .dictionary:
            var result = PickleDictionary()
            for i in stride(from: 0, to: items.count - 1, by: 2) { result.set(items[i], items[i + 1]) }
            return .dictionary(result)
        case .object(let name): return .object(PickleObject(className: name, arguments: items, state: state))
        case .persistentObject:
            let name = items.first?["class_name"]?.string ?? "unknown"
            let meta = items.first?["state"] ?? .none
            return .object(PickleObject(className: name, arguments: items, state: meta))
        case .numpyType(let type): return .global("numpy.dtype \(type.code)")
        case .numpyArray: throw unpickler.error("a numpy array without content")
        case .tensor(let record): return .tensor(record)
        }
    }
}
