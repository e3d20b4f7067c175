import Tensors

/// Points in NumPy's files.
struct ArrayPoints: PointSource {
    private let rows: PointRows
    private let matrix: RawTensor?

    var columns: [String] { rows.columns }
    var rowCount: Int? { rows.rowCount }

    /// One array `[n, d]` or `[n]`.
    init(npy view: ByteView, file: String, _ selection: PointTable.Selection) throws {
        if let key = selection.key {
            throw FormatError(
                file: file, reason: "an .npy file holds one array, but \(quoted(key)) was asked for",
                advice: "leave the key out")
        }
        let tensor = try Self.checked(NPY.read(view, file: file), file: file, place: "")
        try self.init(tensor, vectors: { _ in nil }, names: [], file: file, place: "", selection)
    }

    /// The array called by the key, else the only one of two axes, else all vectors of numbers; vectors beside it.
    init(npz archive: NPZ, file: String, _ selection: PointTable.Selection) throws {
        let arrays = NamedArrays(archive)
        let key = try selection.key ?? arrays.onlyMatrix(file: file)
        let tensor = try key.map { try Self.checked(archive.tensor($0), file: file, place: quoted($0)) }
        var selection = selection
        // Without a matrix the first coordinate that is asked for, or that there is, says how many rows there are.
        let first = selection.columns.first { arrays.rowCount($0) != nil } ?? arrays.numbers.first
        let count = tensor?.shape[0] ?? first.flatMap(arrays.rowCount) ?? 0
        if tensor == nil, selection.columns.isEmpty {
            selection.columns = arrays.numbers.filter {
                arrays.rowCount($0) == count && !selection.groupBy.contains($0)
            }
        }
        try self.init(
            tensor, vectors: { $0 == key ? nil : try arrays.vector($0, rowCount: count) },
            names: arrays.vectors.filter { $0 != key && arrays.rowCount($0) == count }, count: count, file: file,
            place: key.map { quoted($0) } ?? "", selection)
    }

    private init(
        _ tensor: RawTensor?, vectors: (String) throws -> PointVector?, names: [String], count: Int = 0, file: String,
        place: String, _ selection: PointTable.Selection
    ) throws {
        try checkSelection(selection, file: file)
        let width = tensor.map { $0.shape.count == 1 ? 1 : $0.shape[1] } ?? 0
        let own = PointTable.columnNames(width)
        let places = Dictionary(uniqueKeysWithValues: zip(own, own.indices))
        func column(_ name: String) throws -> PointColumn {
            if let vector = try vectors(name) { return .vector(vector) }
            if let index = places[name] { return .matrix(index) }
            throw missingColumn(name, in: names + own, file: file, place: place)
        }
        let groupBy = try selection.groupBy.map(column)
        let chosen =
            selection.columns.isEmpty ? own.filter { !selection.groupBy.contains($0) } : selection.columns
        guard !chosen.isEmpty else {
            throw FormatError(file: file, place: place, reason: "it has no columns of numbers to take as coordinates")
        }
        let coordinates = try chosen.map { name in
            let found = try column(name)
            if case .vector(.words) = found {
                throw FormatError(file: file, place: quoted(name), reason: "it holds words, a coordinate is a number")
            }
            return found
        }
        rows = PointRows(
            file: file, place: place, rowCount: tensor?.shape[0] ?? count, columns: chosen, coordinates: coordinates,
            groupBy: groupBy, width: width)
        matrix = tensor
    }

    /// An array of points as it should be: real, one or two axes.
    private static func checked(_ tensor: RawTensor, file: String, place: String) throws -> RawTensor {
        guard tensor.dtype != .complex64, tensor.dtype != .complex128 else {
            throw FormatError(file: file, place: place, reason: "its numbers are complex, coordinates are real")
        }
        guard (1...2).contains(tensor.shape.count) else {
            throw FormatError(
                file: file, place: place, reason: "its shape is \(tensor.shape), points need [rows, columns]",
                advice: "save it with two axes")
        }
        guard tensor.shape.count == 1 || tensor.shape[1] <= PointTable.columnLimit else {
            throw FormatError(
                file: file, place: place,
                reason: "it has \(tensor.shape[1]) columns, at most \(PointTable.columnLimit) are read")
        }
        return tensor
    }

    func forEachChunk(rows: Int, _ body: (PointTable.Chunk) throws -> Void) throws {
        try self.rows.forEachChunk(rows: rows, body) { range in
            guard let matrix else { return [] }
            let width = self.rows.width * matrix.dtype.byteCount
            let part = matrix.bytes.slice(from: range.lowerBound * width, count: range.count * width)!
            return RawTensor(unchecked: matrix.dtype, [range.count, self.rows.width], part).doubles()
        }
    }
}

/// The arrays of an NPZ file by their shapes, which are known before the arrays are expanded.
private struct NamedArrays {
    private let archive: NPZ
    private var layouts: [String: (shape: [Int], isText: Bool, isNumber: Bool)] = [:]

    init(_ archive: NPZ) {
        self.archive = archive
        // Arrays of other kinds, such as objects, are not looked for here.
        for name in archive.names { layouts[name] = try? archive.layout(of: name) }
    }

    /// Vectors of numbers or words, in the file's order.
    var vectors: [String] { archive.names.filter { rowCount($0) != nil } }
    /// Vectors of numbers.
    var numbers: [String] { vectors.filter { layouts[$0]!.isNumber } }

    /// Length of a vector; nil for what is none.
    func rowCount(_ name: String) -> Int? {
        guard let layout = layouts[name], layout.shape.count == 1, layout.isText || layout.isNumber else { return nil }
        return layout.shape[0]
    }

    func vector(_ name: String, rowCount: Int) throws -> PointVector? {
        guard self.rowCount(name) == rowCount, let layout = layouts[name] else { return nil }
        return layout.isText ? .words(try archive.texts(name)) : .numbers(try archive.tensor(name).doubles())
    }

    /// The only array of numbers with two axes; nil when there is none.
    ///
    /// - Throws: ``FormatError`` when there are several.
    func onlyMatrix(file: String) throws -> String? {
        let found = archive.names.filter { layouts[$0]?.isNumber == true && layouts[$0]?.shape.count == 2 }
        guard found.count < 2 else {
            throw FormatError(
                file: file,
                reason: "it has several arrays of two axes: \(found.map { quoted($0) }.joined(separator: ", "))",
                advice: "choose one by its key")
        }
        return found.first
    }
}
