import Formats

extension OptionRecord {
    /// This record with an option set to another value, given by any of its names with or without dashes. A flag takes
    /// `true` or `false`.
    ///
    ///     try OptionRecord(options).replacing("steps", with: "35", in: OptionSchema(Options.self))
    ///
    /// - Parameter others: names that mean something else, to be offered beside the schema's.
    /// - Throws: `GeneraError.usage` for a name that is not in the schema, with the nearest, or a flag's wrong value.
    public func replacing(_ name: String, with value: String, in schema: OptionSchema, others: [String] = []) throws
        -> OptionRecord
    {
        let key = name.trimmingDashes
        guard let field = schema.field(key: key) else {
            let known = schema.fields.map(\.key) + others
            let nearest = nearestName(to: key, in: schema.keys + others).map { " Did you mean '\($0)'?" } ?? ""
            throw GeneraError.usage(
                "There is no option '\(key)'.\(nearest) Known: \(known.joined(separator: ", ")).")
        }
        let opposite = schema.opposite(of: field)
        let tokens = field.tokens + (opposite?.tokens ?? [])
        var entry: Entry?
        if field.kind == .flag {
            guard ["true", "false"].contains(value) else {
                throw GeneraError.usage("The flag '\(key)' is true or false, not '\(value)'.")
            }
            entry = (value == "true" ? field : opposite).map { Entry(token: $0.token, values: []) }
        } else {
            entry = Entry(token: field.token, values: [value])
        }
        let place = entries.firstIndex { tokens.contains($0.token) } ?? entries.count
        var kept = entries
        kept.removeAll { tokens.contains($0.token) }
        if let entry { kept.insert(entry, at: min(place, kept.count)) }
        return OptionRecord(entries: kept)
    }
}
