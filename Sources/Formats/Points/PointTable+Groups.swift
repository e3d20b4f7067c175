extension PointTable {
    /// Rows that have the same values in the columns that are grouped by.
    public struct Group: Sendable, Equatable {
        /// The values, one for each of these columns; none when nothing is grouped by.
        public let key: [Value]
        /// Numbers of the rows, ascending from 0.
        public let rows: [Int]

        /// The values with commas between.
        public var name: String { key.map(\.description).joined(separator: ", ") }
    }

    /// All rows of a table.
    public struct Points: Sendable, Equatable {
        /// Names of the coordinates.
        public let columns: [String]
        /// The coordinates, row-major: `[count, columns.count]`. All are finite.
        public let values: [Double]
        /// The columns that were grouped by.
        public let groupBy: [String]
        /// The groups in the order in which their first rows come; every row is in one.
        public let groups: [Group]

        /// Number of rows.
        public var count: Int { groups.reduce(0) { $0 + $1.rows.count } }

        /// The coordinates of a group's rows, row-major: `[group.rows.count, columns.count]`.
        public func values(of group: Group) -> [Double] {
            var result: [Double] = []
            result.reserveCapacity(group.rows.count * columns.count)
            for row in group.rows { result += values[row * columns.count..<(row + 1) * columns.count] }
            return result
        }
    }
}

/// Gathers rows into groups.
struct GroupTable {
    private var places: [[PointTable.Value]: Int] = [:]
    private var keys: [[PointTable.Value]] = []
    private var rows: [[Int]] = []

    var groups: [PointTable.Group] { zip(keys, rows).map { PointTable.Group(key: $0, rows: $1) } }

    mutating func add(_ chunk: PointTable.Chunk) {
        for row in 0..<chunk.count {
            let key = chunk.keys.map { $0[row] }
            let place = places[key] ?? keys.count
            if place == keys.count {
                places[key] = place
                keys.append(key)
                rows.append([])
            }
            rows[place].append(chunk.first + row)
        }
    }
}

/// The error for a column that is not there, with the nearest name or some of those that are.
func missingColumn(_ name: String, in known: [String], file: String, place: String = "") -> FormatError {
    let shown = known.prefix(12).map { quoted($0) }.joined(separator: ", ") + (known.count > 12 ? ", …" : "")
    let advice = nearestName(to: name, in: known).map { "did you mean \(quoted($0))?" }
    return FormatError(
        file: file, place: place, reason: "there is no column \(quoted(name))",
        advice: advice ?? (known.isEmpty ? "" : "there are \(shown)"))
}

/// Refuses a name that is asked for twice.
func checkSelection(_ selection: PointTable.Selection, file: String) throws {
    for names in [selection.columns, selection.groupBy] {
        var seen: Set<String> = []
        for name in names where !seen.insert(name).inserted {
            throw FormatError(file: file, reason: "the column \(quoted(name)) was asked for twice")
        }
    }
}
