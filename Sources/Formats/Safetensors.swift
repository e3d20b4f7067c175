import Tensors

/// A safetensors file, mapped: named tensors and text metadata.
///
///     let weights = try Safetensors(path: "model.safetensors")
///     let kernel = try weights.tensor("conv.weight").floats()
public struct Safetensors: Sendable {
    /// The path, or the name given for bytes from elsewhere.
    public let file: String
    /// The tensors' names in the header's order.
    public let names: [String]
    /// The header's `__metadata__`; empty when there is none.
    public let metadata: [String: String]
    private let entries: [String: RawTensor]

    /// Maps and checks the file at `path`.
    ///
    /// - Throws: ``FormatError`` for a file that cannot be mapped, a header that is not as the format says, an unknown
    ///   element type, or data ranges that overlap, leave a hole, or do not fit their shapes or the file.
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
        names = header.entries.map(\.name)
        var tensors: [String: RawTensor] = [:]
        for entry in header.entries {
            guard let bytes = header.data.slice(from: entry.range.lowerBound, count: entry.range.count) else {
                throw FormatError(file: file, place: quoted(entry.name), reason: "its data lies outside the file")
            }
            tensors[entry.name] = try RawTensor(
                dtype: entry.dtype, shape: entry.shape, bytes: bytes, file: file, place: quoted(entry.name))
        }
        entries = tensors
    }

    /// The tensor called `name`, or nil. It shares the file's memory where that is aligned.
    public subscript(name: String) -> RawTensor? { entries[name]?.aligned() }

    /// The tensor called `name`.
    ///
    /// - Throws: ``FormatError`` that names the nearest name there is.
    public func tensor(_ name: String) throws -> RawTensor {
        if let tensor = self[name] { return tensor }
        throw FormatError(
            file: file, place: quoted(name), reason: "there is no tensor of this name among \(names.count)",
            advice: nearestName(to: name, in: names).map { "did you mean \(quoted($0))?" } ?? "")
    }

    /// All tensors in the header's order.
    public var tensors: [(name: String, tensor: RawTensor)] { names.map { ($0, entries[$0]!.aligned()) } }
}

struct SafetensorsHeader {
    struct Entry {
        let name: String
        let dtype: DType
        let shape: [Int]
        let range: Range<Int>
    }

    static let sizeLimit = 100_000_000
    var entries: [Entry] = []
    var metadata: [String: String] = [:]
    let data: ByteView
    private let file: String

    init(_ view: ByteView, file: String) throws {
        self.file = file
        guard let length = view.integer(at: 0, as: UInt64.self) else {
            throw FormatError(
                file: file, place: "header", reason: "the file has \(view.count) bytes, at least 8 were expected",
                advice: "is it a safetensors file, and complete?")
        }
        guard length <= Self.sizeLimit else {
            throw FormatError(
                file: file, place: "header",
                reason: "its length is \(length) bytes, at most \(Self.sizeLimit) are read",
                advice: "is it a safetensors file?")
        }
        guard let header = view.slice(from: 8, count: Int(length)) else {
            throw FormatError(
                file: file, place: "header",
                reason: "its length is \(length) bytes, the file has \(view.count - 8) after it",
                advice: "the file is cut short")
        }
        guard header.has([0x7B]) else {
            throw FormatError(
                file: file, place: "header", reason: "it must start with '{'", advice: "is it a safetensors file?")
        }
        data = view.slice(from: 8 + Int(length), count: view.count - 8 - Int(length))!
        guard case .object(let members) = try JSONText.parse(header, file: file, place: "header", depth: 8) else {
            throw FormatError(file: file, place: "header", reason: "it must be one JSON object")
        }
        for member in members {
            if member.key == "__metadata__" {
                metadata = try texts(member.value)
            } else {
                entries.append(try entry(member.key, member.value))
            }
        }
        try checkRanges()
    }

    private func error(_ name: String, _ reason: String, advice: String = "") -> FormatError {
        FormatError(file: file, place: quoted(name), reason: reason, advice: advice)
    }

    private func texts(_ value: JSONValue) throws -> [String: String] {
        guard case .object(let members) = value else { throw error("__metadata__", "it must be an object of texts") }
        var result: [String: String] = [:]
        for member in members {
            guard case .string(let text) = member.value else {
                throw error("__metadata__", "the value of \(quoted(member.key)) must be a text")
            }
            result[member.key] = text
        }
        return result
    }

    private func entry(_ name: String, _ value: JSONValue) throws -> Entry {
        guard case .string(let code)? = value["dtype"] else { throw error(name, "'dtype' must be a text") }
        guard let dtype = DType(safetensors: code) else {
            throw error(
                name, "unknown dtype \(quoted(code))",
                advice: "known are \(DType.safetensorsCodes.joined(separator: ", "))")
        }
        guard let shape = integers(value["shape"]) else {
            throw error(name, "'shape' must be a list of whole numbers from 0 on")
        }
        guard let ends = integers(value["data_offsets"]), ends.count == 2 else {
            throw error(name, "'data_offsets' must be two whole numbers from 0 on")
        }
        guard ends[0] <= ends[1], ends[1] <= data.count else {
            throw error(name, "its data is bytes \(ends[0]) to \(ends[1]), the file has \(data.count) bytes of data")
        }
        guard let count = elementCount(of: shape), !count.multipliedReportingOverflow(by: dtype.byteCount).overflow
        else {
            throw error(name, "the size of shape \(shape) overflows")
        }
        guard count * dtype.byteCount == ends[1] - ends[0] else {
            throw error(
                name,
                "shape \(shape) of \(code) needs \(count * dtype.byteCount) bytes, its range has \(ends[1] - ends[0])")
        }
        return Entry(name: name, dtype: dtype, shape: shape, range: ends[0]..<ends[1])
    }

    private func integers(_ value: JSONValue?) -> [Int]? {
        guard case .array(let items)? = value else { return nil }
        var result: [Int] = []
        for item in items {
            guard case .integer(let number) = item, number >= 0 else { return nil }
            result.append(number)
        }
        return result
    }

    private func checkRanges() throws {
        var end = 0
        for entry in entries.sorted(by: {
            ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound)
        }) {
            if entry.range.lowerBound < end {
                throw error(
                    entry.name,
                    "its data at byte \(entry.range.lowerBound) overlaps another tensor's, which ends at \(end)")
            }
            if entry.range.lowerBound > end {
                throw error(entry.name, "a hole of \(entry.range.lowerBound - end) bytes lies before its data")
            }
            end = entry.range.upperBound
        }
        guard end == data.count else {
            throw FormatError(
                file: file, place: "data", reason: "\(data.count - end) bytes at the end belong to no tensor")
        }
    }
}

extension DType {
    static let safetensorsCodes = ["BOOL", "U8", "I8", "I16", "I32", "I64", "F16", "BF16", "F32", "F64", "C64"]

    init?(safetensors code: String) {
        guard let match = DType.allCases.first(where: { $0.safetensors == code }) else { return nil }
        self = match
    }

    /// The name in a safetensors header, or nil for the one type that the format lacks.
    var safetensors: String? {
        switch self {
        case .bool: "BOOL"
        case .uint8: "U8"
        case .int8: "I8"
        case .int16: "I16"
        case .int32: "I32"
        case .int64: "I64"
        case .float16: "F16"
        case .bfloat16: "BF16"
        case .float32: "F32"
        case .float64: "F64"
        case .complex64: "C64"
        case .complex128: nil
        }
    }
}
