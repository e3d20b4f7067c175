import Foundation
import Tensors
import Testing

@testable import Formats

@Suite("Tables of points")
struct PointTableTests {
    private static func table(
        _ text: String, _ selection: PointTable.Selection = .init(), file: String = "f.csv"
    ) throws -> PointTable {
        try PointTable(ByteView(text.utf8), file: file, selection)
    }

    @Test("All columns of numbers are coordinates; words are left out, and so is the numbering that pandas writes")
    func usualColumns() throws {
        let points = try Self.table(",x,kind,y\n0,1,a,-2.5\n1,3e1,b,4\n").read()
        #expect(points.columns == ["x", "y"])
        #expect(points.values == [1, -2.5, 30, 4])
        #expect(points.groups == [.init(key: [], rows: [0, 1])])
        #expect(points.count == 2)
        #expect(try Self.table("1;2\n3;4\n").read().columns == ["x", "y"])
        #expect(try Self.table("1,2,3,4\n").columns == ["x1", "x2", "x3", "x4"])
    }

    @Test("Columns and groups by name, groups in the order of their first rows")
    func groups() throws {
        let text = "x,y,day,who\n1,2,1,a\n3,4,0,b\n5,6,1.0,a\n7,8,007,a\n9,10,,a\n"
        let points = try Self.table(text, .init(columns: ["y"], groupBy: ["day", "who"])).read()
        #expect(points.columns == ["y"])
        #expect(points.groups.map(\.name) == ["1, a", "0, b", "007, a", ", a"])
        #expect(points.groups.map(\.rows) == [[0, 2], [1], [3], [4]])
        #expect(points.groups[0].key == [.number(1), .text("a")])
        #expect(points.values(of: points.groups[0]) == [2, 6])
        // What is grouped by is no coordinate of the usual ones.
        #expect(try Self.table("x,day\n1,2\n", .init(groupBy: ["day"])).columns == ["x"])
    }

    @Test("BOM, CRLF, quotes, tabs and gzip make no difference")
    func writings() throws {
        let values = [1.0, 2, 3, 4]
        for text in [
            "\u{FEFF}x,y\r\n1,2\r\n3,4\r\n", "\"x\",\"y\"\n\"1\",2\n3,\"4\"", "x\ty\n1\t2\n\n3\t4\n", "x;y\r1;2\r3;4\r",
            "x , y\n 1,2 \n3,4\n",
        ] {
            let points = try Self.table(text).read()
            #expect(points.values == values, "\(text)")
            #expect(points.columns == ["x", "y"], "\(text)")
        }
        // A tab is the delimiter where the name says so, whatever comes first.
        #expect(try Self.table("a, b\tc\n1\t2\n", file: "f.tsv").columns == ["a, b", "c"])
        #expect(try Self.table("\"a;b\",c\n1,2\n").columns == ["a;b", "c"])
        // Two members of gzip, the first of which ends inside a row.
        let members = Support.gzip(Array("x,y\n1,2\n3".utf8)) + Support.gzip(Array(",4\n".utf8))
        #expect(try PointTable(ByteView(members), file: "f.csv.gz").read().values == values)
        Support.expectMessage("ends too early") {
            try PointTable(ByteView(members.dropLast(3)), file: "f.csv.gz").read()
        }
    }

    @Test("Chunks follow each other and hold no more rows than asked for")
    func chunks() throws {
        let text = "x,g\n" + (0..<1000).map { "\($0),\($0 % 3)\n" }.joined()
        let table = try Self.table(text, .init(groupBy: ["g"]))
        var (next, values) = (0, [Double]())
        try table.forEachChunk(rows: 7) { chunk in
            #expect(chunk.first == next && (1...7).contains(chunk.count) && chunk.values.count == chunk.count)
            #expect(chunk.keys == [(next..<next + chunk.count).map { .number(Double($0 % 3)) }])
            next += chunk.count
            values += chunk.values
        }
        #expect(values == (0..<1000).map(Double.init))
        Support.expectMessage("more than 500 coordinates") { try table.read(limit: 500) }
    }

    @Test(
        "What is wrong is said with its place",
        arguments: [
            ("", "the table is empty"), ("x,y\n", "none of its columns holds numbers"),
            ("x,y\n1\n", "line 2: 1 cells, 2 were expected"), ("x,y\n1,2,3\n", "line 2: 3 cells"),
            ("x,y\n1,2\n3,nan\n", "line 3, column 'y': 'nan' is not finite"),
            ("x,y\n1,2\n-inf,4\n", "line 3, column 'x': '-inf' is not finite"),
            ("x,y\n1,2\n,4\n", "line 3, column 'x': the coordinate is missing"),
            ("x;y\n1,5;2\n", "line 2, column 'x': '1,5' has a comma inside"),
            ("x,y\n\"1,234\",2\n", "'1,234' has a comma inside"),
            ("x,x\n1,2\n", "two columns are called 'x'"), ("x,y\n\"1,2\n", "line 2: a quoted cell does not end"),
            ("x,y\n\"1\"z,2\n", "line 2: something follows a closing quote"), ("kind\na\n", "none of its columns"),
        ])
    func refusals(text: String, message: String) {
        Support.expectMessage(message) { try Self.table(text).read() }
    }

    @Test("A word far down a column of numbers is refused, not left out")
    func lateWord() throws {
        let text = "x\n" + (0..<2000).map { "\($0)\n" }.joined() + "end\n"
        Support.expectMessage("line 2002, column 'x': 'end' is not a number") { try Self.table(text).read() }
    }

    @Test("Selections that cannot be are refused with the nearest name")
    func badSelections() {
        let text = "length,width\n1,2\n"
        Support.expectMessage("there is no column 'lenght'; did you mean 'length'?") {
            try Self.table(text, .init(columns: ["lenght"]))
        }
        Support.expectMessage("there are 'length', 'width'") { try Self.table(text, .init(groupBy: ["zzz"])) }
        Support.expectMessage("'width' was asked for twice") {
            try Self.table(text, .init(columns: ["width", "width"]))
        }
        Support.expectMessage("has no arrays inside") { try Self.table(text, .init(key: "X")) }
        Support.expectMessage("is UTF-16") { try PointTable(ByteView([0xFF, 0xFE, 0x31, 0]), file: "f") }
        Support.expectMessage("not UTF-8") {
            try PointTable(ByteView([UInt8]("x,g\n1,".utf8) + [0xFF, 0x0A]), file: "f", .init(groupBy: ["g"])).read()
        }
    }

    @Test("Huge cells and rows are refused before they fill the memory")
    func hugeCells() {
        let cell = String(repeating: "1", count: DelimitedText.limits.cell + 1)
        Support.expectMessage("a cell has more than") { try Self.table("x\n\(cell)\n").read() }
        Support.expectMessage("a cell has more than") { try Self.table("x\n\"\(cell)\"\n").read() }
        let row = String(repeating: ",", count: DelimitedText.limits.cells)
        Support.expectMessage("a row has more than") { try Self.table(row).read() }
    }

    @Test("A million points stream in the memory of a piece")
    func memory() throws {
        try Support.withTemporaryFolder { folder in
            let path = "\(folder)/million.csv"
            try AtomicFile.write(to: path) { sink in
                try sink.write("x,y\n")
                for block in 0..<100 {
                    try sink.write((0..<10_000).map { "\(block).\($0),-0.\($0)\n" }.joined())
                }
            }
            let table = try PointTable(path: path)
            // Other tests take memory at the same time: the least of several readings counts. All rows as texts would be
            // far above 100 MiB.
            var least = Int.max
            for _ in 0..<3 where least >= 64 {
                let before = anonymousMebibytes()
                var (count, most) = (0, 0)
                try table.forEachChunk(rows: 10_000) { chunk in
                    count += chunk.count
                    most = max(most, anonymousMebibytes() - before)
                }
                #expect(count == 1_000_000)
                least = min(least, most)
            }
            #expect(least < 64, "\(least) MiB more")
        }
    }

    @Test("NPY: columns by number, any layout and width of numbers")
    func npy() throws {
        let values: [Float] = [1, 2, 3, 4, 5, 6]
        try Support.withTemporaryFolder { folder in
            let path = "\(folder)/p.npy"
            try NPY.write(RawTensor(values, shape: [3, 2]), to: path)
            let points = try PointTable(path: path).read()
            #expect(points.columns == ["x", "y"])
            #expect(points.values == [1, 2, 3, 4, 5, 6])
            let grouped = try PointTable(path: path, .init(groupBy: ["y"])).read()
            #expect(grouped.columns == ["x"])
            #expect(grouped.groups.map(\.key) == [[.number(2)], [.number(4)], [.number(6)]])
            Support.expectMessage("there is no column 'z'") { try PointTable(path: path, .init(columns: ["z"])) }
            Support.expectMessage("holds one array") { try PointTable(path: path, .init(key: "X")) }

            try NPY.write(RawTensor(values, shape: [1, 3, 2]), to: path)
            Support.expectMessage("points need [rows, columns]") { try PointTable(path: path) }
            try NPY.write(RawTensor([Float.nan, 1], shape: [1, 2]), to: path)
            Support.expectMessage("row 0 (from 0), column 'x': the coordinate is missing (NaN)") {
                try PointTable(path: path).read()
            }
            try NPY.write(RawTensor([1, Double.infinity], shape: [2]), to: path)
            Support.expectMessage("row 1 (from 0), column 'x': the coordinate is inf") {
                try PointTable(path: path).read()
            }
            try NPY.write(RawTensor([Int64](), shape: [0, 2]), to: path)
            Support.expectMessage("there are no rows") { try PointTable(path: path).read() }
            try NPY.write(RawTensor([Int64](), shape: [0, 1 << 40]), to: path)
            Support.expectMessage("columns, at most") { try PointTable(path: path).read() }
        }
    }

    @Test("NPZ: the matrix, and vectors of numbers and words beside it")
    func npz() throws {
        let path = Support.fixture("points.npz")
        let points = try PointTable(path: path, .init(groupBy: ["label", "day"])).read()
        #expect(points.columns == ["x", "y"])
        #expect(points.values == (0..<12).map(Double.init))
        #expect(points.groups.map(\.name) == ["a, 0", "ä, 0", "a, 1", "c, 1", ", 2", "ä, 2"])
        #expect(
            try PointTable(path: path, .init(groupBy: ["code"])).read().groups.map(\.rows) == [[0, 2, 4], [1, 3, 5]])
        #expect(try PointTable(path: path, .init(columns: ["day", "y"])).read().values.prefix(4) == [0, 1, 0, 3])
        #expect(try PointTable(path: path, .init(key: "day")).read().values == [0, 0, 1, 1, 2, 2])
        Support.expectMessage("it holds words") { try PointTable(path: path, .init(columns: ["label"])) }
        Support.expectMessage("did you mean 'points.npy'") { try PointTable(path: path, .init(key: "point")) }
        Support.expectMessage("several arrays of two axes") { try PointTable(path: Support.fixture("plain.npz")) }
        try Support.withTemporaryFolder { folder in
            let file = "\(folder)/v.npz"
            try NPZ.write(
                [
                    ("x", RawTensor([1.0, 2], shape: [2])), ("y", RawTensor([3.0, 4], shape: [2])),
                    ("z", RawTensor([9.0], shape: [1])),
                ], to: file)
            let vectors = try PointTable(path: file).read()
            #expect(vectors.columns == ["x", "y"] && vectors.values == [1, 3, 2, 4])
        }
    }

    @Test("An entry that announces more than its header, or more than the limit, is not expanded")
    func bombs() throws {
        let archive = try NPZ(path: Support.fixture("points.npz"))
        Support.expectMessage("at most 100 bytes are read") { try archive.tensor("points", limit: 100) }
        #expect(try archive.tensor("points", limit: 200).shape == [6, 2])
        // The directory says that one entry has 2^31 bytes; its header, at the start of the content, says 48.
        var bytes = try Support.view("points.npz").array()
        let name = Array("points.npy".utf8)
        let directory = try #require(bytes.indices.last { bytes[$0...].starts(with: name) }) - 46
        bytes.replaceSubrange(directory + 24..<directory + 28, with: little(UInt32(1 << 31)))
        let hostile = try NPZ(ByteView(bytes), file: "f")
        Support.expectMessage("does not fit the") { try hostile.tensor("points") }
    }

    @Test("Arrays of very many columns are read in time that grows with them, or refused")
    func wideArrays() throws {
        func table(_ tensor: RawTensor) throws -> PointTable {
            try PointTable(ByteView(NPY.head(of: tensor, file: "f") + tensor.bytes.array()), file: "f")
        }
        let start = ContinuousClock().now
        let wide = RawTensor([UInt8](repeating: 1, count: 1 << 18), shape: [1, 1 << 18])
        #expect(try table(wide).columns.last == "x262144")
        #expect(ContinuousClock().now - start < .seconds(5))
        // Without rows the columns take no room in the file.
        Support.expectMessage("at most 4194304 are read") { try table(RawTensor([] as [UInt8], shape: [0, 1 << 23])) }
    }
}

/// Memory of this process that is its own and no file's.
private func anonymousMebibytes() -> Int {
    guard let text = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8),
        let line = text.split(separator: "\n").first(where: { $0.hasPrefix("RssAnon") })
    else { return 0 }
    return (Int(line.filter(\.isNumber)) ?? 0) / 1024
}
