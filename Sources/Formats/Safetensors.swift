import Tensors

/// A safetensors file, mapped: named tensors and text metadata.
///
///     let weights = try Safetensors(path: "model.safetensors")
///     let kernel = try weights.tensor("conv.weight").floats()
///
/// Numbers of eight bits (`F8_E4M3`, `F8_E5M2`) are read as `float32`, unsigned ones of 16 and 32 bits as the next signed type.
/// Tensors of types that are not read are listed; only asking for one is an error.
public struct Safetensors: Sendable {
    /// A tensor as the header describes it.
    public struct Description: Sendable, Equatable {
        /// Its name.
        public let name: String
        /// Its element type as the header names it: `F32`.
        public let type: String
        /// The type its elements have once read; nil for one that is not read.
        public let dtype: DType?
        /// Size of each dimension.
        public let shape: [Int]
        /// Bytes that it takes in the file.
        public let byteCount: Int

        /// The type in words: that of its elements in the file where it is a plain one, else the header's name.
        public var typeText: String { dtype?.safetensors == type ? "\(dtype!)" : type }
    }

    /// The path, or the name given for bytes from elsewhere.
    public let file: String
    /// What the header says of each tensor, in its order.
    public let descriptions: [Description]
    /// The header's `__metadata__`; empty when there is none.
    public let metadata: [String: String]
    private let entries: [String: SafetensorsHeader.Entry]
    private let data: ByteView

    /// The tensors' names in the header's order.
    public var names: [String] { descriptions.map(\.name) }

    /// Whether a file begins as safetensors do.
    public static func isOne(_ view: ByteView) -> Bool { FileKind(view) == .safetensors }

    /// Maps and checks the file at `path`.
    ///
    /// - Throws: ``FormatError`` for a file that cannot be mapped, a header that is not as the format says, or data ranges that
    ///   overlap, leave a hole, or do not fit their shapes or the file.
    public init(path: String) throws {
        try self.init(MappedFile(path: path).view, file: path)
    }

    /// Reads a file's bytes; `file` names them in messages.
    ///
    /// - Throws: ``FormatError``, as `init(path:)`.
    public init(_ view: ByteView, file: String) throws {
        self.file = file
        let header = try SafetensorsHeader(view, file: file)
        metadata = header.metadata
        data = header.data
        entries = Dictionary(uniqueKeysWithValues: header.entries.map { ($0.name, $0) })
        descriptions = header.entries.map {
            Description(
                name: $0.name, type: $0.code, dtype: $0.type?.dtype, shape: $0.shape, byteCount: $0.range.count)
        }
    }

    /// The tensor called `name`, or nil where there is none or its type is not read. It shares the file's memory where that is
    /// aligned.
    public subscript(name: String) -> RawTensor? { try? entries[name].map(tensor) }

    /// The tensor called `name`.
    ///
    /// - Throws: ``FormatError`` that names the nearest name there is, or the type that is not read.
    public func tensor(_ name: String) throws -> RawTensor {
        if let entry = entries[name] { return try tensor(entry) }
        throw FormatError(
            file: file, place: quoted(name), reason: "there is no tensor of this name among \(names.count)",
            advice: nearestName(to: name, in: names).map { "did you mean \(quoted($0))?" } ?? "")
    }

    /// All tensors in the header's order.
    ///
    /// - Throws: ``FormatError`` that names the first tensor whose type is not read.
    public var tensors: [(name: String, tensor: RawTensor)] {
        get throws { try names.map { ($0, try tensor($0)) } }
    }

    private func tensor(_ entry: SafetensorsHeader.Entry) throws -> RawTensor {
        guard let type = entry.type else {
            throw FormatError(
                file: file, place: quoted(entry.name),
                reason: "a tensor of type \(quoted(entry.code)) can be listed, but not read",
                advice: "save it as one of \(SafetensorsType.codes.joined(separator: ", "))")
        }
        let bytes = data.slice(from: entry.range.lowerBound, count: entry.range.count)!
        let converted = try type.converted(bytes, file: file, place: quoted(entry.name))
        return RawTensor(unchecked: type.dtype, entry.shape, converted).aligned()
    }
}
