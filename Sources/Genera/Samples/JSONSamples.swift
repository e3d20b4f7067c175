import Formats

/// JSON files of samples: an object with one list, an item a sample.
enum JSONSamples {
    /// What is wrong with an item.
    struct Fault: Error {
        let text: String
        init(_ text: String) { self.text = text }
    }

    /// Writes an object with the list `key`, a line for each item.
    ///
    /// - Throws: `FormatError` of the system.
    static func write(_ items: [String], as key: String, to path: String) throws {
        try AtomicFile.write(to: path) { sink in
            try sink.write("{\(JSONText.quote(key)): [")
            for (number, item) in items.enumerated() { try sink.write((number > 0 ? ",\n" : "\n") + item) }
            try sink.write("\n]}\n")
        }
    }

    /// The items of the list `key`, each read by `item`, which throws a `Fault` for one it cannot read.
    ///
    /// - Throws: `FormatError` for what is no JSON, `GeneraError.badData` that names the item.
    static func read<Sample>(_ key: String, _ path: String, _ item: (JSONValue) throws -> Sample) throws -> [Sample] {
        let value = try JSONText.parse(MappedFile(path: path).view, file: path)
        guard case let .array(list)? = value[key] else {
            throw GeneraError.badData(
                file: path, reason: "has no list '\(key)'", advice: "an object {\"\(key)\": [...]} was expected")
        }
        return try list.enumerated().map { number, value in
            do {
                return try item(value)
            } catch let fault as Fault {
                throw GeneraError.badData(
                    file: path, reason: "item \(number) of '\(key)' (counted from 0) cannot be read", advice: fault.text
                )
            }
        }
    }

    /// Whether a file's bytes begin like an object that has the key `key` among its own, as far as 64 kB tell.
    static func has(_ key: String, _ content: ByteView?) -> Bool {
        guard let content, let head = content.slice(from: 0, count: min(content.count, 1 << 16)) else { return false }
        let bytes = head.array()
        let wanted = Array("\"\(key)\"".utf8)
        var (depth, start) = (0, -1)
        var isEscaped = false
        for (place, byte) in bytes.enumerated() {
            if start >= 0 {
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if byte == UInt8(ascii: "\"") {
                    if depth == 1, bytes[start...place].elementsEqual(wanted) { return true }
                    start = -1
                }
                continue
            }
            switch byte {
            case UInt8(ascii: "\""): start = place
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
            case 0x20, 0x09, 0x0A, 0x0D: break
            default: if depth == 0 { return false }
            }
        }
        return false
    }
}
