/// A table of points in a file: rows of coordinates, and words or numbers that say to which group each row belongs.
///
///     let table = try PointTable(path: "cells.h5ad", .init(groupBy: ["cell_type"], key: "obsm/X_pca"))
///     let points = try table.read()
///     for group in points.groups { print(group.name, points.values(of: group).count / points.columns.count) }
///
/// | file | coordinates without a selection | columns' names |
/// |---|---|---|
/// | CSV, TSV, gzip or not | all columns of numbers that are not grouped by | the header's, else `x`, `y`, `z` or `x1`, `x2`, … |
/// | NPY `[n, d]` | all columns | `x`, `y`, `z` or `x1`, `x2`, … |
/// | NPZ | its one array `[n, d]`, else all its vectors `[n]` of numbers | the same, and the vectors' names |
/// | h5ad (AnnData) | `X` | the variables' names; `X_pca_1`, … for arrays of `obsm` |
///
/// The kind of a file is told by its first bytes. h5ad files are read by HDF5's library, see ``HDF5File``.
public struct PointTable: Sendable {
    /// What is read of a file.
    public struct Selection: Sendable, Equatable {
        /// The columns that are coordinates, in this order; empty for those of the table above.
        public var columns: [String]
        /// Columns whose values tell groups apart; empty for one group of all rows.
        public var groupBy: [String]
        /// The array inside an NPZ or h5ad file, such as `X`, `layers/counts`, `obsm/X_pca` or `obs`; nil for the usual.
        public var key: String?

        /// Makes a selection; by default of all that is usual.
        public init(columns: [String] = [], groupBy: [String] = [], key: String? = nil) {
            self.columns = columns
            self.groupBy = groupBy
            self.key = key
        }
    }

    /// A word or a number that rows are grouped by. Nothing at all is the empty text.
    public enum Value: Sendable, Hashable, CustomStringConvertible {
        /// A word.
        case text(String)
        /// A number.
        case number(Double)

        /// The word, or the number without a needless fraction: `3`, `0.5`.
        public var description: String {
            switch self {
            case let .text(text): text
            case let .number(number): Int(exactly: number).map { "\($0)" } ?? "\(number)"
            }
        }
    }

    /// Rows that follow each other.
    public struct Chunk: Sendable {
        /// Number of the first row, counted from 0.
        public let first: Int
        /// Number of rows.
        public let count: Int
        /// Coordinates, row-major: `[count, columns]`. All are finite.
        public let values: [Double]
        /// For each column of the selection's `groupBy` its `count` values.
        public let keys: [[Value]]
    }

    /// The path, or the name given for bytes from elsewhere.
    public let file: String
    /// What was selected.
    public let selection: Selection
    private let source: any PointSource

    /// Names of the coordinates.
    public var columns: [String] { source.columns }
    /// Number of rows, where it is known before they are read.
    public var rowCount: Int? { source.rowCount }

    /// Looks into the file at `path` and finds the columns; rows are read later.
    ///
    /// - Throws: ``FormatError`` when it is missing or damaged, or a column or key is not there, with the nearest name.
    public init(path: String, _ selection: Selection = .init()) throws {
        let view = try MappedFile(path: path).view
        if HDF5File.isOne(view) || ["h5ad", "h5", "hdf5"].contains(where: { path.lowercased().hasSuffix(".\($0)") }) {
            self.init(file: path, selection, try CellPoints(path: path, selection))
        } else {
            try self.init(view, file: path, selection)
        }
    }

    /// Looks into a file's bytes (not those of HDF5); `file` names them in messages.
    ///
    /// - Throws: ``FormatError``, as `init(path:_:)`.
    public init(_ view: ByteView, file: String, _ selection: Selection = .init()) throws {
        let source: any PointSource =
            if view.has(NPY.magic) {
                try ArrayPoints(npy: view, file: file, selection)
            } else if view.has([0x50, 0x4B]) {
                try ArrayPoints(npz: NPZ(view, file: file), file: file, selection)
            } else {
                try DelimitedPoints(view, file: file, selection)
            }
        self.init(file: file, selection, source)
    }

    /// The most columns of an array: each has a name, also where there are no rows that would take room in the file.
    static let columnLimit = 1 << 22

    /// The names of coordinates that have none: `x`, `y`, `z`, or from four on `x1`, `x2`, ...
    public static func columnNames(_ count: Int) -> [String] {
        count <= 3 ? Array(["x", "y", "z"].prefix(count)) : (1...count).map { "x\($0)" }
    }

    private init(file: String, _ selection: Selection, _ source: any PointSource) {
        self.file = file
        self.selection = selection
        self.source = source
    }

    /// Calls `body` with the rows from first to last, at most `rows` at a time, in memory that does not grow.
    ///
    /// Wide tables come in fewer rows at a time, so that a piece has about four million numbers.
    /// - Throws: ``FormatError`` with row and column for a coordinate that is missing, no number, NaN or infinite, and
    ///   what `body` throws.
    public func forEachChunk(rows: Int = 65_536, _ body: (Chunk) throws -> Void) throws {
        precondition(rows > 0, "\(rows) rows at a time")
        try source.forEachChunk(rows: max(1, min(rows, (1 << 22) / max(columns.count, 1))), body)
    }

    /// Reads all rows.
    ///
    /// - Parameter limit: how many numbers are read at most.
    /// - Throws: ``FormatError``, as ``forEachChunk(rows:_:)``, and for more than `limit` coordinates or no rows.
    public func read(limit: Int = 1 << 28) throws -> Points {
        var values: [Double] = []
        var groups = GroupTable()
        func tooMany() -> FormatError {
            FormatError(
                file: file, reason: "it has more than \(limit) coordinates",
                advice: "name fewer columns, or take the rows in pieces")
        }
        if let rowCount {
            guard rowCount <= limit / max(columns.count, 1) else { throw tooMany() }
            values.reserveCapacity(rowCount * columns.count)
        }
        var count = 0
        try forEachChunk { chunk in
            guard values.count + chunk.values.count <= limit else { throw tooMany() }
            values += chunk.values
            groups.add(chunk)
            count += chunk.count
        }
        guard count > 0 else { throw FormatError(file: file, reason: "there are no rows") }
        return Points(columns: columns, values: values, groupBy: selection.groupBy, groups: groups.groups)
    }
}

/// Where the rows of a table come from.
protocol PointSource: Sendable {
    var columns: [String] { get }
    var rowCount: Int? { get }
    func forEachChunk(rows: Int, _ body: (PointTable.Chunk) throws -> Void) throws
}
