import Formats

/// A JSON value that is printed for programs.
indirect enum JSONOutput {
    case text(String)
    case integer(Int)
    case number(Double)
    case truth(Bool)
    case list([JSONOutput])
    case object([(String, JSONOutput)])
    case null

    /// A text, or null.
    init(_ text: String?) { self = text.map { .text($0) } ?? .null }

    /// Several lines, indented.
    var text: String { text(indent: "") }

    private func text(indent: String) -> String {
        switch self {
        case let .text(text): return JSONText.quote(text)
        case let .integer(number): return "\(number)"
        case let .number(number): return number.isFinite ? "\(number)" : "null"
        case let .truth(isTrue): return "\(isTrue)"
        case .null: return "null"
        case let .list(items) where items.allSatisfy(\.isPlain):
            return "[" + items.map { $0.text(indent: "") }.joined(separator: ", ") + "]"
        case let .list(items): return block("[", items.map { $0.text(indent: indent + "  ") }, "]", indent)
        case let .object(members):
            let lines = members.map { "\(JSONText.quote($0)): \($1.text(indent: indent + "  "))" }
            return members.isEmpty ? "{}" : block("{", lines, "}", indent)
        }
    }

    private var isPlain: Bool {
        switch self {
        case .list, .object: false
        default: true
        }
    }

    private func block(_ open: String, _ lines: [String], _ close: String, _ indent: String) -> String {
        "\(open)\n" + lines.map { "\(indent)  \($0)" }.joined(separator: ",\n") + "\n\(indent)\(close)"
    }
}
