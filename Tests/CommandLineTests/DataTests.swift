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

    @Test("What is no data set is told")
    func inspect() throws {
        expectFailure(try run("data inspect none.zip", in: folder), 66, "none.zip")
        try folder.write("hello", to: "bad.zip")
        expectFailure(try run("data inspect bad.zip", in: folder), 65, "bad.zip")
    }
}
