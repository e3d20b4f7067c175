/// One column of a table, whole: numbers, or words.
enum PointVector: Sendable {
    case numbers([Double])
    /// Places in a list of words; -1 for none.
    case words([Int32], of: [String])

    /// Words of a list, each kept once.
    static func words(_ texts: [String]) -> PointVector {
        var places: [String: Int32] = [:]
        var words: [String] = []
        let codes = texts.map { text in
            if let place = places[text] { return place }
            let place = Int32(words.count)
            places[text] = place
            words.append(text)
            return place
        }
        return .words(codes, of: words)
    }

    func value(_ row: Int) -> PointTable.Value {
        switch self {
        case let .numbers(numbers): .init(numbers[row])
        case let .words(codes, words): .text(codes[row] < 0 ? "" : words[Int(codes[row])])
        }
    }
}

extension PointTable.Value {
    /// A number. NaN is nothing: it is equal to nothing, and rows with it would each be a group.
    init(_ number: Double) { self = number.isNaN ? .text("") : .number(number) }
}

/// Where a coordinate or a value of a group comes from: a column of the matrix, or a vector beside it.
enum PointColumn: Sendable {
    case matrix(Int)
    case vector(PointVector)
}

/// Rows of a matrix and of vectors beside it, which is what array files hold.
struct PointRows: Sendable {
    let file: String
    /// The name of what is read, for messages: an array, or empty.
    let place: String
    let rowCount: Int
    /// Names of the coordinates.
    let columns: [String]
    let coordinates: [PointColumn]
    let groupBy: [PointColumn]
    /// Columns of the matrix.
    let width: Int

    /// Calls `body` with chunks; `matrix` gives the matrix's rows, row-major with `width` columns.
    func forEachChunk(
        rows: Int, _ body: (PointTable.Chunk) throws -> Void, matrix: (Range<Int>) throws -> [Double]
    ) throws {
        let usesMatrix = (coordinates + groupBy).contains { if case .matrix = $0 { true } else { false } }
        let rows = max(1, min(rows, (1 << 23) / max(width, 1)))
        for first in stride(from: 0, to: rowCount, by: rows) {
            let range = first..<min(first + rows, rowCount)
            let cells = usesMatrix ? try matrix(range) : []
            var values: [Double] = []
            values.reserveCapacity(range.count * columns.count)
            for row in range {
                for (place, column) in coordinates.enumerated() {
                    values.append(try coordinate(row, place, column, cells, first))
                }
            }
            let keys = groupBy.map { column in
                range.map { row -> PointTable.Value in
                    switch column {
                    case let .vector(vector): vector.value(row)
                    case let .matrix(index): PointTable.Value(cells[(row - first) * width + index])
                    }
                }
            }
            try body(.init(first: first, count: range.count, values: values, keys: keys))
        }
    }

    private func coordinate(
        _ row: Int, _ place: Int, _ column: PointColumn, _ cells: [Double], _ first: Int
    ) throws -> Double {
        let value: Double =
            switch column {
            case let .matrix(index): cells[(row - first) * width + index]
            case let .vector(.numbers(numbers)): numbers[row]
            case .vector(.words): .nan
            }
        guard value.isFinite else {
            let name = "row \(row) (from 0), column \(quoted(columns[place]))"
            throw FormatError(
                file: file, place: self.place.isEmpty ? name : "\(self.place): \(name)",
                reason: "the coordinate is \(value.isNaN ? "missing (NaN)" : "\(value)")",
                advice: "leave such rows out, or name other columns")
        }
        return value
    }
}
