extension Table {
    /// For a terminal: title, headings, a line and the rows, each column as wide as its widest cell, numbers to the right.
    ///
    /// Characters that would steer a terminal are written as `\u{1b}`. Ends without a newline.
    public var text: String {
        let heads = columns.indices.map { heading($0) }
        let body = rows.map { row in columns.indices.map { seen(row[$0], $0) } }
        let widths = columns.indices.map { column in ([heads] + body).map { $0[column].count }.max() ?? 0 }
        func line(_ cells: [String]) -> String {
            let padded = columns.indices.map { column in
                let space = String(repeating: " ", count: widths[column] - cells[column].count)
                return isNumeric(column) ? space + cells[column] : cells[column] + space
            }
            return trimmed(padded.joined(separator: "  "))
        }
        let rule = widths.map { String(repeating: "-", count: $0) }.joined(separator: "  ")
        let head = title.isEmpty ? [] : [Self.printable(title), ""]
        let foot = notes.isEmpty ? [] : [""] + notes.map(Self.printable)
        return (head + [line(heads), rule] + body.map(line) + foot).joined(separator: "\n")
    }

    /// A Markdown table with its title in bold above and its notes as a list below. Ends without a newline.
    public var markdown: String {
        func line(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |" }
        let rule = "|" + columns.indices.map { isNumeric($0) ? " ---: |" : " --- |" }.joined()
        let body = rows.map { row in line(columns.indices.map { Self.escaped(seen(row[$0], $0)) }) }
        let head = title.isEmpty ? [] : ["**\(Self.escaped(title))**", ""]
        let foot = notes.isEmpty ? [] : [""] + notes.map { "- \(Self.escaped($0))" }
        return (head + [line(columns.indices.map { Self.escaped(heading($0)) }), rule] + body + foot)
            .joined(separator: "\n")
    }

    /// Name, unit, and the number of values behind each mean where it is the same for all: `time (s, n = 3)`.
    private func heading(_ column: Int) -> String {
        let unit = columns[column].unit
        let parts = (unit.isEmpty ? [] : [unit]) + (commonCount(column).map { ["n = \($0)"] } ?? [])
        return Self.printable(columns[column].name + (parts.isEmpty ? "" : " (\(parts.joined(separator: ", ")))"))
    }

    /// The number of values behind the means of a column, if they agree.
    private func commonCount(_ column: Int) -> Int? {
        let counts = Set(
            rows.compactMap { row -> Int? in
                if case let .mean(_, _, count) = row[column] { count } else { nil }
            })
        return counts.count == 1 ? counts.first : nil
    }

    private func seen(_ cell: Cell, _ column: Int) -> String {
        guard case let .mean(_, _, count) = cell, commonCount(column) == nil else {
            return Self.printable(cell.text(columns[column].digits))
        }
        return cell.text(columns[column].digits) + " (n = \(count))"
    }

    private func isNumeric(_ column: Int) -> Bool {
        let isOther = rows.contains { row in
            switch row[column] {
            case .text, .truth: true
            default: false
            }
        }
        return !isOther && !rows.isEmpty
    }

    private func trimmed(_ line: String) -> String {
        String(line.reversed().drop { $0 == " " }.reversed())
    }

    /// Without characters that would break a line or steer a terminal.
    private static func printable(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0..<32, 127..<160, 0x2028...0x202E, 0x2066...0x2069:
                result += "\\u{\(String(scalar.value, radix: 16))}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    private static func escaped(_ text: String) -> String {
        printable(text).map { "\\`*_|<>[]".contains($0) ? "\\\($0)" : "\($0)" }.joined()
    }
}

extension Table.Cell {
    /// The cell as people see it: `yes`, `0.03112`, `0.031 ± 0.002`; nothing for ``empty``.
    public func text(_ digits: Table.Digits = .significant(4)) -> String {
        switch self {
        case let .text(text): text
        case let .integer(number): "\(number)"
        case let .number(number): digits.text(number)
        case let .mean(mean, nil, _): digits.text(mean)
        case let .mean(mean, deviation?, _): digits.text(mean, deviation: deviation)
        case let .truth(isTrue): isTrue ? "yes" : "no"
        case .empty: ""
        }
    }
}

extension Table.Digits {
    fileprivate func text(_ value: Double) -> String {
        guard value.isFinite else { return "\(value)" }
        switch self {
        case let .places(places): return Text.fixed(value, places)
        case let .significant(digits): return Text.significant(value, digits)
        }
    }

    /// Mean and deviation to the same place after the point.
    fileprivate func text(_ mean: Double, deviation: Double) -> String {
        let text = text(mean)
        let point = text.firstIndex(of: ".")
        let places = point.map { text.distance(from: $0, to: text.endIndex) - 1 } ?? 0
        let isScientific = text.contains("e")
        let other = isScientific || !deviation.isFinite ? self.text(deviation) : Text.fixed(deviation, places)
        return "\(text) ± \(other)"
    }
}
