import ArgumentParser
import Formats
import Genera

/// The options of a type with their defaults and meanings, for printing.
struct OptionTable {
    /// One option or flag.
    struct Row {
        /// The key in configuration files.
        let key: String
        /// What it means, in one line.
        let help: String
        /// The default as it is written; nil if there is none.
        let defaultValue: String?
        /// Whether it must be given.
        let isRequired: Bool
        /// Whether it takes one of a few words.
        let hasChoices: Bool
    }

    /// The options in the order of the help, without `--help` and `--version`.
    let rows: [Row]

    /// The options of a type.
    init(_ type: any ParsableArguments.Type) throws {
        let json = try JSONText.parse(ByteView(Array(type._dumpHelp().utf8)), file: "the options of \(type)")
        let arguments = json["command"]?["arguments"]?.items ?? []
        let names = Set(arguments.compactMap { $0["preferredName"]?["name"]?.text })
        let all = arguments.compactMap { Row($0, isOpposed: { names.contains("no-\($0)") }) }
        rows = all.filter { row in !all.contains { row.key == "no-\($0.key)" } }
    }
}

extension OptionTable.Row {
    /// - Parameter isOpposed: whether there is a flag that says the opposite of the one of a key.
    fileprivate init?(_ json: JSONValue, isOpposed: (String) -> Bool) {
        guard let kind = json["kind"]?.text, kind != "positional", let key = json["preferredName"]?["name"]?.text,
            !["help", "version"].contains(key)
        else { return nil }
        self.key = key
        help = json["abstract"]?.text ?? ""
        isRequired = json["isOptional"] == .bool(false)
        hasChoices = json["allValues"]?.items?.isEmpty == false
        let text = json["defaultValue"]?.text
        if kind == "flag", text == nil, isOpposed(key) {
            // Neither on nor off: the family decides.
            defaultValue = nil
        } else if kind == "flag" {
            defaultValue = text == "true" || text == "--\(key)" ? "true" : "false"
        } else {
            defaultValue = text
        }
    }
}
