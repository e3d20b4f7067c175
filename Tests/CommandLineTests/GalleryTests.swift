import Foundation
import Genera
import GeneraTesting
import Testing

/// The models that ship, and the pictures that stand beside their commands in the gallery.
@Suite struct GalleryTests {
    let folder: Scratch
    private static let samples = "\(Golden.repository)/samples"
    private static let environment = ["GENERA_MODELS": "\(samples)/models"]

    init() throws { folder = try Scratch() }

    private func succeed(_ words: String) throws {
        let outcome = try Program.run(
            words.split(separator: " ").map(String.init), in: folder, environment: Self.environment)
        try #require(outcome.status == 0, "\(outcome)")
    }

    /// On another processor or LibTorch last bits differ, and with them a few grey levels; a picture of something else differs
    /// by far more.
    @Test("The gallery's threes are drawn again by the command beside them")
    func threes() throws {
        try succeed("sample pfgmpp --checkpoint digits28 --label 3 --guidance 1.3 --count 16 --out threes.png")
        let (old, new) = (try PNG.read("\(Self.samples)/threes.png"), try PNG.read(folder.file("threes.png")))
        #expect(old.width == new.width && old.height == new.height)
        let difference = zip(old.values, new.values).reduce(0) { $0 + abs($1.0 - $1.1) } / Float(old.values.count)
        #expect(difference < 0.005)
    }

    @Test("The gallery's island is drawn again by the commands beside it", arguments: ["depth", "normal"])
    func island(channel: String) throws {
        let name = "island-\(channel).png"
        try succeed("render island --size 320x320 --channel \(channel) --out \(name)")
        let (old, new) = (try PNG.read("\(Self.samples)/\(name)"), try PNG.read(folder.file(name)))
        #expect(old.width == new.width && old.height == new.height && old.channels == new.channels)
        let difference = zip(old.values, new.values).reduce(0) { $0 + abs($1.0 - $1.1) } / Float(old.values.count)
        #expect(difference < 0.005)
    }

    static let hasGraphs = FileManager.default.fileExists(atPath: "\(samples)/graphs.png")

    @Test("The gallery's graphs are drawn again by the command beside them", .enabled(if: hasGraphs))
    func graphs() throws {
        try succeed("sample gdss --count 16 --together 16 --seed 7 --out graphs.png")
        let (old, new) = (try PNG.read("\(Self.samples)/graphs.png"), try PNG.read(folder.file("graphs.png")))
        #expect(old.width == new.width && old.height == new.height)
        let difference = zip(old.values, new.values).reduce(0) { $0 + abs($1.0 - $1.1) } / Float(old.values.count)
        #expect(difference < 0.005)
    }

    @Test("The model of graphs that ships is small, and says how it was made", .enabled(if: hasGraphs))
    func modelOfGraphs() throws {
        let path = "\(Self.samples)/models/community20"
        let file = try Safetensors(path: "\(path).safetensors")
        #expect(try MappedFile(path: "\(path).safetensors").count < 5_000_000)
        #expect(file.metadata["genera.family"] == "gdss" && file.metadata["genera.training"]?.contains("seed:") == true)
        for companion in ["yaml", "jsonl"] {
            #expect(FileManager.default.fileExists(atPath: "\(path).\(companion)"))
        }
    }

    static let hasTexts = FileManager.default.fileExists(atPath: "\(samples)/text.png")

    @Test("The gallery's texts are drawn again by the command beside them", .enabled(if: hasTexts))
    func texts() throws {
        try succeed("sample radd --temperature 0.7 --count 4 --seed 7 --out text.png")
        let (old, new) = (try PNG.read("\(Self.samples)/text.png"), try PNG.read(folder.file("text.png")))
        #expect(old.width == new.width && old.height == new.height)
        let difference = zip(old.values, new.values).reduce(0) { $0 + abs($1.0 - $1.1) } / Float(old.values.count)
        // A last bit may turn a letter, and with it those behind.
        #expect(difference < 0.1)
    }

    @Test("The model of texts that ships is small, and says how it was made", .enabled(if: hasTexts))
    func modelOfTexts() throws {
        let path = "\(Self.samples)/models/shakespeare"
        let file = try Safetensors(path: "\(path).safetensors")
        #expect(try MappedFile(path: "\(path).safetensors").count < 5_000_000)
        #expect(file.metadata["genera.family"] == "radd" && file.metadata["genera.training"]?.contains("seed:") == true)
        for companion in ["yaml", "jsonl"] {
            #expect(FileManager.default.fileExists(atPath: "\(path).\(companion)"))
        }
    }

    @Test(
        "A picture has the same bits in any batch, on any number of threads, whatever else is asked for",
        arguments: ["digits28 --guidance 1.3", "emoji32"])
    func invariance(model: String) throws {
        let common = "--checkpoint \(model) --solver unipc-2 --steps 3 --seed 9"
        try succeed("sample pfgmpp \(common) --count 21 --batch 64 --workers 2 --out all/")
        try succeed("sample pfgmpp \(common) --indices 5,17-20 --batch 3 --workers 1 --out some/")
        try succeed("sample pfgmpp \(common) --indices 17 --batch 1 --workers 2 --out one/")
        for index in [5, 17, 18, 19, 20] {
            let name = "0000\(index < 10 ? "0" : "")\(index).png"
            let expected = try PNG.read(folder.file("all/\(name)"))
            #expect(try PNG.read(folder.file("some/\(name)")) == expected, "sample \(index)")
            if index == 17 { #expect(try PNG.read(folder.file("one/\(name)")) == expected) }
        }
    }

    @Test("A model that ships is small, and says what it is and how it was made", arguments: ["digits28", "emoji32"])
    func models(model: String) throws {
        let path = "\(Self.samples)/models/\(model).safetensors"
        let file = try Safetensors(path: path)
        #expect(try MappedFile(path: path).count < 5_000_000)
        #expect(file.metadata["genera.family"] == "pfgmpp")
        #expect(file.metadata["genera.recipe"]?.contains("seed:") == true)
        for companion in ["yaml", "jsonl"] {
            #expect(FileManager.default.fileExists(atPath: "\(Self.samples)/models/\(model).\(companion)"))
        }
    }
}
