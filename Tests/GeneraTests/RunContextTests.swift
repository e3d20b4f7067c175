import Foundation
import Genera
import GeneraTesting
import Testing

@Suite("What a run reads and writes")
struct RunContextTests {
    let folder = TemporaryFolder()

    private func context(_ options: OptionRecord = OptionRecord()) -> RunContext {
        RunContext(seed: 9, identity: RunIdentity(family: "toy", verb: "walk", options: options))
    }

    @Test("A picture holds the recipe of its run, with the digests of what was read before")
    func picture() throws {
        let data = folder.file("data.csv")
        try AtomicFile.write("1,2\n", to: data)
        let run = context(OptionRecord(entries: [.init(token: "--size", values: ["4"])]))
        let path = folder.file("a.png")
        _ = run.input(data)
        try run.write(.picture(Image(width: 2, height: 2, channels: 3, bitDepth: 8, fill: [1, 2, 3])), to: path)
        let recipe = try Recipe(of: path)
        #expect(recipe.arguments == ["toy", "walk", "--size", "4"] && recipe.seed == 9 && recipe.number == 0)
        #expect(recipe.inputs == [.init(path: data, sha256: try FileDigest.sha256(file: data))])
        #expect(run.record.outputs == [path])
    }

    @Test("The recipe of any other file stands beside it, and counts what was written before")
    func beside() throws {
        let run = context()
        let (table, text, bytes) = (folder.file("t.csv"), folder.file("t.txt"), folder.file("t.bin"))
        try run.write(.table(Table(columns: ["a"], rows: [[1]])), to: table)
        try run.write(.text("hello"), to: text)
        try run.write(.file { try AtomicFile.write([1, 2, 3], to: $0) }, to: bytes)
        #expect(try [table, text, bytes].map { try Recipe(of: $0).number } == [0, 1, 2])
        let lost = folder.file("lost.txt")
        try AtomicFile.write("x", to: lost)
        let error = #expect(throws: GeneraError.self) { try Recipe(of: lost) }
        #expect(error?.description.contains("lost.txt.json") == true)
    }

    @Test("Without words nothing claims to be repeatable")
    func wordless() throws {
        let path = folder.file("t.txt")
        try RunContext().write(.text("x"), to: path)
        #expect(!FileManager.default.fileExists(atPath: Recipe.file(beside: path)))
    }

    @Test("A folder's digest changes with any of its files")
    func folderDigest() throws {
        try makeDirectory(folder.file("scene"))
        let (one, two) = (folder.file("scene/a"), folder.file("scene/b"))
        try AtomicFile.write("1", to: one)
        try AtomicFile.write("2", to: two)
        let before = try RunRecord().digest(of: folder.file("scene"))
        #expect(try RunRecord().digest(of: folder.file("scene")) == before)
        try AtomicFile.write("3", to: two)
        #expect(try RunRecord().digest(of: folder.file("scene")) != before)
    }

    @Test("Models of a family's own formats are read as they are, folders too")
    func formats() throws {
        try makeDirectory(folder.file("model"))
        try AtomicFile.write("7", to: folder.file("model/width.txt"))
        let run = RunContext(checkpoint: folder.file("model"))
        let model = try run.model(of: FormatFamily.self)
        #expect(model.configuration == "7" && run.record.models.map(\.path) == [folder.file("model")])
        let written = folder.file("copy.wide")
        try FormatFamily.modelFormats[0].write?(model, written)
        #expect(try RunContext(checkpoint: written).model(of: FormatFamily.self).configuration == "7")
        try AtomicFile.write("WIDE", to: folder.file("broken.wide"))
        #expect(throws: FormatError.self) {
            try RunContext(checkpoint: folder.file("broken.wide")).model(of: FormatFamily.self)
        }
        #expect(try Registry([FormatFamily.self]).formats(of: written).count == 1)
    }
}

/// Models that are a number: in a folder, or after four letters in a file.
private enum FormatFamily: ModelFamily {
    static let name = "wide"
    static let summary = "A number."
    static let modelFormats = [
        ModelFormat(
            "wide", summary: "a number",
            recognises: { path, content in
                content.map { $0.count >= 4 && $0.contains(Array("WIDE".utf8), within: 4) }
                    ?? FileManager.default.fileExists(atPath: "\(path)/width.txt")
            },
            read: { path in
                let isFile = !FileManager.default.fileExists(atPath: "\(path)/width.txt")
                let bytes = try MappedFile(path: isFile ? path : "\(path)/width.txt").view.array()
                let text = String(decoding: isFile ? Array(bytes.dropFirst(4)) : bytes, as: UTF8.self)
                guard Int(text) != nil else { throw FormatError(file: path, reason: "holds no number") }
                return ModelCheckpoint(family: name, configuration: text, weights: [], path: path)
            },
            write: { try AtomicFile.write("WIDE" + $0.configuration, to: $1) })
    ]
}
