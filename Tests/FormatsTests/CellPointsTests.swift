import Foundation
import Testing

@testable import Formats

@Suite("Points of cells (AnnData)")
struct CellPointsTests {
    private static let cells = Support.fixture("cells.h5ad")
    private static let old = Support.fixture("cells-old.h5ad")
    /// What both fixtures hold as counts: 12 cells, 5 genes.
    private static let counts = (0..<60).map { (number: Int) -> Double in number % 3 == 0 ? Double(number) : 0 }

    @Test("X with the names of the variables, groups by words, numbers and truth values")
    func dense() throws {
        let points = try PointTable(path: Self.cells, .init(groupBy: ["cell_type", "batch"])).read()
        #expect(points.columns == ["g0", "g1", "g2", "g3", "g4"])
        #expect(points.values == (0..<60).map { Double($0) / 8 })
        #expect(points.groups.map(\.name) == ["B, 0", "T, 0", "NK, 0", "B, 1", "T, 1", "NK, 1"])
        #expect(points.groups[1].rows == [1, 4])
        let good = try PointTable(path: Self.cells, .init(groupBy: ["obs/good"])).read()
        #expect(good.groups.map(\.key) == [[.number(1)], [.number(0)]])
    }

    @Test("Missing values are one group without a name")
    func missing() throws {
        let gap = try PointTable(path: Self.cells, .init(groupBy: ["gap"])).read().groups
        #expect(gap.map(\.name) == ["a", ""] && gap[1].rows == [2])
        let dose = try PointTable(path: Self.cells, .init(groupBy: ["dose"])).read().groups
        #expect(dose.map(\.name) == ["0", "1", "2", "", "4", "5", "6", "7", "8", "9", "10", "11"])
        Support.expectMessage("X: row 3 (from 0), column 'dose': the coordinate is missing (NaN)") {
            try PointTable(path: Self.cells, .init(columns: ["dose"])).read()
        }
    }

    @Test("Sparse matrices by rows and by columns, whole, by columns and in pieces", arguments: ["counts", "turned"])
    func sparse(layer: String) throws {
        let key = "layers/\(layer)"
        #expect(try PointTable(path: Self.cells, .init(key: key)).read().values == Self.counts)
        let some = try PointTable(path: Self.cells, .init(columns: ["g3", "age", "g0"], key: key)).read()
        let counts = Self.counts
        let expected = (0..<12).flatMap { (row: Int) -> [Double] in
            [counts[row * 5 + 3], 20 + 0.5 * Double(row), counts[row * 5]]
        }
        #expect(some.values == expected)
        var pieces: [Double] = []
        try PointTable(path: Self.cells, .init(key: key)).forEachChunk(rows: 5) { pieces += $0.values }
        #expect(pieces == Self.counts)
    }

    @Test("Arrays and tables beside X")
    func beside() throws {
        let pca = try PointTable(path: Self.cells, .init(key: "obsm/X_pca")).read()
        #expect(pca.columns == ["X_pca_1", "X_pca_2"])
        #expect(pca.values.prefix(4) == [0, 0.375, 1.875, 2.25])
        let frame = try PointTable(path: Self.cells, .init(groupBy: ["batch"], key: "obsm/frame")).read()
        #expect(frame.columns == ["u", "v"] && frame.values.prefix(4) == [0, -1, 2, 0] && frame.groups.count == 2)
        #expect(
            try PointTable(path: Self.cells, .init(key: "obs")).columns.sorted() == ["age", "batch", "dose", "good"])
        #expect(try PointTable(path: Self.cells, .init(groupBy: ["index"])).read().groups[11].name == "cell11")
    }

    @Test("The form before 0.7: tables of records, categories in uns")
    func old() throws {
        let points = try PointTable(path: Self.old, .init(groupBy: ["cell_type", "batch"])).read()
        #expect(points.columns == ["g0", "g1", "g2", "g3", "g4"])
        #expect(points.values == Self.counts)
        #expect(points.groups.map(\.name) == ["B, 0", "T, 0", "NK, 0", "B, 1", "T, 1", "NK, 1"])
        #expect(try PointTable(path: Self.old, .init(columns: ["age"])).read().values.last == 25.5)
        #expect(try PointTable(path: Self.old, .init(groupBy: ["index"])).read().groups[1].name == "cell1")
    }

    @Test("What is not there is said with what is")
    func refusals() {
        Support.expectMessage("did you mean 'obsm/X_pca'?") {
            try PointTable(path: Self.cells, .init(key: "obsm/X_pcs"))
        }
        Support.expectMessage("there is no column 'cel_type'; did you mean 'cell_type'?") {
            try PointTable(path: Self.cells, .init(groupBy: ["cel_type"]))
        }
        Support.expectMessage("note: it holds words") { try PointTable(path: Self.cells, .init(columns: ["note"])) }
        let odd = Support.fixture("odd.h5")
        Support.expectMessage("X: it is not in the file") { try PointTable(path: odd) }
        Support.expectMessage("an entry lies at 9, of 3") { try PointTable(path: odd, .init(key: "bad")).read() }
        Support.expectMessage("'shape' is missing or no shape") { try PointTable(path: odd, .init(key: "wide")) }
        Support.expectMessage("is not read as a matrix") { try PointTable(path: odd, .init(key: "loop")) }
        Support.expectMessage("is a soft link") { try PointTable(path: odd, .init(key: "soft")) }
        Support.expectMessage("were expected") { try PointTable(path: odd, .init(key: "texts")) }
    }

    // MARK: Files of other people's

    /// Where the real files are; nil, said loudly, where they are not.
    private static func real(_ version: String) -> String? {
        guard let folder = Support.shared else { return nil }
        let path = "\(folder)/data/real/cells/anndata/tests/data/archives/\(version)/adata.h5ad"
        if !FileManager.default.fileExists(atPath: path) { print("SKIPPED: there is no \(path)"); return nil }
        return path
    }

    @Test("anndata 0.7.0's own archive")
    func archive7() throws {
        guard let path = Self.real("v0.7.0") else { return }
        let points = try PointTable(path: path, .init(groupBy: ["obs_cat"])).read()
        #expect(points.count == 30 && points.columns.count == 20)
        #expect(points.values.reduce(0, +) == 285)
        #expect(points.values.filter { $0 != 0 }.count == 228)
        let cells = try CellFile(path: path)
        #expect(try cells.columnNames(of: "obs") == ["obs_cat", "cat_ordered", "int64", "float64", "uint8"])
        #expect(try cells.rowNames(of: "obs").prefix(2) == ["cell0", "cell1"])
        #expect(
            Set(points.groups.map(\.name)).isSubset(
                of: Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".map { "\($0)" })))
        for key in ["layers/array", "layers/sparse", "obsm/array", "obsm/df", "obsm/sparse", "raw/X"] {
            let count = try PointTable(path: path, .init(key: key)).read().count
            #expect(count == 30, "\(key)")
        }
    }

    @Test("anndata 0.11.4's own archive, which has no X")
    func archive11() throws {
        guard let path = Self.real("v0.11.4") else { return }
        let cells = try CellFile(path: path)
        #expect(try cells.rowNames(of: "obs") == (0..<10).map { "\($0)" })
        #expect(try cells.rowCount(of: "var") == 20)
        Support.expectMessage("X: it is not in the file; the file has no layers and no obsm") {
            try PointTable(path: path)
        }
    }
}
