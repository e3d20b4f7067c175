import Formats

/// Options with their values, in order, as they are written on a command line.
///
///     let record = try OptionRecord(options)
///     record.arguments  // ["--steps", "18", "--D", "2048", "--no-churn"]
public struct OptionRecord: Sendable, Hashable {
    /// One option and its values, as texts.
    public struct Entry: Sendable, Hashable {
        /// `--steps`, `-D`, or `<input>` for an argument.
        public let token: String
        /// The values; none for a flag.
        public let values: [String]

        /// Makes an entry.
        public init(token: String, values: [String]) {
            self.token = token
            self.values = values
        }

        /// The key in a file: the token without dashes.
        public var key: String { token.trimmingDashes }
    }

    /// The options in order.
    public var entries: [Entry]

    /// A record of the entries given.
    public init(entries: [Entry] = []) { self.entries = entries }

    /// The words that set these options on a command line.
    public var arguments: [String] {
        let named = entries.filter { !$0.token.hasPrefix("<") }.flatMap { entry -> [String] in
            guard !entry.values.isEmpty else { return [entry.token] }
            return entry.values.flatMap { value in
                value.hasPrefix("-") ? ["\(entry.token)=\(value)"] : [entry.token, value]
            }
        }
        let positional = entries.filter { $0.token.hasPrefix("<") }.flatMap(\.values)
        return named + (positional.contains { $0.hasPrefix("-") } ? ["--"] : []) + positional
    }

    /// The lines of a configuration file.
    public var yaml: [(key: String, value: YAMLValue)] {
        entries.map { entry in
            switch entry.values.count {
            case 0: (key: entry.key, value: .scalar("true"))
            case 1: (key: entry.key, value: .scalar(entry.values[0]))
            default: (key: entry.key, value: .list(entry.values))
            }
        }
    }

    /// The values of an option by its key; nil if it is not set.
    public subscript(key: String) -> [String]? { entries.first { $0.key == key }?.values }

    /// This record followed by another's options.
    public func appending(_ other: OptionRecord) -> OptionRecord { OptionRecord(entries: entries + other.entries) }

    /// The options of a configuration file.
    ///
    /// - Parameters:
    ///   - schema: the options that there are.
    ///   - others: keys that mean something else and are skipped.
    /// - Throws: `FormatError` that names file and line, and the nearest option, for a key or value that makes no sense.
    public init(_ file: YAMLOptions, schema: OptionSchema, ignoring others: [String] = []) throws {
        try file.check(known: schema.keys + others)
        entries = try file.entries.filter { !others.contains($0.key) }.compactMap { entry in
            guard let field = schema.field(key: entry.key) else { return nil }
            return try Entry(entry, field, schema, file: file.file)
        }
    }
}

extension OptionRecord.Entry {
    fileprivate init?(
        _ entry: YAMLOptions.Entry, _ field: OptionSchema.Field, _ schema: OptionSchema, file: String
    ) throws {
        func error(_ reason: String) -> FormatError {
            FormatError(file: file, place: "line \(entry.line)", reason: "option '\(entry.key)' \(reason)")
        }
        switch (field.kind, entry.value) {
        case (_, .null): return nil
        case (.flag, _):
            guard let isOn = entry.value.bool else { throw error("must be true or false") }
            if isOn {
                self.init(token: field.token, values: [])
            } else if let opposite = schema.opposite(of: field) {
                self.init(token: opposite.token, values: [])
            } else {
                return nil
            }
        case let (_, .scalar(text)): self.init(token: field.token, values: [text])
        case let (_, .list(items)):
            guard field.isRepeating else { throw error("takes one value, not \(items.count)") }
            guard !items.isEmpty else { return nil }
            self.init(token: field.token, values: items)
        }
    }
}

extension OptionRecord: Codable {
    /// Reads a list of lists: each option's token and its values.
    public init(from decoder: any Decoder) throws {
        let lists = try [[String]](from: decoder)
        entries = lists.filter { !$0.isEmpty }.map { Entry(token: $0[0], values: Array($0.dropFirst())) }
    }

    /// Writes a list of lists: each option's token and its values.
    public func encode(to encoder: any Encoder) throws {
        try entries.map { [$0.token] + $0.values }.encode(to: encoder)
    }
}
