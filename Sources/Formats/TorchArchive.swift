import Tensors

/// A file of PyTorch, of any age and ending (`.pth`, `.pt`, `.bin`, `.pkl`), read without running anything in it.
///
///     let archive = try TorchArchive(path: "model.pth")
///     let weights = try archive.stateDictionary(at: ["state_dict"])
///
/// Reads zip archives (since PyTorch 1.6), the older format of pickles in a row, and plain pickles that hold tensors.
/// Tensors share the mapped file's memory where they are contiguous, and tensors of one storage share that.
public struct TorchArchive: Sendable {
    /// The path, or the name given for bytes from elsewhere.
    public let file: String
    /// All that the file holds.
    public let root: PickleValue

    /// Maps and reads the file at `path`.
    ///
    /// - Throws: ``FormatError`` when it cannot be mapped, is of another kind (TorchScript, tar, a web page), is damaged,
    ///   or names a class that is not plain data.
    public init(path: String) throws {
        try self.init(MappedFile(path: path).view, file: path)
    }

    /// Reads a file's bytes; `file` names them in messages.
    ///
    /// - Throws: ``FormatError``, as `init(path:)`.
    public init(_ view: ByteView, file: String) throws {
        self.file = file
        root = try readTorch(view, file: file, place: "")
    }

    /// The tensors below `path`, a row of dictionary keys, flattened: names are keys joined by dots, in order.
    ///
    /// Items of lists are named by their number. Values that are not tensors are left out.
    /// - Throws: ``FormatError`` when a key is missing, nothing below it is a tensor, or a tensor cannot be read.
    public func stateDictionary(at path: [String] = []) throws -> [(name: String, tensor: RawTensor)] {
        let start = try value(at: path)
        let result = try flatten(start, file: file)
        guard !result.isEmpty else {
            throw FormatError(
                file: file, place: path.map { quoted($0) }.joined(separator: "."),
                reason: "there are no tensors, but \(start.kind)"
                    + (path.isEmpty
                        ? "; looked for at the top and under \(StateDictionary.keys.map { quoted($0) }.joined(separator: ", "))"
                        : ""),
                advice: root.dictionary.map { $0.names.isEmpty ? "" : "the top level has \($0.names.quotedList)" } ?? ""
            )
        }
        return result
    }

    /// The value below a row of dictionary keys.
    ///
    /// - Throws: ``FormatError`` that lists the keys there are.
    public func value(at path: [String]) throws -> PickleValue {
        var value = root
        for (depth, key) in path.enumerated() {
            guard let next = value[key] else {
                let place = path.prefix(depth + 1).map { quoted($0) }.joined(separator: ".")
                let names = value.dictionary?.names ?? []
                throw FormatError(
                    file: file, place: place,
                    reason: names.isEmpty
                        ? "no such key in \(value.kind)" : "no such key; there are \(names.quotedList)",
                    advice: nearestName(to: key, in: names).map { "did you mean \(quoted($0))?" } ?? "")
            }
            value = next
        }
        return value
    }
}

/// Names without `prefix`, for example `module.` of data parallel or `_orig_mod.` of compiled models; others stay.
public func removingPrefix(_ prefix: String, from tensors: [(name: String, tensor: RawTensor)]) -> [(
    name: String, tensor: RawTensor
)] {
    tensors.map { ($0.name.hasPrefix(prefix) ? String($0.name.dropFirst(prefix.count)) : $0.name, $0.tensor) }
}

/// The tensors of nested dictionaries and lists, depth first; at most a million values are looked at.
private func flatten(_ start: PickleValue, file: String) throws -> [(name: String, tensor: RawTensor)] {
    var result: [(name: String, tensor: RawTensor)] = []
    var visits = 0
    var copies = TensorCopies()
    func visit(_ value: PickleValue, _ name: String) throws {
        visits += 1
        guard visits <= 1_000_000 else {
            throw FormatError(file: file, place: quoted(name), reason: "more than a million values")
        }
        func child(_ key: String) -> String { name.isEmpty ? key : "\(name).\(key)" }
        switch value {
        case .tensor(let record):
            result.append((name, try copies.tensor(record, file: file, place: quoted(name))))
        case .dictionary(let dictionary):
            for (key, item) in dictionary.entries {
                guard let key = key.string ?? key.int.map(String.init) else { continue }
                try visit(item, child(key))
            }
        case .list(let items), .tuple(let items):
            for (index, item) in items.enumerated() { try visit(item, child(String(index))) }
        default: break
        }
    }
    try visit(start, "")
    return result
}
