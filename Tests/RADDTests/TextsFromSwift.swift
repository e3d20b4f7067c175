import Foundation
import Genera
import GeneraTesting
import RADD
import Testing

/// The code about texts of docs/Genera-from-Swift.md, each block between `// page:` and `// end`, compiled and run where the model is. A
/// test of the family PFGM++ compares the two.
@Suite struct TextsFromSwift {
    private let scratch = TemporaryFolder()

    @Test func texts() throws {
        guard (try? CheckpointStore.standard.path(of: "shakespeare")) != nil else { return }
        let (file, list, folder) = (scratch.file("texts.png"), scratch.file("texts.json"), scratch.file("model.hub"))
        // page: texts
        let model = try RADD.load("shakespeare")
        let texts = try model.texts(2, seed: 7, prompt: "ROMEO:\n[MASK:60]love[MASK:20]")
        try PNG.write(Passage.picture(of: texts), to: file)
        try Passage.write(texts, to: list)
        // end
        #expect(try PNG.read(file).width > 100 && Passage.source(at: list).all().map(\.text) == texts.map(\.text))
        #expect(texts.allSatisfy { $0.text.hasPrefix("ROMEO:\n") })
        #expect(texts.allSatisfy { $0.text.count == 91 && $0.text.dropFirst(67).hasPrefix("love") })
        #expect(try model.texts(1, seed: 7, prompt: "ROMEO:\n[MASK:60]love[MASK:20]") == Array(texts.prefix(1)))
        // page: ways
        var way = RADDSampling()
        (way.method, way.steps, way.temperature) = (.confidence(.margin), 16, 0.8)
        let surest = try model.texts(2, length: 64, way)
        way.method = .remask(Remasking(.cap, eta: 0.05))
        let mended = try model.texts(2, length: 64, way)
        let last = mended[0].tokens.map(\.reveal).max()  // the round that revealed the last token
        // end
        #expect((surest + mended).allSatisfy { $0.text.count == 64 } && last ?? 0 > 1)
        let stored = try RunContext().model(of: RADD.self, named: "shakespeare")
        let format = try #require(RADDCheckpoint.formats.first { $0.fileExtensions.contains("hub") })
        try format.write?(stored, folder)
        // page: models
        let checkpoint = try RADDCheckpoint(path: folder)  // of the authors' code, of SEDD's or MDLM's
        print(checkpoint.configuration.model.blocks, checkpoint.metadata["radd.assumed"] ?? "nothing was assumed")
        // end
        #expect(try checkpoint.configuration == RADDConfiguration(json: stored.configuration, file: stored.path))
    }
}
