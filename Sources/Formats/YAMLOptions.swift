import Yams

/// The value of an option in a YAML file.
public enum YAMLValue: Sendable, Equatable {
    /// A number, truth value or text, as it is written.
    case scalar(String)
    /// Several values, `[a, b]` or a line each, as they are written.
    case list([String])
    /// Nothing, `~` or `null`.
    case null

    /// The text of a scalar, the items of a list with commas between them, or nil.
    public var text: String? {
        switch self {
        case .scalar(let text): text
        case .list(let items): items.joined(separator: ",")
        case .null: nil
        }
    }

    /// `true`, `yes`, `on` and `false`, `no`, `off` in any case, or nil for anything else.
    public var bool: Bool? {
        guard case .scalar(let text) = self else { return nil }
        return switch text.lowercased() {
        case "true", "yes", "on": true
        case "false", "no", "off": false
        default: nil
        }
    }
}

/// Options from a YAML file, in the file's order: `key: value`, one level of sections allowed.
///
///     let options = try YAMLOptions(path: "train.yaml")
///     for option in options.entries { print(option.line, option.key, option.value) }
///
/// A section's keys are joined to its name by a dot: `optim: {lr: 1e-3}` gives `optim.lr`.
public struct YAMLOptions: Sendable {
    /// One option with its line, so that a message can say where it stands.
    public struct Entry: Sendable, Equatable {
        /// The option's name, a section's name and a dot before it where there is a section.
        public let key: String
        /// The option's value, as it is written.
        public let value: YAMLValue
        /// Line of the key in the file, from 1 on.
        public let line: Int
    }

    /// The path, or the name given for text from elsewhere.
    public let file: String
    /// The options in order; no key comes twice.
    public private(set) var entries: [Entry] = []

    static let sizeLimit = 1 << 20

    /// Reads the file at `path`.
    ///
    /// - Throws: ``FormatError``, as `init(text:file:)`, or when it cannot be mapped.
    public init(path: String) throws {
        let view = try MappedFile(path: path).view
        guard view.count <= Self.sizeLimit else {
            throw FormatError(file: path, reason: "\(view.count) bytes are too many for options")
        }
        guard let text = view.text() else { throw FormatError(file: path, reason: "the text is not UTF-8") }
        try self.init(text: text, file: path)
    }

    /// Reads YAML text; `file` names it in messages.
    ///
    /// - Throws: ``FormatError`` with the line, when it is not valid YAML, is not a mapping, has a key twice, or is nested
    ///   deeper than one section.
    public init(text: String, file: String) throws {
        self.file = file
        try checkBounds(text, file)
        guard let root = try compose(text, file) else { return }
        if case .scalar(let scalar) = root, scalar.string.isEmpty { return }
        guard case .mapping(let mapping) = root else {
            throw FormatError(
                file: file, place: "line \(root.mark?.line ?? 1)", reason: "options must be 'key: value' lines")
        }
        var seen: [String: Int] = [:]
        for (key, value) in mapping {
            if case .mapping(let section) = value {
                for (inner, item) in section { try add("\(try name(key)).\(try name(inner))", inner, item, &seen) }
            } else {
                try add(try name(key), key, value, &seen)
            }
        }
    }

    /// The value of `key`, or nil.
    public subscript(key: String) -> YAMLValue? { entries.first { $0.key == key }?.value }

    /// Checks that every key is one of `known`.
    ///
    /// - Throws: ``FormatError`` with the line of the first that is not, and the nearest known one.
    public func check(known: [String]) throws {
        let names = Set(known)
        for entry in entries where !names.contains(entry.key) {
            throw FormatError(
                file: file, place: "line \(entry.line)", reason: "unknown option \(quoted(entry.key))",
                advice: nearestName(to: entry.key, in: known).map { "did you mean \(quoted($0))?" } ?? "")
        }
    }

    private func error(_ node: Node, _ reason: String) -> FormatError {
        FormatError(file: file, place: "line \(node.mark?.line ?? 1)", reason: reason)
    }

    private func name(_ key: Node) throws -> String {
        guard case .scalar(let scalar) = key, !scalar.string.isEmpty else {
            throw error(key, "an option's name must be a text")
        }
        return scalar.string
    }

    private mutating func add(_ key: String, _ node: Node, _ value: Node, _ seen: inout [String: Int]) throws {
        let line = node.mark?.line ?? 1
        if let first = seen.updateValue(line, forKey: key) {
            throw error(node, "\(quoted(key)) is already set in line \(first)")
        }
        entries.append(Entry(key: key, value: try yamlValue(value, key), line: line))
    }

    private func yamlValue(_ node: Node, _ key: String) throws -> YAMLValue {
        switch node {
        case .scalar(let scalar):
            let isNull = scalar.style == .plain && ["", "~", "null", "Null", "NULL"].contains(scalar.string)
            return isNull ? .null : .scalar(scalar.string)
        case .sequence(let items):
            return .list(
                try items.map { item in
                    guard case .scalar(let scalar) = item else {
                        throw error(item, "the items of \(quoted(key)) must be plain values")
                    }
                    return scalar.string
                })
        case .mapping, .alias: throw error(node, "\(quoted(key)) is nested too deep: one section is allowed")
        }
    }
}

/// Bounds what Yams would build: it copies an anchor's content wherever its alias stands, many times over when
/// aliases hold aliases, and goes one call deeper with each level.
private func checkBounds(_ text: String, _ file: String) throws {
    guard text.utf8.count <= YAMLOptions.sizeLimit else {
        throw FormatError(file: file, reason: "the text is too long for options")
    }
    var (marks, depth, line) = (0, 0, 1)
    var previous = UInt8(ascii: " ")
    for byte in text.utf8 {
        switch byte {
        case 0x0A: line += 1
        case UInt8(ascii: "&"), UInt8(ascii: "*"): if !isWordByte(previous) { marks += 1 }
        case UInt8(ascii: "["), UInt8(ascii: "{"): depth += 1
        case UInt8(ascii: "]"), UInt8(ascii: "}"): depth = max(depth - 1, 0)
        default: break
        }
        previous = byte
        guard marks <= 32 else {
            throw FormatError(file: file, place: "line \(line)", reason: "too many anchors and aliases")
        }
        guard depth <= 64 else {
            throw FormatError(file: file, place: "line \(line)", reason: "brackets are nested too deep")
        }
    }
}

private func isWordByte(_ byte: UInt8) -> Bool {
    (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte) || byte == 0x5F || byte >= 128
}

private func compose(_ text: String, _ file: String) throws -> Node? {
    do {
        return try Parser(yaml: text).singleRoot()
    } catch let error as YamlError {
        throw formatError(error, file)
    } catch {
        throw FormatError(file: file, reason: "not valid YAML: \(error)")
    }
}

private func formatError(_ error: YamlError, _ file: String) -> FormatError {
    switch error {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
        .composer(_, let problem, let mark, _):
        FormatError(file: file, place: "line \(mark.line)", reason: "not valid YAML: \(problem)")
    case .duplicatedKeysInMapping(let keys, let context):
        FormatError(
            file: file, place: "line \(context.mark.line)",
            reason: "\(keys.map { quoted($0) }.joined(separator: ", ")) is set twice")
    case .reader(let problem, _, _, _), .writer(let problem), .emitter(let problem), .representer(let problem):
        FormatError(file: file, reason: "not valid YAML: \(problem)")
    default:
        FormatError(file: file, reason: "not valid YAML: it cannot be decoded")
    }
}
