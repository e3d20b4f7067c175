import Genera

/// The members of a JSON object, read with errors that say where in the file something is not as it should be.
struct JSONFields {
    let value: JSONValue
    let file: String
    /// For example `frames[3]`; empty at the top.
    let place: String

    init(_ value: JSONValue, file: String, place: String = "") throws {
        (self.value, self.file, self.place) = (value, file, place)
        guard case .object = value else { throw error("an object {...} was expected here") }
    }

    func error(_ reason: String, advice: String = "") -> FormatError {
        FormatError(file: file, place: place, reason: reason, advice: advice)
    }

    /// Whether there is such a member, and it is not null.
    func has(_ key: String) -> Bool { value[key].map { $0 != .null } ?? false }

    func number(_ key: String) throws -> Double {
        guard let number = try optionalNumber(key) else { throw error("has no number '\(key)'") }
        return number
    }

    /// A number; nil where there is none or it is null.
    func optionalNumber(_ key: String) throws -> Double? {
        guard let member = value[key], member != .null else { return nil }
        guard let number = member.asNumber else { throw error("'\(key)' is not a number") }
        return number
    }

    /// A whole number from 1 on, also written as `800.0`; nil where there is none.
    func optionalSize(_ key: String) throws -> Int? {
        guard let number = try optionalNumber(key) else { return nil }
        guard number >= 1, number <= 65536, number == number.rounded() else {
            throw error("'\(key)' is \(number); a whole number of pixels from 1 to 65,536 was expected")
        }
        return Int(number)
    }

    func size(_ key: String) throws -> Int {
        guard let size = try optionalSize(key) else { throw error("has no number '\(key)'") }
        return size
    }

    func optionalText(_ key: String) throws -> String? {
        guard let member = value[key], member != .null else { return nil }
        guard case .string(let text) = member else { throw error("'\(key)' is not a text") }
        return text
    }

    /// A list of `count` numbers, also in rows: `[[1, 2], [3, 4]]` is `[1, 2, 3, 4]`.
    func numbers(_ key: String, counts: [Int]) throws -> [Double] {
        guard let member = value[key] else { throw error("has no '\(key)'") }
        var numbers: [Double] = []
        func add(_ value: JSONValue, _ depth: Int) -> Bool {
            if let number = value.asNumber { numbers.append(number); return true }
            guard case .array(let items) = value, depth > 0, items.count <= 64 else { return false }
            return items.allSatisfy { add($0, depth - 1) }
        }
        guard add(member, 2), counts.contains(numbers.count) else {
            throw error("'\(key)' must be \(counts.map(String.init).joined(separator: " or ")) numbers")
        }
        return numbers
    }

    /// A list of objects.
    func objects(_ key: String) throws -> [JSONFields] {
        guard let member = value[key] else { throw error("has no list '\(key)'") }
        return try Self.objects(member, file: file, place: place.isEmpty ? key : "\(place) \(key)")
    }

    static func objects(_ value: JSONValue, file: String, place: String) throws -> [JSONFields] {
        guard case .array(let items) = value else {
            throw FormatError(file: file, place: place, reason: "a list [...] was expected here")
        }
        return try items.enumerated().map { try JSONFields($1, file: file, place: "\(place)[\($0)]") }
    }

    /// A list of texts; nil where there is none.
    func optionalTexts(_ key: String) throws -> [String]? {
        guard let member = value[key], member != .null else { return nil }
        guard case .array(let items) = member else { throw error("'\(key)' is not a list") }
        return try items.map {
            guard case .string(let text) = $0 else { throw error("'\(key)' holds something else than texts") }
            return text
        }
    }
}

extension JSONValue {
    /// A number of either kind.
    fileprivate var asNumber: Double? {
        switch self {
        case .integer(let number): Double(number)
        case .number(let number): number
        default: nil
        }
    }
}
