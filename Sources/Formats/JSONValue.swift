/// A JSON value whose objects keep the order of their members.
public enum JSONValue: Sendable, Equatable {
    case null
    case bool(Bool)
    /// A number without fraction or exponent that fits `Int`.
    case integer(Int)
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object([Member])

    /// One `"key": value` of an object.
    public struct Member: Sendable, Equatable {
        /// The text before the colon, escapes undone.
        public let key: String
        /// What stands after the colon.
        public let value: JSONValue
    }

    /// The value of `key` when this is an object that has it.
    ///
    /// - Complexity: O(members).
    public subscript(key: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.key == key }?.value
    }
}

extension JSONValue.Member {
    /// Makes a member.
    public init(_ key: String, _ value: JSONValue) {
        self.init(key: key, value: value)
    }
}

// A value is written in code as it is written in JSON: `["name": "digits28", "sizes": [28, 28], "labels": true]`.
// There is no literal for `null`: `value["key"] == nil` asks whether the key is missing.

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    /// A text.
    public init(stringLiteral text: String) { self = .string(text) }
    /// A whole number.
    public init(integerLiteral number: Int) { self = .integer(number) }
    /// A number.
    public init(floatLiteral number: Double) { self = .number(number) }
    /// `true` or `false`.
    public init(booleanLiteral isTrue: Bool) { self = .bool(isTrue) }
    /// A list.
    public init(arrayLiteral items: JSONValue...) { self = .array(items) }
    /// An object with its members in this order; a key that comes twice is a mistake of the code.
    public init(dictionaryLiteral members: (String, JSONValue)...) {
        precondition(Set(members.map(\.0)).count == members.count, "a key comes twice")
        self = .object(members.map { Member($0, $1) })
    }
    /// A text, or null.
    public init(_ text: String?) { self = text.map { .string($0) } ?? .null }
}

extension JSONValue {
    /// Strict JSON on several lines, indented by two spaces; lists of plain values and empty objects on one line.
    ///
    /// Members keep their order. JSON has no NaN and no infinities: they are written as `null`.
    public var json: String { json(indent: "") }

    /// The same on one line.
    public var jsonLine: String {
        switch self {
        case let .array(items): "[" + items.map(\.jsonLine).joined(separator: ", ") + "]"
        case let .object(members):
            "{" + members.map { "\(JSONText.quote($0.key)): \($0.value.jsonLine)" }.joined(separator: ", ") + "}"
        case .null: "null"
        case let .bool(isTrue): "\(isTrue)"
        case let .integer(number): "\(number)"
        case let .number(number): number.isFinite ? "\(number)" : "null"
        case let .string(text): JSONText.quote(text)
        }
    }

    private func json(indent: String) -> String {
        switch self {
        case let .array(items) where !items.allSatisfy(\.isPlain):
            block("[", items.map { $0.json(indent: indent + "  ") }, "]", indent)
        case let .object(members) where !members.isEmpty:
            block(
                "{", members.map { "\(JSONText.quote($0.key)): \($0.value.json(indent: indent + "  "))" }, "}", indent)
        default: jsonLine
        }
    }

    private var isPlain: Bool {
        switch self {
        case .array, .object: false
        default: true
        }
    }

    private func block(_ open: String, _ lines: [String], _ close: String, _ indent: String) -> String {
        "\(open)\n" + lines.map { "\(indent)  \($0)" }.joined(separator: ",\n") + "\n\(indent)\(close)"
    }
}
