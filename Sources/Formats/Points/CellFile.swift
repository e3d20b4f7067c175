/// An AnnData file (h5ad): a matrix `X` of observations by variables, more arrays beside it, and tables of what is known
/// of each observation (`obs`) and variable (`var`).
///
/// Tables are read in all their forms: groups of columns since 0.7, records before; categories as codes with a list
/// beside them, inside them or in `uns`; columns in which values may be missing.
struct CellFile {
    let file: HDF5File

    init(path: String) throws { file = try HDF5File(path: path) }

    func error(_ place: String, _ reason: String, advice: String = "") -> FormatError {
        FormatError(file: file.path, place: place, reason: reason, advice: advice)
    }

    /// The one text or the first of several that stands beside an object as `name`.
    func word(_ name: String, of place: String) throws -> String? {
        if case let .texts(texts)? = try file.attribute(name, of: place) { return texts.first }
        return nil
    }

    /// How an object is written, in the words of AnnData: `csr_matrix`, `dataframe`, `categorical`, ….
    func encoding(of place: String) throws -> String? {
        if let word = try word("encoding-type", of: place) { return word }
        // Before 0.7.
        return try word("h5sparse_format", of: place).map { "\($0)_matrix" }
    }

    // MARK: Tables

    /// Whether `place` is a table of columns.
    func isTable(_ place: String) throws -> Bool {
        switch try file.kind(of: place) {
        case .group?: try encoding(of: place) == "dataframe" || file.attribute("_index", of: place) != nil
        case .dataset?: try file.layout(of: place).elements == .record
        default: false
        }
    }

    /// The names of a table's columns in their order, without the names of its rows.
    func columnNames(of table: String) throws -> [String] {
        let index = try indexName(of: table)
        guard try file.kind(of: table) == .group else {
            return try file.layout(of: table).fields.map(\.name).filter { $0 != index }
        }
        let names = try file.names(in: table).filter { $0 != "__categories" && $0 != index }
        guard case let .texts(order)? = try file.attribute("column-order", of: table) else { return names }
        let known = Set(names)
        let listed = Set(order)
        return order.filter(known.contains) + names.filter { !listed.contains($0) }
    }

    /// The name of the column with the names of the rows.
    private func indexName(of table: String) throws -> String {
        if let word = try word("_index", of: table) { return word }
        guard try file.kind(of: table) == .dataset else { return "_index" }
        let names = try file.layout(of: table).fields.map(\.name)
        return names.contains("index") ? "index" : names.first ?? "index"
    }

    /// The names of a table's rows.
    func rowNames(of table: String) throws -> [String] {
        let index = try indexName(of: table)
        if try file.kind(of: table) == .group {
            switch try column("\(table)/\(index)") {
            case let .words(codes, words): return codes.map { $0 < 0 ? "" : words[Int($0)] }
            case let .numbers(numbers): return numbers.map { PointTable.Value($0).description }
            }
        }
        return try file.texts(table, field: index)
    }

    /// Number of a table's rows.
    func rowCount(of table: String) throws -> Int {
        guard try file.kind(of: table) == .group else { return try file.layout(of: table).rowCount }
        return try file.layout(of: "\(table)/\(indexName(of: table))").rowCount
    }

    /// The column called `name` of a table; nil when there is none.
    func column(_ name: String, of table: String) throws -> PointVector? {
        if try file.kind(of: table) == .group {
            return try file.kind(of: "\(table)/\(name)") == nil ? nil : try column("\(table)/\(name)")
        }
        guard let field = try file.layout(of: table).fields.first(where: { $0.name == name }) else { return nil }
        if field.elements == .text { return .words(try file.texts(table, field: name)) }
        let categories = "uns/\(name)_categories"
        if try file.kind(of: categories) == .dataset {
            return try coded(file.integers(table, field: name), categories, table)
        }
        return .numbers(try file.doubles(table, field: name))
    }

    /// A column that is an object of its own.
    private func column(_ place: String) throws -> PointVector {
        if try file.kind(of: place) == .group { return try groupColumn(place) }
        let layout = try file.layout(of: place)
        guard layout.shape.count == 1 else { throw error(place, "its shape is \(layout.shape), a column has one axis") }
        let parts = place.split(separator: "/")
        let categories = parts.dropLast().joined(separator: "/") + "/__categories/\(parts.last ?? "")"
        if layout.elements == .integer, try file.kind(of: categories) == .dataset {
            return try coded(file.integers(place), categories, place)
        }
        if layout.elements == .text { return .words(try file.texts(place)) }
        guard layout.elements.areNumbers else { throw error(place, "it holds neither numbers nor texts") }
        return .numbers(try file.doubles(place))
    }

    private func groupColumn(_ place: String) throws -> PointVector {
        let encoding = try encoding(of: place) ?? ""
        switch encoding {
        case "categorical": return try coded(file.integers("\(place)/codes"), "\(place)/categories", place)
        case "nullable-integer", "nullable-boolean", "nullable-string-array":
            let mask = try file.integers("\(place)/mask")
            let values = try column("\(place)/values")
            guard mask.count == values.count else {
                throw error(place, "\(values.count) values have a mask of \(mask.count)")
            }
            switch values {
            case let .numbers(numbers): return .numbers(zip(numbers, mask).map { $1 == 0 ? $0 : .nan })
            case let .words(codes, words): return .words(zip(codes, mask).map { $1 == 0 ? $0 : -1 }, of: words)
            }
        default: throw error(place, "a column written as \(quoted(encoding)) is not read")
        }
    }

    private func coded(_ codes: [Int64], _ categories: String, _ place: String) throws -> PointVector {
        let words: [String] =
            switch try column(categories) {
            case let .words(codes, words): codes.map { $0 < 0 ? "" : words[Int($0)] }
            case let .numbers(numbers): numbers.map { PointTable.Value($0).description }
            }
        return .words(
            try codes.enumerated().map { row, code in
                guard (-1..<Int64(words.count)).contains(code), let small = Int32(exactly: code) else {
                    throw error(place, "row \(row) (from 0) has category \(code), there are \(words.count)")
                }
                return small
            }, of: words)
    }
}

extension PointVector {
    /// Number of rows.
    var count: Int {
        switch self {
        case let .numbers(numbers): numbers.count
        case let .words(codes, _): codes.count
        }
    }
}
