/// Points in an AnnData file. The file is open only while it is read.
struct CellPoints: PointSource {
    private let path: String
    private let rows: PointRows
    private let matrix: CellMatrix?
    /// Which columns of the matrix are read, in this order; `rows` counts its columns by their places in it.
    private let chosen: [Int]

    var columns: [String] { rows.columns }
    var rowCount: Int? { rows.rowCount }

    init(path: String, _ selection: PointTable.Selection) throws {
        try checkSelection(selection, file: path)
        let cells = try CellFile(path: path)
        let place = try Self.place(selection.key, cells)
        let isTable = try cells.isTable(place)
        let matrix = isTable ? nil : try CellMatrix(cells, place)
        let obs = try cells.isTable("obs") ? "obs" : nil
        let count = try matrix?.rowCount ?? cells.rowCount(of: place)
        let names = try isTable ? cells.columnNames(of: place) : Self.names(cells, place, matrix!)

        var chosen: [Int] = []
        func vector(_ name: String, _ table: String) throws -> PointColumn? {
            guard let vector = try cells.column(name, of: table) else { return nil }
            guard vector.count == count else {
                throw cells.error("\(table)/\(name)", "it has \(vector.count) rows, \(place) has \(count)")
            }
            return .vector(vector)
        }
        func column(_ name: String) throws -> PointColumn {
            if matrix != nil, let first = names.firstIndex(of: name) {
                guard !names[(first + 1)...].contains(name) else {
                    throw cells.error(place, "several columns are called \(quoted(name))")
                }
                if !chosen.contains(first) { chosen.append(first) }
                return .matrix(chosen.firstIndex(of: first)!)
            }
            if isTable, let found = try vector(name, place) { return found }
            let short = name.hasPrefix("obs/") ? String(name.dropFirst(4)) : name
            if let obs, let found = try vector(short, obs) { return found }
            if let obs, short == "index" || short == "_index" { return .vector(.words(try cells.rowNames(of: obs))) }
            let known = names + (try obs.map { try cells.columnNames(of: $0) } ?? [])
            throw missingColumn(name, in: known, file: path, place: place)
        }

        let groupBy = try selection.groupBy.map(column)
        var (columns, coordinates) = (selection.columns, try selection.columns.map(column))
        if selection.columns.isEmpty, isTable {
            for name in names where !selection.groupBy.contains(name) {
                guard let found = try vector(name, place), case .vector(.numbers) = found else { continue }
                columns.append(name)
                coordinates.append(found)
            }
        } else if selection.columns.isEmpty {
            let taken = Set(chosen)
            for index in names.indices where !taken.contains(index) {
                chosen.append(index)
                columns.append(names[index])
                coordinates.append(.matrix(chosen.count - 1))
            }
        }
        for (name, column) in zip(columns, coordinates) {
            if case .vector(.words) = column { throw cells.error(name, "it holds words, a coordinate is a number") }
        }
        guard !columns.isEmpty else { throw cells.error(place, "it has no columns of numbers to take as coordinates") }
        self.path = path
        self.matrix = matrix
        self.chosen = chosen
        rows = PointRows(
            file: path, place: place, rowCount: count, columns: columns, coordinates: coordinates, groupBy: groupBy,
            width: chosen.count)
    }

    /// Where the coordinates are: at the key, else `X`.
    private static func place(_ key: String?, _ cells: CellFile) throws -> String {
        let place = (key ?? "X").split(separator: "/").joined(separator: "/")
        if !place.isEmpty, try cells.file.kind(of: place) != nil { return place }
        var known: [String] = []
        for group in ["layers", "obsm"] where try cells.file.kind(of: group) == .group {
            known += try cells.file.names(in: group).map { "\(group)/\($0)" }
        }
        let advice = nearestName(to: place, in: known).map { "did you mean \(quoted($0))?" }
        throw FormatError(
            file: cells.file.path, place: place, reason: "it is not in the file",
            advice: advice
                ?? (known.isEmpty
                    ? "the file has no layers and no obsm"
                    : "choose by its key one of \(known.prefix(12).joined(separator: ", "))"))
    }

    /// The names of a matrix's columns: of the variables where they are these, else numbered.
    private static func names(_ cells: CellFile, _ place: String, _ matrix: CellMatrix) throws -> [String] {
        let parts = place.split(separator: "/").map(String.init)
        let variables = parts.first == "raw" ? "raw/var" : "var"
        if parts.last == "X" || parts.first == "layers", try cells.isTable(variables) {
            let names = try cells.rowNames(of: variables)
            guard names.count == matrix.width else {
                throw cells.error(place, "it has \(matrix.width) columns, \(variables) names \(names.count)")
            }
            return names
        }
        return (0..<matrix.width).map { "\(parts.last ?? "")_\($0 + 1)" }
    }

    func forEachChunk(rows count: Int, _ body: (PointTable.Chunk) throws -> Void) throws {
        guard let matrix, !chosen.isEmpty else { return try rows.forEachChunk(rows: count, body) { _ in [] } }
        let cells = try CellFile(path: path)
        let read = try matrix.reader(cells, chosen)
        // A row of a dense matrix is read whole, however few of its columns are wanted.
        let most = max(1, min(count, (1 << 23) / max(matrix.width, 1)))
        try rows.forEachChunk(rows: most, body, matrix: read)
    }
}
