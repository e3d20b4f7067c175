import ArgumentParser
import Formats
import Platform

/// The options of a type, as the command line knows them.
public struct OptionSchema: Sendable {
    /// One option, flag or argument.
    public struct Field: Sendable, Hashable {
        /// What it is.
        public enum Kind: String, Sendable {
            /// A name with a value.
            case option
            /// A name alone.
            case flag
            /// A value alone.
            case positional
        }

        /// What it is.
        public let kind: Kind
        /// How it is written on the command line: `--steps`, `-D`, or `<input>` for an argument.
        public let token: String
        /// All the ways it can be written.
        public let tokens: [String]
        /// Whether it can be given more than once.
        public let isRepeating: Bool

        /// The key in a file: the token without dashes.
        public var key: String { token.trimmingDashes }
    }

    /// The fields in the order of their declaration.
    public let fields: [Field]

    /// The options of a type.
    ///
    /// - Throws: `FormatError` if ArgumentParser's description of the type cannot be read.
    public init(_ type: any ParsableArguments.Type) throws {
        let text = type._dumpHelp()
        let description = try JSONText.parse(ByteView(text.utf8), file: "the options of \(type)")
        guard case let .array(items)? = description["command"]?["arguments"] else {
            fields = []
            return
        }
        fields = items.compactMap(Field.init).filter { !$0.tokens.contains("--help") }
    }

    /// The fields given.
    public init(fields: [Field]) { self.fields = fields }

    /// The options of two types together.
    public static func + (a: OptionSchema, b: OptionSchema) -> OptionSchema {
        OptionSchema(fields: a.fields + b.fields)
    }

    /// The keys that a file may hold, without those of positional arguments.
    public var keys: [String] { fields.flatMap { $0.tokens.map(\.trimmingDashes) } }

    func field(key: String) -> Field? { fields.first { $0.tokens.contains { $0.trimmingDashes == key } } }

    /// The field that is written so: `--steps`, `-D`.
    func field(token: String) -> Field? { fields.first { $0.tokens.contains(token) } }

    /// The flag that says the opposite: `--no-x` for `--x`, `--disable-x` for `--enable-x`.
    func opposite(of flag: Field) -> Field? {
        fields.first { other in
            other.kind == .flag && other != flag && Self.areOpposite(other.key, flag.key)
        }
    }

    static func areOpposite(_ a: String, _ b: String) -> Bool {
        func isPair(_ on: String, _ off: String) -> Bool {
            off == "no-" + on || (on.hasPrefix("enable-") && off == "disable-" + on.dropFirst(7))
        }
        return isPair(a, b) || isPair(b, a)
    }
}

extension OptionSchema.Field {
    fileprivate init?(_ json: JSONValue) {
        guard let kind = json["kind"]?.text.flatMap(Kind.init) else { return nil }
        self.kind = kind
        var repeating = false
        if case .bool(true)? = json["isRepeating"] { repeating = true }
        isRepeating = repeating
        func written(_ name: JSONValue?) -> String? {
            guard let text = name?["name"]?.text else { return nil }
            return (name?["kind"]?.text == "long" ? "--" : "-") + text
        }
        var names: [String] = []
        if case let .array(items)? = json["names"] { names = items.compactMap(written) }
        let value = "<\(json["valueName"]?.text ?? "value")>"
        token = kind == .positional ? value : written(json["preferredName"]) ?? names.first ?? value
        tokens = names.isEmpty ? [token] : names
    }
}

extension String {
    /// Without the dashes or brackets of the command line.
    var trimmingDashes: String {
        hasPrefix("<") ? String(dropFirst().dropLast()) : String(drop { $0 == "-" })
    }
}
