import Formats
import Foundation
import Genera

@testable import RADD

extension Reader {
    /// Vocabularies, corpora, and models of text.
    static let texts: [Reader] = [
        Reader("vocabulary") { view in
            // Two files, with a byte of 0 between them.
            let parts = view.array().split(separator: 0, maxSplits: 1, omittingEmptySubsequences: false)
            let merges = parts.count > 1 ? ByteView(parts[1]) : ByteView([])
            try use(BytePairTokenizer(vocabulary: ByteView(parts[0]), merges: merges, files: ("v", "m")))
        },
        Reader("tokenizer-json") { try use(BytePairTokenizer(tokenizer: $0, file: "f")) },
        Reader("text-file") { try readCorpus($0, .text, CorpusReading()) },
        Reader("text-lines") { view in
            for detokeniser in Detokeniser.allCases {
                try readCorpus(view, .text, CorpusReading(records: .lines, detokeniser: detokeniser))
            }
        },
        Reader("text-json") { try readCorpus($0, .json, CorpusReading()) },
        Reader("token-numbers") { try readCorpus($0, .tokens, CorpusReading()) },
        Reader("radd-settings") { view in
            let settings = try CheckpointSettings.json(view, file: "f")
            blackHole((settings.areOfAbsorbingText, try? settings.noise()))
            // What the settings say of weights that fit small ones.
            let c = RADDConfiguration(tokens: 3, model: .init(width: 4, heads: 1, blocks: 1))
            let tensors = NetworkKeys.all(c).map { key in
                let count = key.shape.reduce(1, *)
                return (name: key.name, tensor: RawTensor([Float](repeating: 0.5, count: count), shape: key.shape))
            }
            blackHole(try RADDCheckpoint(CheckpointWeights(tensors, file: "f"), settings, [], file: "f"))
        },
        model("radd-safetensors", "safetensors"), model("radd-torch", "pth"),
        Reader("gpt2-weights") { view in
            let tensors = try Safetensors(view, file: "f").tensors.map { ($0.name, $0.tensor) }
            // Up to where tensors of the engine would be made, which is not there.
            blackHole(try GPT2Evaluator.geometry(tensors, heads: nil, file: "f"))
        },
    ]

    private static func model(_ name: String, _ ending: String) -> Reader {
        Reader(name, ending: ending) { path in
            blackHole(try RADDCheckpoint.formats.map { try $0.holds(path) })
            let checkpoint = try RADDCheckpoint(path: path)
            let model = ModelCheckpoint(
                family: RADD.name, configuration: try checkpoint.configuration.json(), weights: checkpoint.weights,
                metadata: checkpoint.metadata, path: path)
            if let modulated = try ModulatedWeights(model) { blackHole(modulated.folded(sigma: 1.5)) }
        }
    }

    /// Asks a tokenizer for all that it has.
    private static func use(_ tokenizer: BytePairTokenizer) throws {
        let text =
            "the anding don't  1\u{301}\u{1F469}\u{200D}\u{1F467}\r\n \u{D7FF}" + String(repeating: "ab", count: 40)
        let tokens = tokenizer.encode(text)
        let again = try tokenizer.decode(tokens)
        precondition(again == text)
        blackHole(TokenPieces.of(tokens + [Int32(tokenizer.vocabulary), -1], tokenizer, standIn: "?"))
    }

    private static func readCorpus(_ view: ByteView, _ content: CorpusFiles.Content, _ reading: CorpusReading) throws {
        let files = CorpusFiles(
            pieces: try CorpusFiles.pieces(of: view, file: "f", content, reading), reading: reading, paths: ["f"])
        let tokenizer: any Tokenizer = try content == .tokens ? Text8Tokenizer() : CharacterTokenizer(of: files)
        let corpus = try TextCorpus(files, tokenizer: tokenizer, validation: 0.25)
        blackHole(corpus.digest(length: 4))
        for packing in Packing.allCases {
            guard let blocks = try? corpus.blocks(length: 4, packing: packing) else { continue }
            for number in 0..<min(blocks.count, 8) { blackHole(blocks[number]) }
        }
    }
}
