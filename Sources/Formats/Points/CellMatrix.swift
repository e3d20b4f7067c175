/// A matrix of an AnnData file, dense or sparse, of which rows are read.
struct CellMatrix: Sendable {
    private enum Form: Sendable {
        case dense(isVector: Bool)
        /// Compressed rows: where each row's entries end, beginning with 0.
        case rows(ends: [Int])
        /// Compressed columns.
        case columns(ends: [Int])
    }

    let place: String
    let rowCount: Int
    let width: Int
    private let form: Form

    /// Looks at the matrix; its numbers are read later.
    ///
    /// - Throws: ``FormatError`` when there is none at `place`, or its parts do not fit each other.
    init(_ cells: CellFile, _ place: String) throws {
        let file = cells.file
        self.place = place
        if try file.kind(of: place) == .dataset {
            let layout = try file.layout(of: place)
            guard layout.elements.areNumbers, (1...2).contains(layout.shape.count),
                layout.width <= PointTable.columnLimit
            else {
                throw cells.error(
                    place,
                    "it holds \(layout.elements)s of shape \(layout.shape), numbers [rows, columns] were expected")
            }
            (rowCount, width, form) = (layout.rowCount, layout.width, .dense(isVector: layout.shape.count == 1))
            return
        }
        let encoding = try cells.encoding(of: place) ?? ""
        guard encoding == "csr_matrix" || encoding == "csc_matrix" else {
            throw cells.error(place, "a group written as \(quoted(encoding)) is not read as a matrix")
        }
        (rowCount, width) = try Self.shape(cells, place)
        let isRows = encoding == "csr_matrix"
        let ends = try Self.ends(cells, place, count: isRows ? rowCount : width)
        form = isRows ? .rows(ends: ends) : .columns(ends: ends)
    }

    private static func shape(_ cells: CellFile, _ place: String) throws -> (Int, Int) {
        let attribute =
            try cells.file.attribute("shape", of: place) ?? cells.file.attribute("h5sparse_shape", of: place)
        guard case let .numbers(sizes)? = attribute, sizes.count == 2, let rows = Int(exactly: sizes[0]),
            let columns = Int(exactly: sizes[1]), rows >= 0, (0...PointTable.columnLimit).contains(columns)
        else {
            throw cells.error(
                place, "its attribute 'shape' is missing or no shape of at most \(PointTable.columnLimit) columns")
        }
        return (rows, columns)
    }

    /// Checks the ends of rows or columns: from 0, never falling, to the number of entries.
    private static func ends(_ cells: CellFile, _ place: String, count: Int) throws -> [Int] {
        let ends = try cells.file.integers("\(place)/indptr").map { Int($0) }
        let entries = try cells.file.layout(of: "\(place)/indices").rowCount
        let values = try cells.file.layout(of: "\(place)/data").rowCount
        let isRising = zip(ends, ends.dropFirst()).allSatisfy { $0 <= $1 }
        guard ends.count == count + 1, ends.first == 0, isRising, ends.last! <= entries, entries == values else {
            throw cells.error(
                place,
                "its 'indptr' (\(ends.count) numbers, \(count + 1) were expected) does not fit its "
                    + "\(entries) indices and \(values) values", advice: "the file is damaged")
        }
        return ends
    }

    /// A reader of rows for some of the columns, named by their places.
    func reader(_ cells: CellFile, _ chosen: [Int]) throws -> (Range<Int>) throws -> [Double] {
        switch form {
        case let .dense(isVector): return { try dense(cells, $0, chosen, isVector) }
        case let .rows(ends): return { try compressed(cells, $0, chosen, ends) }
        case let .columns(ends):
            let columns = try chosen.map { try column(cells, $0, ends) }
            return { range in
                var result = [Double](repeating: 0, count: range.count * columns.count)
                for (place, column) in columns.enumerated() {
                    var entry = column.rows.partition(at: range.lowerBound)
                    while entry < column.rows.count, column.rows[entry] < range.upperBound {
                        result[(column.rows[entry] - range.lowerBound) * columns.count + place] += column.values[entry]
                        entry += 1
                    }
                }
                return result
            }
        }
    }

    private func dense(_ cells: CellFile, _ range: Range<Int>, _ chosen: [Int], _ isVector: Bool) throws -> [Double] {
        let all = try cells.file.doubles(place, rows: range)
        guard all.count == range.count * width else { throw cells.error(place, "rows are missing") }
        if chosen == Array(0..<width) { return all }
        var result: [Double] = []
        result.reserveCapacity(range.count * chosen.count)
        for row in 0..<range.count {
            for column in chosen { result.append(all[row * width + column]) }
        }
        return result
    }

    private func compressed(
        _ cells: CellFile, _ range: Range<Int>, _ chosen: [Int], _ ends: [Int]
    ) throws -> [Double] {
        let (start, end) = (ends[range.lowerBound], ends[range.upperBound])
        let indices = try cells.file.integers("\(place)/indices", rows: start..<end)
        let values = try cells.file.doubles("\(place)/data", rows: start..<end)
        guard indices.count == end - start, values.count == end - start else {
            throw cells.error(place, "entries are missing")
        }
        var places = [Int](repeating: -1, count: width)
        for (place, column) in chosen.enumerated() { places[column] = place }
        var result = [Double](repeating: 0, count: range.count * chosen.count)
        for row in range {
            for entry in ends[row] - start..<ends[row + 1] - start {
                let column = try index(indices[entry], below: width, cells)
                // Entries that come twice are added, as SciPy does.
                if places[column] >= 0 {
                    result[(row - range.lowerBound) * chosen.count + places[column]] += values[entry]
                }
            }
        }
        return result
    }

    /// The entries of one column, rows ascending.
    private func column(_ cells: CellFile, _ column: Int, _ ends: [Int]) throws -> (rows: [Int], values: [Double]) {
        let range = ends[column]..<ends[column + 1]
        let rows = try cells.file.integers("\(place)/indices", rows: range).map {
            try index($0, below: rowCount, cells)
        }
        let values = try cells.file.doubles("\(place)/data", rows: range)
        guard rows.count == range.count, values.count == range.count else {
            throw cells.error(place, "entries are missing")
        }
        if zip(rows, rows.dropFirst()).allSatisfy({ $0 <= $1 }) { return (rows, values) }
        let order = rows.indices.sorted { (rows[$0], $0) < (rows[$1], $1) }
        return (order.map { rows[$0] }, order.map { values[$0] })
    }

    private func index(_ value: Int64, below limit: Int, _ cells: CellFile) throws -> Int {
        guard let index = Int(exactly: value), (0..<limit).contains(index) else {
            throw cells.error(
                place, "an entry lies at \(value), of \(limit)", advice: "the file is damaged")
        }
        return index
    }
}

extension [Int] {
    /// The place of the first of these rising numbers that is not below `value`.
    fileprivate func partition(at value: Int) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if self[middle] < value { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
