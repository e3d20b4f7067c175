import Yams

extension YAMLOptions {
    /// YAML text of options in the given order, which reads back as the same keys and values.
    public static func text(_ entries: [(key: String, value: YAMLValue)]) -> String {
        entries.map { "\(scalar($0.key)): \(text($0.value))\n" }.joined()
    }

    /// Writes options to `path` atomically.
    ///
    /// - Throws: ``FormatError`` of the system.
    public static func write(_ entries: [(key: String, value: YAMLValue)], to path: String) throws {
        try AtomicFile.write(text(entries), to: path)
    }

    private static func text(_ value: YAMLValue) -> String {
        switch value {
        case .scalar(let text): scalar(text)
        case .list(let items): "[\(items.map(scalar).joined(separator: ", "))]"
        case .null: "null"
        }
    }

    /// Letters, digits and a few signs stand as they are; all else goes in double quotes, which YAML reads as JSON does.
    private static func scalar(_ text: String) -> String {
        let isPlain =
            !text.isEmpty
            && text.utf8.allSatisfy {
                (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0) || "_./+-".utf8.contains($0)
            }
            && !text.hasPrefix("-") || Double(text) != nil && !text.contains(" ")
        let isNull = ["~", "null", "Null", "NULL", "---", "..."].contains(text)
        return isPlain && !isNull ? text : JSONText.quote(text)
    }
}
