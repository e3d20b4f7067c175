/// What a safetensors file says of itself: its tensors and where they lie, checked, and its metadata.
struct SafetensorsHeader {
    struct Entry {
        let name: String
        /// The type as the header names it.
        let code: String
        /// The type, if it is one that is read.
        let type: SafetensorsType?
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
        func refusal(_ reason: String, _ advice: String = "is it a safetensors file?") -> FormatError {
            FormatError(
                view, isNot: "a safetensors file", kind: .safetensors, file: file, part: "header", reason: reason,
                advice: advice)
        }
        guard let length = view.integer(at: 0, as: UInt64.self) else {
            throw refusal(
                "the file has \(view.count) bytes, at least 8 were expected", "is it a safetensors file, and complete?")
        }
        guard length <= Self.sizeLimit else {
            throw refusal("its length is \(length) bytes, at most \(Self.sizeLimit) are read")
        }
        guard let header = view.slice(from: 8, count: Int(length)) else {
            throw refusal(
                "its length is \(length) bytes, the file has \(view.count - 8) after it", "the file is cut short")
        }
        // Some writers pad the header in front, and the format's own library does not mind.
        let start = header.withUnsafeBytes { $0.first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) } }
        guard start == UInt8(ascii: "{") else { throw refusal("it must start with '{'") }
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
        guard let shape = integers(value["shape"]) else {
            throw error(name, "'shape' must be a list of whole numbers from 0 on")
        }
        guard let ends = integers(value["data_offsets"]), ends.count == 2 else {
            throw error(name, "'data_offsets' must be two whole numbers from 0 on")
        }
        guard ends[0] <= ends[1], ends[1] <= data.count else {
            throw error(
                name, "its data is bytes \(ends[0]) to \(ends[1]), the file has \(data.count) bytes of data",
                advice: "the file is cut short: was a download or a copy interrupted?")
        }
        try checkSize(name, code, shape, size: ends[1] - ends[0])
        return Entry(name: name, code: code, type: SafetensorsType(code), shape: shape, range: ends[0]..<ends[1])
    }

    /// Compares shape and bytes; of a type that is not known there is nothing to compare.
    private func checkSize(_ name: String, _ code: String, _ shape: [Int], size: Int) throws {
        let count = elementCount(of: shape)
        guard let bits = SafetensorsType.bitCount(code) else { return }
        guard let count, !count.multipliedReportingOverflow(by: max(bits, 8)).overflow else {
            throw error(name, "the size of shape \(shape) overflows")
        }
        let wanted = (count * bits + 7) / 8
        guard wanted == size else {
            throw error(name, "shape \(shape) of \(quoted(code)) needs \(wanted) bytes, its range has \(size)")
        }
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
