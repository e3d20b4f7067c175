/// Strict JSON (RFC 8259) for hostile input: duplicate keys, deep nesting and anything after the value are errors.
public enum JSONText {
    /// Reads one value.
    ///
    /// - Throws: ``FormatError`` with the byte offset of the first byte that is wrong.
    public static func parse(_ view: ByteView, file: String, place: String = "", depth: Int = 64) throws -> JSONValue {
        guard FileKind(view) != .webPage else {
            throw FormatError(view, isNot: "JSON", file: file, place: place, reason: "")
        }
        return try view.withUnsafeBytes {
            var parser = JSONParser(bytes: $0, file: file, place: place, depth: depth)
            return try parser.document()
        }
    }

    /// `text` as a JSON string, quotes included; everything beyond printable ASCII stays as UTF-8.
    public static func quote(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            case "\r": result += "\\r"
            case _ where scalar.value < 32:
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}

private struct JSONParser {
    let bytes: UnsafeRawBufferPointer
    let file: String
    let place: String
    var depth: Int
    var position = 0

    init(bytes: UnsafeRawBufferPointer, file: String, place: String, depth: Int) {
        self.bytes = bytes
        self.file = file
        self.place = place
        self.depth = depth
    }

    func error(_ reason: String, at offset: Int? = nil) -> FormatError {
        let byte = "byte \(offset ?? position)"
        return FormatError(
            file: file, place: place.isEmpty ? byte : "\(place) \(byte)", reason: "not valid JSON: \(reason)")
    }

    mutating func document() throws -> JSONValue {
        let result = try value()
        skipSpace()
        guard position == bytes.count else { throw error("something follows the value") }
        return result
    }

    mutating func skipSpace() {
        while position < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[position]) { position += 1 }
    }

    mutating func next(_ wanted: String) throws -> UInt8 {
        skipSpace()
        guard position < bytes.count else { throw error("the text ends where \(wanted) was expected") }
        return bytes[position]
    }

    mutating func expect(_ character: Character) throws {
        guard try next("'\(character)'") == character.asciiValue else { throw error("expected '\(character)'") }
        position += 1
    }

    mutating func value() throws -> JSONValue {
        switch try next("a value") {
        case UInt8(ascii: "{"): return try nested { try $0.object() }
        case UInt8(ascii: "["): return try nested { try $0.array() }
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return try number()
        }
    }

    mutating func nested(_ body: (inout JSONParser) throws -> JSONValue) throws -> JSONValue {
        guard depth > 0 else { throw error("nested too deep") }
        depth -= 1
        defer { depth += 1 }
        position += 1
        return try body(&self)
    }

    mutating func object() throws -> JSONValue {
        var members: [JSONValue.Member] = []
        var keys: Set<String> = []
        if try next("'}'") == UInt8(ascii: "}") { position += 1; return .object([]) }
        while true {
            let start = position
            guard try next("a key") == UInt8(ascii: "\"") else { throw error("expected a key in quotes") }
            let key = try string()
            guard keys.insert(key).inserted else { throw error("duplicate key \(quoted(key))", at: start) }
            try expect(":")
            members.append(.init(key: key, value: try value()))
            if try next("',' or '}'") == UInt8(ascii: "}") { position += 1; return .object(members) }
            try expect(",")
            skipSpace()
        }
    }

    mutating func array() throws -> JSONValue {
        var items: [JSONValue] = []
        if try next("']'") == UInt8(ascii: "]") { position += 1; return .array([]) }
        while true {
            items.append(try value())
            if try next("',' or ']'") == UInt8(ascii: "]") { position += 1; return .array(items) }
            try expect(",")
        }
    }

    mutating func word(_ text: String, _ result: JSONValue) throws -> JSONValue {
        guard bytes.dropFirst(position).starts(with: text.utf8) else { throw error("expected a value") }
        position += text.utf8.count
        return result
    }

    mutating func number() throws -> JSONValue {
        let start = position
        while position < bytes.count, isNumberByte(bytes[position]) { position += 1 }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        guard isNumber(text.utf8) else { throw error("expected a value", at: start) }
        if let integer = Int(text) { return .integer(integer) }
        guard let number = Double(text), number.isFinite else { throw error("a number is too large", at: start) }
        return .number(number)
    }

    private func isNumberByte(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || [0x2B, 0x2D, 0x2E, 0x45, 0x65].contains(byte)
    }

    /// The grammar of RFC 8259: no leading zeros, no plus, digits on both sides of the point.
    private func isNumber(_ text: String.UTF8View) -> Bool {
        var rest = text[...]
        func digits() -> Int {
            let count = rest.prefix { (48...57).contains($0) }.count
            rest = rest.dropFirst(count)
            return count
        }
        if rest.first == 0x2D { rest = rest.dropFirst() }
        let leadingZero = rest.first == 48
        let whole = digits()
        guard whole > 0, !leadingZero || whole == 1 else { return false }
        if rest.first == 0x2E {
            rest = rest.dropFirst()
            guard digits() > 0 else { return false }
        }
        if rest.first == 0x65 || rest.first == 0x45 {
            rest = rest.dropFirst()
            if rest.first == 0x2B || rest.first == 0x2D { rest = rest.dropFirst() }
            guard digits() > 0 else { return false }
        }
        return rest.isEmpty
    }

    mutating func string() throws -> String {
        let start = position
        position += 1
        var text: [UInt8] = []
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let result = String(validating: text, as: UTF8.self) else {
                    throw error("text is not UTF-8", at: start)
                }
                return result
            case UInt8(ascii: "\\"): text.append(contentsOf: String(Character(try escape())).utf8)
            case 0..<32: throw error("a control character inside a text", at: position - 1)
            default: text.append(byte)
            }
        }
        throw error("a text does not end", at: start)
    }

    mutating func escape() throws -> Unicode.Scalar {
        guard position < bytes.count else { throw error("a text does not end") }
        let byte = bytes[position]
        position += 1
        switch byte {
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{c}"
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
        case UInt8(ascii: "u"): return try unicodeEscape()
        default: throw error("unknown escape", at: position - 1)
        }
    }

    mutating func unicodeEscape() throws -> Unicode.Scalar {
        let start = position
        let high = try hexadecimal()
        if let scalar = Unicode.Scalar(high) { return scalar }
        guard high < 0xDC00, bytes.dropFirst(position).starts(with: "\\u".utf8) else {
            throw error("half of a surrogate pair", at: start)
        }
        position += 2
        let low = try hexadecimal()
        guard (0xDC00...0xDFFF).contains(low),
            let scalar = Unicode.Scalar(0x10000 + (high - 0xD800) << 10 + (low - 0xDC00))
        else { throw error("half of a surrogate pair", at: start) }
        return scalar
    }

    mutating func hexadecimal() throws -> UInt32 {
        guard bytes.count - position >= 4 else { throw error("a text does not end") }
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = Character(Unicode.Scalar(bytes[position])).hexDigitValue else {
                throw error("bad \\u escape")
            }
            value = value << 4 | UInt32(digit)
            position += 1
        }
        return value
    }
}
