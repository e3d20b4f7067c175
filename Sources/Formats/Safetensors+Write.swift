import Tensors

extension Safetensors {
    /// Writes tensors and metadata to `path`, atomically.
    ///
    /// Tensors are laid out by falling element size, then by name, so that equal content gives equal bytes.
    /// - Throws: ``FormatError`` for a name used twice or reserved, an element type the format lacks, or a failure of the
    ///   system, for example a full disk; the target is then unchanged and no temporary file is left.
    public static func write(
        _ tensors: [(name: String, tensor: RawTensor)], metadata: [String: String] = [:], to path: String
    ) throws {
        let ordered = tensors.sorted {
            ($1.tensor.dtype.byteCount, $0.name) < ($0.tensor.dtype.byteCount, $1.name)
        }
        let header = try header(of: ordered, metadata, path)
        try AtomicFile.write(to: path) { sink in
            try sink.write(withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Array($0) })
            try sink.write(header)
            for (_, tensor) in ordered { try sink.write(tensor.bytes) }
        }
    }

    private static func header(
        of tensors: [(name: String, tensor: RawTensor)], _ metadata: [String: String], _ path: String
    ) throws -> String {
        var members: [String] = []
        if !metadata.isEmpty {
            let texts = metadata.sorted { $0.key < $1.key }
                .map { "\(JSONText.quote($0.key)):\(JSONText.quote($0.value))" }
            members.append("\"__metadata__\":{\(texts.joined(separator: ","))}")
        }
        var names: Set<String> = ["__metadata__"]
        var offset = 0
        for (name, tensor) in tensors {
            guard names.insert(name).inserted else {
                throw FormatError(
                    file: path, place: quoted(name), reason: "cannot write: the name is used twice or reserved")
            }
            guard let code = tensor.dtype.safetensors else {
                throw FormatError(
                    file: path, place: quoted(name), reason: "cannot write: safetensors has no \(tensor.dtype)")
            }
            let end = offset + tensor.bytes.count
            let shape = tensor.shape.map(String.init).joined(separator: ",")
            members.append(
                "\(JSONText.quote(name)):{\"dtype\":\"\(code)\",\"shape\":[\(shape)],\"data_offsets\":[\(offset),\(end)]}"
            )
            offset = end
        }
        let header = "{\(members.joined(separator: ","))}"
        return header + String(repeating: " ", count: (8 - header.utf8.count % 8) % 8)
    }
}
