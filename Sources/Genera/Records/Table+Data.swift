import Formats
import Platform

extension Table {
    /// Comma-separated values by RFC 4180 with all digits of every number, for programs.
    ///
    /// A column `x` with means becomes `x`, `x_sd` and `x_n`. Truth values are `true` and `false`, numbers that are not
    /// finite `nan`, `inf` and `-inf`, and an empty cell is empty. There is no place for the title, units and notes.
    public var csv: String { separated(by: ",") }

    /// The same with tabs.
    public var tsv: String { separated(by: "\t") }

    /// An object with `title`, `units`, `rows` and `notes`, those that are not empty; each row is an object.
    ///
    /// A mean is `{"mean": …, "sd": …, "n": …}`. An empty cell and a number that is not finite are `null`.
    public var json: JSONValue {
        let keys = Self.unique(columns.map(\.name))
        let units = zip(keys, columns).filter { !$1.unit.isEmpty }.map { JSONValue.Member($0, .string($1.unit)) }
        let rows = rows.map { row in JSONValue.object(zip(keys, row).map { .init($0, $1.json) }) }
        return .object(
            (title.isEmpty ? [] : [.init("title", .string(title))])
                + (units.isEmpty ? [] : [.init("units", .object(units))])
                + [.init("rows", .array(rows))]
                + (notes.isEmpty ? [] : [.init("notes", .array(notes.map { .string($0) }))]))
    }

    /// The endings that ``write(to:)`` knows, without the point.
    public static let fileExtensions = ["csv", "tsv", "json", "md", "txt"]

    /// Writes the table whole or not at all, as the ending of `path` says: `.csv`, `.tsv`, `.json`, `.md` or `.txt`.
    ///
    /// - Throws: `GeneraError.usage` for another ending, and `FormatError` of the system.
    public func write(to path: String) throws {
        try AtomicFile.write(try contents(for: path), to: path)
    }

    /// The text that ``write(to:)`` writes.
    ///
    /// - Throws: `GeneraError.usage` for an ending that is not known.
    public func contents(for path: String) throws -> String {
        let name = path.split(separator: "/").last ?? ""
        let ending = name.contains(".") ? name.split(separator: ".").last.map { $0.lowercased() } : nil
        switch ending {
        case "csv": return csv
        case "tsv": return tsv
        case "json": return json.json + "\n"
        case "md": return markdown + "\n"
        case "txt": return text + "\n"
        default:
            throw GeneraError.usage(
                "\(path): a table is written as "
                    + Self.fileExtensions.map { ".\($0)" }.joined(separator: ", ") + "; give it one of these endings.")
        }
    }

    private func separated(by delimiter: Character) -> String {
        let isMean = columns.indices.map { column in
            rows.contains { if case .mean = $0[column] { true } else { false } }
        }
        let names = columns.indices.flatMap { column in
            let name = columns[column].name
            return isMean[column] ? [name, "\(name)_sd", "\(name)_n"] : [name]
        }
        let body = rows.map { row in columns.indices.flatMap { row[$0].fields(isMean: isMean[$0]) } }
        return ([Self.unique(names)] + body).map { CSV.line($0, delimiter: delimiter) + "\n" }.joined()
    }

    /// The names, each that came before with a number behind it: `x`, `x_2`.
    private static func unique(_ names: [String]) -> [String] {
        var used: Set<String> = []
        return names.map { name in
            var (result, number) = (name, 1)
            while !used.insert(result).inserted { number += 1; result = "\(name)_\(number)" }
            return result
        }
    }
}

extension Table.Cell {
    /// The cell as JSON, as in ``Table/json``.
    public var json: JSONValue {
        switch self {
        case let .text(text): .string(text)
        case let .integer(number): .integer(number)
        case let .number(number): Self.json(number)
        case let .mean(mean, deviation, count):
            ["mean": Self.json(mean), "sd": deviation.map(Self.json) ?? .null, "n": .integer(count)]
        case let .truth(isTrue): .bool(isTrue)
        case .empty: .null
        }
    }

    private static func json(_ number: Double) -> JSONValue { number.isFinite ? .number(number) : .null }

    fileprivate func fields(isMean: Bool) -> [String] {
        let rest = isMean ? ["", ""] : []
        switch self {
        case let .text(text): return [text] + rest
        case let .integer(number): return ["\(number)"] + rest
        case let .number(number): return ["\(number)"] + rest
        case let .mean(mean, deviation, count): return ["\(mean)", deviation.map { "\($0)" } ?? "", "\(count)"]
        case let .truth(isTrue): return ["\(isTrue)"] + rest
        case .empty: return [""] + rest
        }
    }
}
