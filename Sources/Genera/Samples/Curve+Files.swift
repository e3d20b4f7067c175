import Formats

extension Curve {
    /// A CSV table with the columns `sample`, `series`, `x` and `y`, a row a point; samples count from 0.
    public static let formats: [SampleFormat<Curve>] = [
        SampleFormat(
            "csv", "table with the columns sample, series, x, y", recognises: { _, content in isTable(content) },
            read: { try SampleList(read($0), name: $0) },
            write: { samples, path in
                let rows = samples.enumerated().flatMap { number, sample in
                    sample.series.flatMap { one in zip(one.x, one.y).map { ["\(number)", one.name, "\($0)", "\($1)"] } }
                }
                try CSV.write(rows: rows, header: header, to: path)
            })
    ]

    private static let header = ["sample", "series", "x", "y"]

    private static func isTable(_ content: ByteView?) -> Bool {
        content?.slice(from: 0, count: 18)?.array() == Array("sample,series,x,y\n".utf8)
    }

    /// The curves of a table: rows of one sample and one series belong together, wherever they are.
    private static func read(_ path: String) throws -> [Curve] {
        let table = try CSV(path: path)
        let (sample, series) = (try table.column("sample"), try table.column("series"))
        let numbers = try table.numbers(columns: ["x", "y"])
        var (samples, names) = (Groups<String>(), [Groups<String>]())
        var points: [[[(x: Double, y: Double)]]] = []
        for (row, cells) in table.rows.enumerated() {
            let place = samples.place(of: cells[sample])
            if place == points.count {
                points.append([])
                names.append(Groups())
            }
            let line = names[place].place(of: cells[series])
            if line == points[place].count { points[place].append([]) }
            points[place][line].append((numbers[2 * row], numbers[2 * row + 1]))
        }
        return try zip(points, names).map { lines, names in
            try Curve(
                zip(lines, names.names).map { line, name in Series(name, x: line.map(\.x), y: line.map(\.y)) })
        }
    }
}

/// Things that belong together by a name, in the order in which the names come.
struct Groups<Name: Hashable> {
    private(set) var names: [Name] = []
    private var places: [Name: Int] = [:]

    /// The number of a name's group; a new one for a new name.
    mutating func place(of name: Name) -> Int {
        if let place = places[name] { return place }
        places[name] = names.count
        names.append(name)
        return names.count - 1
    }
}
