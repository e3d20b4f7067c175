import Foundation
import Genera
import Testing

@Suite struct DataTests {
    let folder: Scratch

    init() throws { folder = try Scratch() }

    @Test("Letters of fonts become a data set with classes")
    func glyphs() throws {
        let made = try run("data glyphs --letters 01 --size 12 --out letters.zip", in: folder)
        if made.error.contains("font") { return }
        expectSuccess(made)
        let outcome = try run("data inspect letters.zip --preview p.png --json", in: folder)
        expectSuccess(outcome)
        let value = try #require(JSONSerialization.jsonObject(with: Data(outcome.bytes)) as? [String: Any])
        #expect(value["classes"] as? Int == 2 && value["width"] as? Int == 12 && value["channels"] as? Int == 1)
        #expect(try PNG.read(folder.file("p.png")).width > 12)
        expectFailure(try run("data glyphs --letters 01 --out letters.zip", in: folder), 73, "letters.zip", "--force")
    }

    @Test("Emoji become a data set in colour")
    func emoji() throws {
        let made = try run("data emoji --size 8 --limit 20 --out emoji.zip", in: folder)
        if made.error.contains("fonts-noto-color-emoji") { return }
        expectSuccess(made)
        let outcome = try run("data inspect emoji.zip", in: folder)
        expectSuccess(outcome)
        #expect(outcome.output.contains("8x8") && outcome.output.contains("channels  3"))
    }

    @Test("Points, graphs, texts and curves are known by what is in them, and told of")
    func samples() throws {
        func inspect(_ name: String, _ more: String = "") throws -> String {
            let outcome = try run("data inspect \(name) \(more)", in: folder)
            expectSuccess(outcome)
            return outcome.output
        }
        try folder.write("sample,CD90,EpCAM\n0,1,-2\n0,3,4\n1,5,6.5\n", to: "cells.csv")
        let cells = try inspect("cells.csv", "--preview cells.png")
        for line in [
            "samples      2", "points       3", "in a sample  1 to 2", "  CD90       1 to 5",
            "  EpCAM      -2 to 6.500",
        ] {
            #expect(cells.contains(line), "\(cells)")
        }
        #expect(try PNG.read(folder.file("cells.png")).width > 100)
        let json = try run("data inspect cells.csv --json", in: folder)
        let value = try #require(JSONSerialization.jsonObject(with: Data(json.bytes)) as? [String: Any])
        #expect(
            value["points"] as? Int == 3 && (value["columns"] as? [[String: Any]])?[1]["name"] as? String == "EpCAM")
        #expect(try inspect("cells.csv", "--group-by EpCAM").contains("samples      3"))
        expectFailure(try run("data inspect cells.csv --group-by CD9", in: folder), 65, "CD9", "did you mean 'CD90'?")
        expectFailure(try run("data inspect cells.csv --group-by EpCAM --as texts", in: folder), 64, "is for points")
        try NPY.write(RawTensor([1, 2, 3, 4, 5, 6] as [Double], shape: [2, 3]), to: folder.file("array.dat"))
        #expect(try inspect("array.dat").contains("dimensions   3"))
        try NPY.write(RawTensor([UInt8](repeating: 9, count: 48), shape: [3, 4, 4]), to: folder.file("images.npy"))
        #expect(try inspect("images.npy").contains("size      4x4"))
        #expect(try inspect("images.npy", "--as points").contains("in a sample  4"))
        try folder.write(">>graph6<<DQc\nA_\n", to: "two.txt")
        let graphs = try inspect("two.txt", "--preview graphs.png")
        #expect(graphs.contains("graphs          2") && graphs.contains("nodes           2 to 5"))
        try folder.write("{\"texts\": [\"one\", \"two\\nlines\"]}", to: "texts.json")
        #expect(try inspect("texts.json").contains("lines       1 to 2"))
        try folder.write("sample,series,x,y\n0,a,0,1\n0,a,1,nan\n", to: "curve.csv")
        #expect(try inspect("curve.csv").contains("curves  1"))
        try folder.write("hello", to: "notes.txt")
        #expect(try inspect("notes.txt").contains("bytes       5"))
    }

    /// Writes pictures of one colour: red of the size, green of the number, blue 255.
    private func write(_ sizes: [(String, Int, Int)], channels: Int = 3, to place: String) throws {
        for (number, (name, width, height)) in sizes.enumerated() {
            let path = folder.file("\(place)/\(name)")
            try FileSystem.makeFolders(FileSystem.parent(of: path))
            let fill = Array([width, number, 255, 128].prefix(channels))
            try PNG.write(Image(width: width, height: height, channels: channels, fill: fill), to: path)
        }
    }

    private func json(_ words: String) throws -> [String: Any] {
        let outcome = try run(words + " --json", in: folder)
        expectSuccess(outcome)
        return try #require(JSONSerialization.jsonObject(with: Data(outcome.bytes)) as? [String: Any])
    }

    @Test("Pictures that do not agree are told of with the way out, which makes a set of them")
    func pack() throws {
        try write([("cat/a.png", 20, 30), ("cat/b.png", 32, 32), ("dog/c.png", 20, 30)], to: "odd")
        try folder.write("words", to: "odd/a.txt")
        try folder.write("\0\0\0\u{18}ftypheic", to: "odd/c.heic")
        let way = "`genera data pack odd --size 32 --out odd.zip`"
        expectFailure(
            try run("train pfgmpp --data odd --output run --steps 1", in: folder), 65,
            "cat/b.png is 32x32 with 3 channels, but cat/a.png is 20x30 with 3 channels", way)
        let told = try run("data inspect odd", in: folder)
        expectSuccess(told)
        for line in [
            "size        20x30 (2), 32x32 (1)", "  cat       2", "  dog       1", "2 of 5 files are no pictures", way,
        ] {
            #expect(told.output.contains(line), "\(told)")
        }
        let facts = try json("data inspect odd")
        #expect(facts["width"] is NSNull && (facts["sizes"] as? [[String: Int]])?.map { $0["count"] } == [2, 1])
        #expect(facts["classNames"] as? [String] == ["cat", "dog"] && facts["classSizes"] as? [Int] == [2, 1])
        #expect(facts["leftOut"] as? [String] == ["a.txt", "c.heic"] && facts["advice"] as? String == way)
        let packed = try run("data pack odd --size 32 --out odd.zip", in: folder)
        expectSuccess(packed)
        #expect(packed.output == "odd.zip: 3 pictures\n")
        #expect(packed.error.contains("warning: odd: 2 of 5 files are no pictures that can be read"))
        let set = try ImageDataset.load(folder.file("odd.zip"))
        #expect(set.shape == [3, 32, 32] && set.classNames == ["cat", "dog"] && set.classes == [0, 0, 1])
        #expect(set.picture(2)[5, 31] == [20, 2, 255])
        expectFailure(try run("data pack odd --size 32 --out odd.zip", in: folder), 73, "--force")
        let bytes = try folder.bytes("odd.zip")
        expectSuccess(try run("data pack odd --size 32 --out odd.zip --force -q", in: folder))
        #expect(try folder.bytes("odd.zip") == bytes)
    }

    @Test("Pictures are cut, squeezed or filled up, and alpha is laid over the background")
    func packing() throws {
        // Left third red, the rest green.
        var image = Image(width: 6, height: 2, channels: 3, fill: [0, 255, 0])
        for x in 0..<2 { for y in 0..<2 { image[x, y] = [255, 0, 0] } }
        try FileSystem.makeFolders(folder.file("wide"))
        try PNG.write(image, to: folder.file("wide/a.png"))
        func pixels(_ options: String) throws -> [[Int]] {
            expectSuccess(try run("data pack wide --size 2 --out w.zip --force \(options) -q", in: folder))
            let picture = try ImageDataset.load(folder.file("w.zip")).picture(0)
            return (0..<4).map { picture[$0 % 2, $0 / 2] }
        }
        let (green, third) = ([0, 255, 0], [170, 85, 0])
        #expect(try pixels("--crop centre") == [green, green, green, green])
        #expect(try pixels("--crop none --filter box") == [third, green, third, green])
        #expect(
            try pixels("--crop pad --filter box --background #0000ff") == [third, green, [0, 0, 255], [0, 0, 255]])
        #expect(try pixels("--crop none --filter box --channels grey") == [[101], [150], [101], [150]])
        try write([("a.png", 2, 2)], channels: 4, to: "clear")
        func corner(_ background: String) throws -> [Int] {
            expectSuccess(
                try run("data pack clear --size 2 --out c.zip --force -q --background \(background)", in: folder))
            return try ImageDataset.load(folder.file("c.zip")).picture(0)[0, 0]
        }
        #expect(try corner("white") == [128, 127, 255] && corner("black") == [1, 0, 128])
        #expect(try corner("#ff0001") == [128, 0, 128])
        expectFailure(
            try run("data inspect clear/a.png", in: folder), 65, "clear/a.png: is one PNG picture",
            "give a folder or zip")
        let told = try run("data inspect clear", in: folder)
        #expect(told.output.contains("alpha     in 1 of 1; laid over white when learned from"), "\(told)")
        expectFailure(try run("data pack clear --size 0 --out d.zip", in: folder), 64, "--size must be from 1")
        expectFailure(try run("data pack clear --size 8 --out d.zip --background blau", in: folder), 64, "blau")
        expectFailure(try run("data pack none --size 8 --out d.zip", in: folder), 66, "none")
    }

    @Test("Arrays are packed with their channels and labels, the first so many")
    func packArrays() throws {
        let pixels = RawTensor((0..<32).map { UInt8($0) }, shape: [2, 4, 4])
        let labels = RawTensor([1, 0] as [Int64], shape: [2])
        try NPZ.write([("x", pixels), ("y", labels)], to: folder.file("a.npz"))
        #expect(try json("data inspect a.npz")["classSizes"] as? [Int] == [1, 1])
        expectSuccess(try run("data pack a.npz --size 2 --filter box --max-images 1 --out a.zip", in: folder))
        let set = try ImageDataset.load(folder.file("a.zip"))
        // The means of four bytes are halves, which are rounded up.
        #expect(set.shape == [1, 2, 2] && set.pixels == [3, 5, 11, 13] && set.labelRows == [[0, 1]])
    }

    @Test("Pictures that are no squares are told of with the command that makes them so")
    func squares() throws {
        try NPY.write(RawTensor([UInt8](repeating: 3, count: 192), shape: [2, 8, 12]), to: folder.file("wide.npy"))
        let way = "`genera data pack wide.npy --size 32 --out wide.zip`"
        expectFailure(
            try run("train pfgmpp --data wide.npy --output run --steps 1", in: folder), 65,
            "wide.npy: images are 12x8; the network needs square ones", way)
        #expect(try json("data inspect wide.npy")["advice"] as? String == way)
    }

    @Test("What is left out is said in training and evaluation, without --verbose")
    func leftOut() throws {
        let names = (0..<16).map { "img\($0).png" }
        try write(names.map { ($0, 8, 8) }, channels: 1, to: "set")
        try folder.write("words", to: "set/a.txt")
        let line = "set: 1 of 17 files is no picture and was left out: a.txt"
        let options = "--cbase 16 --cres 1,1 --nblock 1 --attn-resolutions none --batch-size 4 --steps 1"
        let trained = try run("train pfgmpp --data set --output run \(options)", in: folder)
        expectSuccess(trained)
        #expect(trained.error.contains(line), "\(trained)")
        try FileSystem.remove(folder.file("set/a.txt"))
        try folder.write("\0\0\0\u{18}ftypheic", to: "set/a.heic")
        let words = "evaluate pfgmpp --checkpoint run --steps 1 --count 16 --reference set --paired --measures psnr"
        let evaluated = try run(words, in: folder)
        #expect(
            evaluated.error.contains(
                "warning: set: 1 of 17 files is no picture that can be read and was left out: a.heic"),
            "\(evaluated)")
    }

    @Test("What is no data set is told")
    func inspect() throws {
        expectFailure(try run("data inspect none.zip", in: folder), 66, "none.zip")
        try folder.write("hello", to: "bad.zip")
        expectFailure(try run("data inspect bad.zip", in: folder), 65, "bad.zip")
        try folder.write("hello", to: "bad.xyz")
        expectFailure(try run("data inspect bad.xyz", in: folder), 65, "bad.xyz: this is text", ".npz", ".g6")
        try folder.write("a,b\n1,2\n3\n", to: "bad.csv")
        expectFailure(try run("data inspect bad.csv", in: folder), 65, "bad.csv: line 3", "1 cells, 2 were expected")
        expectFailure(try run("data inspect bad.csv --as nothing", in: folder), 64, "nothing", "images")
    }
}
