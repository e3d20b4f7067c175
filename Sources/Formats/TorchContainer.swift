import Tensors

/// Tells the kinds of PyTorch files apart and reads them.
///
/// Tensors may be files of their own inside the pickle; those may not in turn.
func readTorch(_ view: ByteView, file: String, place: String) throws -> PickleValue {
    try readTorch(view, file: file, place: place, Expansion(), allowsNested: true)
}

/// Bytes that the storages of a file and of those inside it may still expand to; those that are stored, as PyTorch writes them, take
/// no memory.
private final class Expansion {
    var bytes = Deflate.limit
}

private func readTorch(
    _ view: ByteView, file: String, place: String, _ expansion: Expansion, allowsNested: Bool
) throws -> PickleValue {
    let nested = allowsNested ? nestedReader(file, expansion) : nil
    if view.has("PK".utf8) { return try readZip(view, file: file, place: place, expansion, nested) }
    guard view.has([0x80]) else { throw notTorch(view, file: file, place: place) }
    if isLegacy(view) { return try LegacyTorch(view, file: file, place: place).root() }
    var unpickler = Unpickler(view, file: file, place: place)
    unpickler.nested = nested
    return try unpickler.load()
}

private func nestedReader(_ file: String, _ expansion: Expansion) -> (ByteView) throws -> PickleValue {
    { try readTorch($0, file: file, place: "tensor's own file", expansion, allowsNested: false) }
}

private func notTorch(_ view: ByteView, file: String, place: String) -> FormatError {
    if view.has("ustar".utf8, at: 257) {
        return FormatError(
            file: file, place: place, reason: "a tar archive, as PyTorch wrote before version 0.1.10",
            advice: "load and save it once with a later PyTorch")
    }
    let start = (view.slice(from: 0, count: min(view.count, 4))?.array() ?? []).map {
        String($0, radix: 16, uppercase: true)
    }.joined(separator: " ")
    return FormatError(
        view, isNot: "a PyTorch file", file: file, place: place,
        reason: "not a zip archive and not a pickle: it starts with \(start)", advice: "is it a PyTorch file?")
}

/// Bytes of the pickle in an archive. Tensors' numbers lie outside of it.
private let pickleLimit = 256 << 20

private func readZip(
    _ view: ByteView, file: String, place: String, _ expansion: Expansion, _ nested: ((ByteView) throws -> PickleValue)?
) throws -> PickleValue {
    let archive = try ZipArchive(view, file: file)
    let names = archive.entries.map(\.name)
    let parts = names.map { $0.split(separator: "/") }
    if parts.contains(where: { $0.last == "constants.pkl" || ($0.count > 1 && $0[1] == "code") }) {
        throw FormatError(
            file: file, place: place, reason: "a TorchScript archive: it holds a program, not only weights",
            advice: "save the module's state_dict() instead")
    }
    guard let name = names.first(where: { $0 == "data.pkl" || $0.hasSuffix("/data.pkl") }) else {
        let advice = names.contains { $0.hasSuffix(".npy") } ? "it looks like NPZ" : "is it a PyTorch file?"
        throw FormatError(file: file, place: place, reason: "a zip archive without data.pkl", advice: advice)
    }
    let folder = String(name.dropLast("data.pkl".count))
    if archive.entry(folder + "byteorder") != nil {
        let order = try archive.data(folder + "byteorder", limit: 64).text() ?? ""
        guard order == "little" else {
            throw FormatError(
                file: file, place: folder + "byteorder",
                reason: "the byte order is \(quoted(order)), 'little' was expected",
                advice: "save it again on a little-endian machine")
        }
    }
    var storages: [String: TensorStorage] = [:]
    var unpickler = Unpickler(try archive.data(name, limit: pickleLimit), file: file, place: name)
    unpickler.nested = nested
    unpickler.storage = { request in
        let identity = "\(request.dtype) \(request.key)"
        if let storage = storages[identity], storage.count == request.count { return storage }
        let entry = folder + "data/" + request.key
        let bytes = try archive.data(entry, limit: min(expansion.bytes, request.count * request.dtype.byteCount))
        if archive.entry(entry)?.isStored == false { expansion.bytes -= bytes.count }
        guard request.count <= bytes.count / request.dtype.byteCount else {
            throw FormatError(
                file: file, place: entry,
                reason:
                    "the storage has \(bytes.count) bytes, \(request.count) elements of \(request.dtype) were announced "
                    + "(byte \(request.position) of \(name))",
                advice: "the file is damaged")
        }
        let storage = TensorStorage(dtype: request.dtype, key: request.key, count: request.count, bytes: bytes)
        storages[identity] = storage
        return storage
    }
    return try unpickler.load()
}
