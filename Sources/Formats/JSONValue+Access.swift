/// Reading values out of JSON whose form is known.
extension JSONValue {
    /// The item of a list, or nil.
    public subscript(index: Int) -> JSONValue? {
        guard case let .array(items) = self, items.indices.contains(index) else { return nil }
        return items[index]
    }

    /// The number, also one written as the text `inf`; nil for anything else.
    public var number: Double? {
        switch self {
        case let .integer(value): Double(value)
        case let .number(value): value
        case let .string(text): ["inf", "Infinity"].contains(text) ? .infinity : nil
        default: nil
        }
    }

    /// The whole number, or nil.
    public var integer: Int? {
        switch self {
        case let .integer(value): value
        case let .number(value): Int(exactly: value)
        default: nil
        }
    }

    /// The text, or nil.
    public var text: String? {
        if case let .string(text) = self { return text }
        return nil
    }

    /// The truth value, or nil.
    public var bool: Bool? {
        if case let .bool(value) = self { return value }
        return nil
    }

    /// The items of a list, or nil.
    public var items: [JSONValue]? {
        if case let .array(items) = self { return items }
        return nil
    }

    /// The members of an object, or nil.
    public var members: [Member]? {
        if case let .object(members) = self { return members }
        return nil
    }

    /// The numbers of a list of numbers, or nil.
    public var numbers: [Double]? {
        guard let items else { return nil }
        let numbers = items.compactMap(\.number)
        return numbers.count == items.count ? numbers : nil
    }

    /// The whole numbers of a list of them, or nil.
    public var integers: [Int]? {
        guard let items else { return nil }
        let integers = items.compactMap(\.integer)
        return integers.count == items.count ? integers : nil
    }

    /// The texts of a list of texts, or nil.
    public var texts: [String]? {
        guard let items else { return nil }
        let texts = items.compactMap(\.text)
        return texts.count == items.count ? texts : nil
    }

    /// Whether this is `null`.
    public var isNull: Bool { self == .null }
}
