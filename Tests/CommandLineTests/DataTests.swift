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

    @Test("What is no data set is told")
    func inspect() throws {
        expectFailure(try run("data inspect none.zip", in: folder), 66, "none.zip")
        try folder.write("hello", to: "bad.zip")
        expectFailure(try run("data inspect bad.zip", in: folder), 65, "bad.zip")
        try folder.write("hello", to: "bad.xyz")
        expectFailure(try run("data inspect bad.xyz", in: folder), 65, "bad.xyz: is no file of samples", ".npz", ".g6")
        try folder.write("a,b\n1,2\n3\n", to: "bad.csv")
        expectFailure(try run("data inspect bad.csv", in: folder), 65, "bad.csv: line 3", "1 cells, 2 were expected")
        expectFailure(try run("data inspect bad.csv --as nothing", in: folder), 64, "nothing", "images")
    }
}
