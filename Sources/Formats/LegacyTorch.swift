import Tensors

/// `0x1950a86a20f9469cfc6c` as a ten-byte LONG1 after the protocol, which is how files from before PyTorch 1.6 start.
private let legacyMagic: [UInt8] = [0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19]

func isLegacy(_ view: ByteView) -> Bool {
    view.has([0x8A, 10] + legacyMagic, at: 2)
}

/// The format before PyTorch 1.6: five pickles in a row (magic, version, system, object, keys), then the storages.
struct LegacyTorch {
    private let view: ByteView
    private let file: String
    private let place: String

    init(_ view: ByteView, file: String, place: String) {
        self.view = view
        self.file = file
        self.place = place
    }

    private final class Storages {
        var byKey: [String: TensorStorage] = [:]
        var parts: [(storage: TensorStorage, parent: String, offset: Int)] = []
    }

    func root() throws -> PickleValue {
        var offset = 0
        _ = try next(&offset, nil)
        let version = try next(&offset, nil)
        guard version.int == 1001 else { throw error("the version is \(version.kind), 1001 was expected", offset) }
        let system = try next(&offset, nil)
        guard system["little_endian"]?.bool == true else {
            throw error(
                "it was written on a big-endian machine", offset, advice: "save it again on a little-endian machine")
        }
        let storages = Storages()
        let root = try next(&offset, storages)
        let keys = try next(&offset, nil)
        try readStorages(keys, storages, offset)
        return root
    }

    private func error(_ reason: String, _ offset: Int, advice: String = "the file is damaged") -> FormatError {
        ByteCursor(view, file: file, place: place, offset: offset).error(reason, advice: advice)
    }

    private func next(_ offset: inout Int, _ storages: Storages?) throws -> PickleValue {
        var unpickler = Unpickler(view, file: file, place: place, offset: offset)
        if let storages { unpickler.storage = { try request($0, storages) } }
        let value = try unpickler.load()
        offset = unpickler.cursor.offset
        return value
    }

    private func request(_ request: Unpickler.StorageRequest, _ storages: Storages) throws -> TensorStorage {
        let whole =
            storages.byKey[request.key] ?? TensorStorage(dtype: request.dtype, key: request.key, count: request.count)
        guard whole.dtype == request.dtype, whole.count == request.count else {
            throw error("storage \(quoted(request.key)) is described in two ways", request.position)
        }
        storages.byKey[request.key] = whole
        guard let part = request.part else { return whole }
        let storage = TensorStorage(dtype: request.dtype, key: part.key, count: part.count)
        storages.parts.append((storage, request.key, part.offset))
        return storage
    }

    private func readStorages(_ keys: PickleValue, _ storages: Storages, _ start: Int) throws {
        guard case .list(let keys) = keys else { throw error("the list of storages is \(keys.kind)", start) }
        var cursor = ByteCursor(view, file: file, place: place, offset: start)
        for key in keys {
            guard let key = key.string, let storage = storages.byKey[key], storage.bytes == nil else {
                throw cursor.error("a storage that no tensor uses, or one twice", advice: "the file is damaged")
            }
            let count = try cursor.integer(Int64.self, "the size of storage \(quoted(key))")
            guard count == storage.count else {
                throw cursor.error(
                    "storage \(quoted(key)) has \(count) elements, \(storage.count) were announced",
                    advice: "the file is damaged")
            }
            storage.bytes = try cursor.take(storage.count * storage.dtype.byteCount, "storage \(quoted(key))")
        }
        if let missing = storages.byKey.values.filter({ $0.bytes == nil }).map(\.key).min() {
            throw cursor.error("the content of storage \(quoted(missing)) is missing", advice: "the file is cut short")
        }
        for (part, parent, offset) in storages.parts {
            let width = part.dtype.byteCount
            part.bytes = storages.byKey[parent]?.bytes?.slice(from: offset * width, count: part.count * width)
        }
    }
}
