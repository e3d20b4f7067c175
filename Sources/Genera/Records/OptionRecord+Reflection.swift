import ArgumentParser

extension OptionRecord {
    /// The values of parsed options, also those that were not given on the command line.
    ///
    /// Options without a value, empty lists, and flags that are off and have no opposite are left out.
    /// - Precondition: `options` come from `parse(_:)`; ArgumentParser does not let others be read.
    /// - Throws: `GeneraError.software` if the options hold property wrappers that are not ArgumentParser's.
    public init<Options: ParsableArguments>(_ options: Options) throws {
        var reader = OptionReader(fields: try OptionSchema(Options.self).fields)
        try reader.read(options)
        entries = reader.entries
    }
}

extension OptionRecord {
    /// The values of parsed options, of which it is sure that they can be read back: what a recipe needs.
    ///
    /// - Throws: `GeneraError.software` for an option whose text does not give its value again, as where its type has a
    ///   `transform` but no description that this reads; as `init(_:)`.
    public static func repeatable<Options: ParsableArguments>(_ options: Options) throws -> OptionRecord {
        let record = try OptionRecord(options)
        let again: OptionRecord
        do { again = try OptionRecord(Options.parse(record.arguments)) } catch {
            throw GeneraError.software(
                "The options cannot be written down so that they can be read again: \(Options.message(for: error))")
        }
        guard again == record else {
            let lost = zip(record.entries, again.entries).first { $0 != $1 }?.0 ?? record.entries.last
            throw GeneraError.software(
                "The option \(lost?.token ?? "") cannot be written down so that it can be read again: its text is '\(lost?.values.joined(separator: " ") ?? "")'."
            )
        }
        return record
    }
}

/// Walks through the properties of options beside the list of their fields, which is in the same order.
private struct OptionReader {
    let fields: [OptionSchema.Field]
    var position = 0
    var entries: [OptionRecord.Entry] = []

    init(fields: [OptionSchema.Field]) { self.fields = fields }

    mutating func read(_ options: Any) throws {
        for child in Mirror(reflecting: options).children {
            guard let property = child.value as? any RecordedProperty else { continue }
            switch property.recorded {
            case let .group(inner): try read(inner)
            case let .value(value):
                let field = try next(child.label)
                let values = texts(value)
                if !values.isEmpty { entries.append(.init(token: field.token, values: values)) }
            case let .flag(value): try readFlag(value, label: child.label)
            }
        }
    }

    private mutating func readFlag(_ value: Any, label: String?) throws {
        if let isOn = unwrapped(value, as: Bool.self) {
            let flags = try pair(label)
            if isOn == true { entries.append(.init(token: flags.on.token, values: [])) }
            if isOn == false, let off = flags.off { entries.append(.init(token: off.token, values: [])) }
        } else if let count = value as? Int {
            let field = try next(label)
            entries += Array(repeating: .init(token: field.token, values: []), count: count)
        } else {
            try readCases(value, label: label)
        }
    }

    /// A flag with a name for each of an enumeration's cases.
    private mutating func readCases(_ value: Any, label: String?) throws {
        let (names, chosen) = caseNames(value)
        let own = try names.map { _ in try next(label) }
        for name in chosen {
            if let place = names.firstIndex(of: name) { entries.append(.init(token: own[place].token, values: [])) }
        }
    }

    /// A flag, and its opposite if it has one. Which of the two comes first is ArgumentParser's matter.
    private mutating func pair(_ label: String?) throws -> (on: OptionSchema.Field, off: OptionSchema.Field?) {
        let first = try next(label)
        guard position < fields.count, fields[position].kind == .flag,
            OptionSchema.areOpposite(first.key, fields[position].key)
        else { return (first, nil) }
        let second = try next(label)
        let isSecondOff = second.key.hasPrefix("no-") || second.key.hasPrefix("disable-")
        return isSecondOff ? (first, second) : (second, first)
    }

    private mutating func next(_ label: String?) throws -> OptionSchema.Field {
        guard position < fields.count else {
            throw GeneraError.software("The option '\(label ?? "")' has no name on the command line.")
        }
        defer { position += 1 }
        return fields[position]
    }
}

/// The value as it would be written on a command line; several for a list, none for nil.
private func texts(_ value: Any) -> [String] {
    let mirror = Mirror(reflecting: value)
    if mirror.displayStyle == .optional { return mirror.children.first.map { texts($0.value) } ?? [] }
    if mirror.displayStyle == .collection { return mirror.children.flatMap { texts($0.value) } }
    if let raw = value as? any RawRepresentable { return ["\(raw.rawValue)"] }
    return ["\(value)"]
}

/// `.some(nil)` stands for an optional truth value that is not set.
private func unwrapped(_ value: Any, as type: Bool.Type) -> Bool?? {
    if let value = value as? Bool { return .some(value) }
    return Swift.type(of: value) == Bool?.self ? .some(nil) : nil
}

private func caseNames(_ value: Any) -> (all: [String], chosen: [String]) {
    func names<Case: EnumerableFlag>(beside one: Case) -> [String] { Case.allCases.map { "\($0)" } }
    if let one = value as? any EnumerableFlag { return (names(beside: one), ["\(one)"]) }
    if let list = value as? any EnumerableFlagList { return (list.allNames, list.chosenNames) }
    return ([], [])
}

private protocol EnumerableFlagList {
    var allNames: [String] { get }
    var chosenNames: [String] { get }
}

extension Optional: EnumerableFlagList where Wrapped: EnumerableFlag {
    fileprivate var allNames: [String] { Wrapped.allCases.map { "\($0)" } }
    fileprivate var chosenNames: [String] { map { ["\($0)"] } ?? [] }
}

extension Array: EnumerableFlagList where Element: EnumerableFlag {
    fileprivate var allNames: [String] { Element.allCases.map { "\($0)" } }
    fileprivate var chosenNames: [String] { map { "\($0)" } }
}

private enum Recorded {
    case value(Any)
    case flag(Any)
    case group(Any)
}

private protocol RecordedProperty {
    var recorded: Recorded { get }
}

extension Option: RecordedProperty {
    fileprivate var recorded: Recorded { .value(wrappedValue) }
}

extension Argument: RecordedProperty {
    fileprivate var recorded: Recorded { .value(wrappedValue) }
}

extension Flag: RecordedProperty {
    fileprivate var recorded: Recorded { .flag(wrappedValue) }
}

extension OptionGroup: RecordedProperty {
    fileprivate var recorded: Recorded { .group(wrappedValue) }
}
