import Platform

/// Lines of columns for people.
package enum FactLines {
    /// The rows as lines, each column as wide as its widest cell, two spaces between. Cells are one line each, and those before the
    /// last of a row are names and numbers: they are shown with 120 characters at most.
    package static func lines(_ cells: [[String]], indent: String = "") -> [String] {
        let rows = cells.map { row in
            row.enumerated().map {
                $0.offset == row.count - 1 ? Printable.line($0.element) : Printable.name($0.element)
            }
        }
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0 }
        return rows.map { row in
            let cells = row.enumerated().map { index, cell in
                index == row.count - 1 ? cell : cell + String(repeating: " ", count: widths[index] - cell.count)
            }
            return indent + cells.joined(separator: "  ")
        }
    }
}
