import Genera
import GeneraTesting
import Testing

@Suite("Files of samples")
struct SampleFileTests {
    let folder = TemporaryFolder()

    private func sentence(_ body: () throws -> Void) -> String {
        do {
            try body()
            return "nothing"
        } catch {
            return "\(error)"
        }
    }

    /// Writes samples, reads them, and writes what was read: it must be the same bytes.
    private func again<Sample: Drawable>(_ samples: [Sample], _ name: String) throws -> [Sample] {
        try Sample.write(samples, to: folder.file(name))
        let read = try Sample.source(at: folder.file(name)).all()
        try Sample.write(read, to: folder.file("again-\(name)"))
        let (first, second) = (try bytes(name), try bytes("again-\(name)"))
        #expect(first == second, "\(name)")
        return read
    }

    private func bytes(_ name: String) throws -> [UInt8] { try MappedFile(path: folder.file(name)).view.array() }

    private func text(_ name: String) throws -> String { String(decoding: try bytes(name), as: UTF8.self) }

    private func write(_ text: String, _ name: String) throws -> String {
        try AtomicFile.write(text, to: folder.file(name))
        return folder.file(name)
    }

    // MARK: Points

    @Test("Clouds of one point are rows in every file", arguments: ["a.npy", "a.npz", "a.csv", "a.tsv"])
    func points(name: String) throws {
        let clouds = [PointCloud([Point(0.1, -2)]), PointCloud([Point(1e-30, .pi)]), PointCloud([Point(3, 1e10)])]
        #expect(try again(clouds, name) == clouds)
        let flat = try [PointCloud([1], dimension: 1), PointCloud([2], dimension: 1)]
        #expect(try again(flat, "flat-\(name)") == flat)
        let wide = try [PointCloud([1, 2, 3, 4, 5], dimension: 5)]
        #expect(try again(wide, "wide-\(name)") == wide && wide[0].columns == ["x1", "x2", "x3", "x4", "x5"])
    }

    @Test("Clouds of several points keep which belong together, tables their names")
    func clouds() throws {
        let names = ["CD90", "a, \"b\""]
        let even = try [PointCloud([1, 2, 3, 4], columns: names), PointCloud([5, 6, 7, 8], columns: names)]
        let uneven = try even + [PointCloud([9, 10], columns: names)]
        for name in ["b.csv", "b.tsv"] { #expect(try again(uneven, name) == uneven) }
        #expect(try text("b.csv").hasPrefix("sample,CD90,\"a, \"\"b\"\"\"\n0,1.0,2.0\n0,3.0,4.0\n1,"))
        #expect(try again(even, "b.npy").map(\.values) == even.map(\.values))
        #expect(try NPY.read(path: folder.file("b.npy")).shape == [2, 2, 2])
        #expect(try again(uneven, "b.npz").map(\.values) == uneven.map(\.values))
        let message = sentence { try PointCloud.write(uneven, to: folder.file("c.npy")) }
        #expect(message.contains("do not fit into one NumPy array") && message.contains(".npz, .csv, .tsv"))
        let hollow = try [PointCloud([], columns: names)] + even
        #expect(try again(hollow, "d.npz").map(\.count) == [0, 2, 2])
        #expect(sentence { try PointCloud.write(hollow, to: folder.file("d.csv")) }.contains("What holds them: .npz."))
    }

    @Test("Rows of a table belong together by its column 'sample', wherever it and they are")
    func grouped() throws {
        let path = try write("x,sample,y\n1,b,2\n3,a,4\n5,b,6\n", "groups.csv")
        let source = try PointCloud.source(at: path)
        #expect(try source.all().map(\.values) == [[1, 2, 5, 6], [3, 4]] && source.count == 2)
        #expect(try source.samples([1])[0].columns == ["x", "y"])
        #expect(
            sentence { _ = try source.samples([2]) }.contains("holds 2 samples, so that there is none with the index 2")
        )
    }

    @Test("Damaged files of points are told with what was expected")
    func badPoints() throws {
        func reads(_ path: String) -> String { sentence { _ = try PointCloud.source(at: path) } }
        #expect(reads(folder.file("none.csv")).contains("there is no such file"))
        let late = (0..<1100).map { "\($0),\($0 == 1050 ? "x" : "1")\n" }.joined()
        #expect(reads(try write("a,b\n\(late)", "word.csv")).contains("line 1052"))
        #expect(reads(try write("a,b\n", "empty.csv")).contains("none of its columns holds numbers"))
        #expect(reads(try write("a,b\n1,2\n3,nan\n", "nan.csv")).contains("line 3"))
        let odd = reads(try write("hello", "words.txt"))
        for ending in [".npy (", ".npz (", ".csv (", ".tsv ("] { #expect(odd.contains(ending), "\(odd)") }
        try NPZ.write(
            [("a", RawTensor([1, 2] as [Double], shape: [1, 2])), ("b", RawTensor([1] as [Double], shape: [1]))],
            to: folder.file("two.npz"))
        #expect(reads(folder.file("two.npz")).contains("holds the arrays a, b"))
        let points = RawTensor([1, 2, 3, 4] as [Double], shape: [2, 2])
        for counts in [[1], [1, 2], [3, -1]] as [[Int64]] {
            try NPZ.write(
                [("points", points), ("counts", RawTensor(counts, shape: [counts.count]))], to: folder.file("sum.npz"))
            #expect(reads(folder.file("sum.npz")).contains("do not add up to its 2 points"))
        }
        try NPY.write(RawTensor([1] as [Double], shape: [1, 1, 1, 1]), to: folder.file("deep.npy"))
        #expect(reads(folder.file("deep.npy")).contains("[1, 1, 1, 1]"))
    }

    @Test("A file is known by its content, whatever its name")
    func content() throws {
        let clouds = [PointCloud([Point(1, 2)])]
        try PointCloud.write(clouds, to: folder.file("a.npy"))
        try AtomicFile.write(String(decoding: [], as: UTF8.self) + "x,y\n1,2\n", to: folder.file("b.npy"))
        try write(bytes("a.npy"), "a.dat")
        #expect(try PointCloud.source(at: folder.file("a.dat")).all() == clouds)
        #expect(sentence { _ = try PointCloud.source(at: folder.file("b.npy")) }.contains("not an NPY file"))
        try write(Array(">>graph6<<A_\n".utf8), "g.txt")
        #expect(try Graph.source(at: folder.file("g.txt")).all() == [Graph(nodeCount: 2, edges: [(0, 1)])])
        try write(Array("{\"name\": \"x\", \"graphs\": [{\"n\": 1, \"edges\": []}]}".utf8), "g.dat")
        #expect(try Graph.source(at: folder.file("g.dat")).count == 1)
    }

    private func write(_ bytes: [UInt8], _ name: String) throws {
        try AtomicFile.write(to: folder.file(name)) { try $0.write(bytes) }
    }

    @Test("A wrong ending lists all that there are")
    func endings() {
        let message = sentence { _ = try PointCloud.format(writing: "a.parquet") }
        #expect(message == "These samples are kept as .npy, .npz, .csv, .tsv or .png, not as '.parquet'.")
        #expect(sentence { _ = try Image.format(writing: "a.npy") }.contains("are pictures"))
        #expect(
            sentence { _ = try Graph.format(writing: "a.gml") }.contains(
                ".json, .edges, .edgelist, .g6, .s6, .graphml or .png"))
    }

    @Test("Groups of a table are clouds, rows without groups are points; words are no coordinates")
    func groups() throws {
        let path = try write("patient,day,a,b\nx,1,1,2\ny,1,3,4\nx,1,5,6\nx,2,7,8\n", "cells.csv")
        let rows = try PointCloud.source(at: path)
        #expect(
            try rows.count == 4 && rows.samples([1])[0].values == [1, 3, 4]
                && rows.samples([1])[0].columns == ["day", "a", "b"])
        let groups = try PointGroups(PointTable(path: path, .init(columns: ["b", "a"], groupBy: ["patient", "day"])))
        #expect(groups.names == ["x, 1", "y, 1", "x, 2"])
        #expect(try groups.all().map(\.values) == [[2, 1, 6, 5], [4, 3], [8, 7]])
        #expect(try groups.samples([2])[0].columns == ["b", "a"])
        #expect(throws: (any Error).self) { try groups.samples([3]) }
    }

    // MARK: Graphs

    @Test("Graphs go to JSON whole, to edge lists with weights and types, to graph6 with what is joined")
    func graphs() throws {
        let molecule = try Graph(
            nodes: [.init(label: "C\""), .init(category: 2), .init(color: Color(hex: 0x1280FF))],
            edges: [.init(0, 1, weight: 0.25, type: 2), .init(1, 2)])
        let plain = try Graph(nodeCount: 4, edges: [(0, 1), (0, 3)])
        #expect(try again([molecule, plain], "g.json") == [molecule, plain])
        let listed = try again([molecule, plain], "g.edges")
        #expect(listed[0].edges == molecule.edges && listed[1] == plain)
        #expect(
            try text("g.edges").hasPrefix("# graph 0: 3 nodes\n0 1 0.25 2\n1 2 1.0 1\n# graph 1: 4 nodes\n0 1 1.0 1\n"))
        #expect(try again([plain], "g.g6") == [plain] && again([plain], "g.s6") == [plain])
        #expect(try again([molecule, plain], "g.graphml") == [molecule, plain])
        try write(bytes("g.graphml"), "graphml.dat")
        #expect(try Graph.source(at: folder.file("graphml.dat")).all() == [molecule, plain])
        let loop = try Graph(nodeCount: 2, edges: [(0, 0), (0, 1), (1, 0)])
        #expect(try again([loop], "loop.json") == [loop])
        let message = sentence { try Graph.write([loop], to: folder.file("loop.g6")) }
        #expect(message.contains("do not fit into one graph6") && message.hasSuffix("What holds them: .json."))
    }

    @Test("A folder of the TU collection is a set of graphs in classes, and no folder of pictures")
    func folders() throws {
        try makeDirectory(folder.file("TOY"))
        try write("1, 2\n2, 1\n3, 4\n4, 3\n", "TOY/TOY_A.txt")
        try write("1\n1\n2\n2\n", "TOY/TOY_graph_indicator.txt")
        try write("5\n-1\n", "TOY/TOY_graph_labels.txt")
        let source = try Graph.source(at: folder.file("TOY"))
        #expect(source.count == 2 && source.classes == [1, 0] && source.classNames == ["-1", "5"])
        #expect(try source.samples([1])[0] == Graph(nodeCount: 2, edges: [(0, 1)]))
        #expect(Image.format(reading: folder.file("TOY"), byName: false) == nil)
    }

    @Test(
        "Graphs of other programs' JSON are read",
        arguments: [
            #"{"graphs": [{"n": 3, "edges": [[0, 1], [1, 2, 0.5]]}]}"#,
            #"{"nodes": [10, 20, 30], "edges": [[10, 20], [20, 30, 0.5]]}"#,
            #"{"directed": false, "multigraph": false, "nodes": [{"id": "a"}, {"id": "b"}, {"id": 7}], "links": [{"source": "a", "target": "b"}, {"source": "b", "target": 7, "weight": 0.5}]}"#,
        ])
    func otherJSON(text: String) throws {
        let graph = try Graph.source(at: write(text, "other.json")).all()[0]
        #expect(graph.nodes.count == 3 && graph.edges == [.init(0, 1), .init(1, 2, weight: 0.5)])
    }

    @Test(
        "Graphs that cannot be read are told by their place",
        arguments: [
            (
                #"{"graphs": [{"n": 1, "edges": []}, {"n": 1, "edges": [[0, 1]]}]}"#,
                "item 1 of 'graphs' (counted from 0)"
            ),
            (#"{"graphs": [{"n": 1, "edges": [[0, 1]]}]}"#, "leads to 1, but the graph has 1 nodes"),
            (#"{"graphs": [{"directed": true, "nodes": [], "edges": []}]}"#, "directed graphs are not read"),
            (#"{"multigraph": true, "nodes": [], "links": []}"#, "multigraphs are not read"),
            (#"{"graphs": [{"edges": []}]}"#, "needs 'nodes'"),
            (#"{"graphs": [{"n": 1e9, "edges": []}]}"#, "needs 'nodes'"),
            (#"{"graphs": [{"n": 1000000000, "edges": []}]}"#, "at most 1000000 are read"),
            (#"{"graphs": 3}"#, "has no list 'graphs'"), (#"{"graphs": ["#, "byte 12"),
            (#"{"graphs": [{"nodes": ["a", "a"], "edges": []}]}"#, "each node needs an 'id' of its own"),
            (#"{"nodes": ["a"], "edges": [["a", "b"]]}"#, "leads to 'b', which is no node"),
        ])
    func badJSON(text: String, words: String) throws {
        let path = try write(text, "bad.json")
        let message = sentence { _ = try Graph.source(at: path) }
        #expect(message.contains(words), "\(message)")
    }

    // MARK: Texts, curves, tensors, images

    @Test("Texts keep their words in .txt, and their colours and letters in .json")
    func texts() throws {
        let pages = [
            TextPage("one\n\ntwo"), TextPage(""),
            TextPage(
                runs: [.init("a"), .init("b", color: Color(hex: 0xD55E00)), .init("c\"")], typeface: .proportional),
        ]
        #expect(try again(pages, "t.txt").map(\.text) == pages.map(\.text))
        #expect(try again(pages, "t.json") == pages)
        #expect(
            try text("t.json").hasPrefix(
                "{\"texts\": [\n\"one\\n\\ntwo\",\n\"\",\n{\"typeface\": \"proportional\", \"runs\": ["))
        try write([0x61, 0x0A, 0x0C, 0x0A, 0xFF], "bad.txt")
        let message = sentence { _ = try TextPage.source(at: folder.file("bad.txt")) }
        #expect(message.contains("text 1 (counted from 0), which begins at byte 4, is not UTF-8"))
        let path = try write(#"{"texts": ["a", {"runs": [{"text": "b", "color": "red"}]}]}"#, "bad.json")
        #expect(sentence { _ = try TextPage.source(at: path) }.contains("item 1 of 'texts'"))
    }

    @Test("Runs of one colour are one, and colours are drawn")
    func colours() throws {
        #expect(TextPage(runs: [.init("a"), .init(""), .init("b")]) == TextPage("ab"))
        let red = try TextPage(runs: [.init("mm"), .init("mm", color: Color(red: 1, green: 0, blue: 0))]).drawn()
        let plain = try TextPage("mmmm").drawn()
        func reds(_ image: Image) -> Int {
            (0..<image.width * image.height).count { place in
                let pixel = image[place % image.width, place / image.width]
                return pixel[0] > 200 && pixel[1] < 100
            }
        }
        #expect(reds(plain) == 0 && reds(red) > 20 && red.width == plain.width)
    }

    @Test("Curves and tensors come back as they were")
    func others() throws {
        let curves = try [
            Curve([.init("a,b", x: [0, 0.5], y: [1, 2]), .init("", x: [3], y: [-.infinity])]), Curve(y: [1, 2, 3]),
        ]
        #expect(try again(curves, "c.csv") == curves)
        let tensors = (0..<3).map { Tensor([Float](repeating: Float($0), count: 6), shape: [2, 3]) }
        let read = try again(tensors, "t.npy")
        #expect(read.count == 3 && read.allSatisfy { $0.shape.sizes == [2, 3] && $0.dtype == .float32 })
        #expect(try read[2].array(of: Float.self) == [2, 2, 2, 2, 2, 2])
        #expect(
            sentence { try Tensor.write([Tensor.zeros([2]), Tensor.zeros([3])], to: folder.file("u.npy")) }.contains(
                "do not fit"))
    }

    @Test("Images of arrays: bytes and numbers, in every order of axes")
    func images() throws {
        let pixels = (0..<24).map { UInt8($0 * 10) }
        let image = Image(width: 4, height: 2, channels: 3, bytes: pixels)
        let planar = (0..<3).flatMap { channel in (0..<8).map { pixels[$0 * 3 + channel] } }
        try NPY.write(RawTensor(pixels, shape: [1, 2, 4, 3]), to: folder.file("last.npy"))
        try NPY.write(RawTensor(planar, shape: [1, 3, 2, 4]), to: folder.file("first.npy"))
        try NPY.write(
            RawTensor(planar.map { Float($0) / 127.5 - 1 }, shape: [1, 3, 2, 4]), to: folder.file("float.npy"))
        for name in ["last.npy", "first.npy"] { #expect(try Image.source(at: folder.file(name)).all() == [image]) }
        let float = try Image.source(at: folder.file("float.npy")).all()[0]
        #expect(float.bitDepth == 16 && float.converted(toBitDepth: 8) == image)
        try expectClose(got: Image.features(of: [float]), expected: Image.features(of: [image]), "float")
        try NPY.write(RawTensor([0, -2] as [Float], shape: [1, 1, 2]), to: folder.file("far.npy"))
        #expect(sentence { _ = try Image.source(at: folder.file("far.npy")).all() }.contains("holds the pixel -2.0"))
    }
}
