import Formats

extension PointCloud {
    /// Arrays, archives of arrays, and tables.
    ///
    /// | file | clouds of one point | clouds of several |
    /// |---|---|---|
    /// | `.npy` | `[N, d]` | `[N, n, d]`, all of one size |
    /// | `.npz` | `points` `[sum, d]` and `counts` `[N]` | the same |
    /// | `.csv`, `.tsv` | a row a point | the same, with a first column `sample` |
    /// | `.h5ad` (read) | a row of `X` a point | see ``PointGroups`` |
    public static let formats: [SampleFormat<PointCloud>] = [
        SampleFormat(
            "npy", "NumPy array [N, d] or [N, n, d]",
            recognises: { _, content in isArray(content) },
            holds: { samples in samples.allSatisfy { $0.count == samples[0].count } },
            read: { try PointFile(array: NPY.read(path: $0), file: $0) },
            write: { samples, path in try NPY.write(array(of: samples), to: path) }),
        SampleFormat(
            "npz", "NumPy arrays points [sum, d] and counts [N]",
            recognises: { path, content in content.map { (try? NPZ($0, file: path)) != nil } ?? false },
            read: readArchive,
            write: writeArchive),
        SampleFormat(
            "csv", "table with a column a coordinate; a column 'sample' says which points belong together",
            holds: fitsTable, read: readTable, write: { try writeTable($0, delimiter: ",", to: $1) }),
        SampleFormat(
            "tsv", "the same with tabs", holds: fitsTable, read: readTable,
            write: { try writeTable($0, delimiter: "\t", to: $1) }),
        SampleFormat(
            ["h5ad", "h5"], "AnnData's cells, a row of X a point",
            recognises: { _, content in content.map(HDF5File.isOne) ?? false },
            read: { try PointGroups(PointTable(path: $0)) }),
    ]

    /// The column that says to which cloud a point belongs.
    static let sampleColumn = "sample"

    private static func isArray(_ content: ByteView?) -> Bool {
        guard let content, let array = try? NPY.read(content, file: "") else { return false }
        return (1...3).contains(array.shape.count)
    }

    private static func array(of samples: [PointCloud]) throws -> RawTensor {
        let (values, dimension) = (samples.flatMap(\.values), try dimension(of: samples))
        let size = samples.first?.count ?? 1
        let shape = size == 1 ? [samples.count, dimension] : [samples.count, size, dimension]
        return RawTensor(values, shape: shape)
    }

    /// The clouds' one dimension; 0 if there are none.
    private static func dimension(of samples: [PointCloud]) throws -> Int {
        guard let first = samples.first else { return 0 }
        if let other = samples.first(where: { $0.columns != first.columns }) {
            throw GeneraError.software(
                "Clouds of one file need the same coordinates; there are \(first.columns) and \(other.columns).")
        }
        return first.dimension
    }

    private static func writeArchive(_ samples: [PointCloud], to path: String) throws {
        let (values, dimension) = (samples.flatMap(\.values), try dimension(of: samples))
        let points = RawTensor(values, shape: [dimension == 0 ? 0 : values.count / dimension, dimension])
        let counts = RawTensor(samples.map { Int64($0.count) }, shape: [samples.count])
        try NPZ.write([("points", points), ("counts", counts)], to: path)
    }

    private static func readArchive(_ path: String) throws -> any SampleSource<PointCloud> {
        let file = try NPZ(path: path)
        guard file.names.contains("points") || file.names.count == 1 else {
            throw GeneraError.badData(
                file: path, reason: "holds the arrays \(file.names.joined(separator: ", "))",
                advice:
                    "points are an array 'points' [sum, d], with 'counts' [N] if clouds have several, or one array alone"
            )
        }
        let points = try file.tensor(file.names.contains("points") ? "points" : file.names[0])
        guard file.names.contains("counts") else { return try PointFile(array: points, file: path) }
        return try PointFile(points, counts: file.tensor("counts").int64s(), file: path)
    }

    /// A table has no row for a cloud without points, and no way to tell names that are numbers from a first point.
    private static func fitsTable(_ samples: [PointCloud]) -> Bool {
        samples.allSatisfy { $0.count > 0 }
            && samples.first.map { one in
                one.columns.contains { Double($0) == nil } && !one.columns.contains(sampleColumn)
            } ?? true
    }

    private static func readTable(_ path: String) throws -> any SampleSource<PointCloud> {
        let grouped = try? PointTable(path: path, .init(groupBy: [sampleColumn]))
        return try PointGroups(grouped ?? PointTable(path: path))
    }

    private static func writeTable(_ samples: [PointCloud], delimiter: String, to path: String) throws {
        _ = try dimension(of: samples)
        let isGrouped = samples.contains { $0.count != 1 }
        let names = (isGrouped ? [sampleColumn] : []) + (samples.first?.columns ?? columns(2))
        try AtomicFile.write(to: path) { sink in
            try sink.write(names.map(quoted).joined(separator: delimiter) + "\n")
            for (number, cloud) in samples.enumerated() {
                for start in stride(from: 0, to: cloud.values.count, by: cloud.dimension) {
                    let cells = cloud.values[start..<start + cloud.dimension].map { "\($0)" }
                    try sink.write((isGrouped ? ["\(number)"] + cells : cells).joined(separator: delimiter) + "\n")
                }
            }
        }
    }

    private static func quoted(_ name: String) -> String {
        let special: Set<Unicode.Scalar> = [",", ";", "\t", "\"", "\n", "\r"]
        guard name.unicodeScalars.contains(where: special.contains) else { return name }
        return "\"" + name.map { $0 == "\"" ? "\"\"" : String($0) }.joined() + "\""
    }
}

/// Points of a file, in clouds.
struct PointFile: SampleSource {
    let name: String
    private let columns: [String]
    private let values: [Double]
    /// Where each cloud begins among the values; one more than there are clouds.
    private let starts: [Int]

    var count: Int { starts.count - 1 }

    func samples(_ indices: [Int]) throws -> [PointCloud] {
        try require(indices)
        return indices.map { PointCloud(checked: Array(values[starts[$0]..<starts[$0 + 1]]), columns) }
    }

    private init(_ values: [Double], columns: [String], counts: [Int], file: String) throws {
        (name, self.columns, self.values) = (file, columns, values)
        starts = counts.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1 * columns.count) }
        guard let bad = values.firstIndex(where: { !$0.isFinite }) else { return }
        let sample = (starts.firstIndex { $0 > bad } ?? 1) - 1
        throw GeneraError.badData(
            file: file, reason: "sample \(sample) (counted from 0) holds \(values[bad])",
            advice: "every coordinate must be finite")
    }

    /// Points of an array `[N, d]`, or clouds of `[N, n, d]`; numbers `[N]` are points on a line.
    init(array: RawTensor, file: String) throws {
        let shape = array.shape.count == 1 ? array.shape + [1] : array.shape
        guard array.dtype != .complex64, array.dtype != .complex128, shape.count == 2 || shape.count == 3,
            array.elementCount > 0, shape[shape.count - 1] <= Self.widest
        else {
            throw GeneraError.badData(
                file: file, reason: "holds \(array.dtype) \(array.shape)",
                advice: "points are an array [N, d] or [N, n, d] of real numbers")
        }
        try self.init(
            array.doubles(), columns: PointCloud.columns(shape[shape.count - 1]),
            counts: Array(repeating: shape.count == 3 ? shape[1] : 1, count: shape[0]), file: file)
    }

    /// Points `[sum, d]` and how many of them each cloud has.
    init(_ points: RawTensor, counts: [Int64], file: String) throws {
        guard points.dtype != .complex64, points.dtype != .complex128, points.shape.count == 2,
            (1...Self.widest).contains(points.shape[1])
        else {
            throw GeneraError.badData(
                file: file, reason: "holds points \(points.dtype) \(points.shape)",
                advice: "with 'counts', points are an array [sum, d] of real numbers")
        }
        let total = counts.reduce(Optional(0)) { sum, count in
            guard let sum, count >= 0, count <= points.shape[0] - sum else { return nil }
            return sum + Int(count)
        }
        guard total == points.shape[0], !counts.isEmpty else {
            throw GeneraError.badData(
                file: file, reason: "its counts do not add up to its \(points.shape[0]) points",
                advice: "'counts' says how many points each cloud has")
        }
        try self.init(
            points.doubles(), columns: PointCloud.columns(points.shape[1]), counts: counts.map { Int($0) }, file: file)
    }

    /// The most coordinates that a name is made for.
    private static let widest = 1_000_000
}
