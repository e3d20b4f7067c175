import Foundation
import Genera
import GeneraTesting
import Testing

@testable import RADD

/// Scoring by a GPT-2.
@Suite struct GPT2Tests {
    private let folder = TemporaryFolder()

    private static func weights(_ prefix: String = "", width: Int = 16, positions: Int = 8) -> [(
        name: String, tensor: RawTensor
    )] {
        var chance = Chance(3)
        var shapes: [(String, [Int])] = [("wte.weight", [20, width]), ("wpe.weight", [positions, width])]
        for block in 0..<2 {
            for norm in ["ln_1", "ln_2"] { shapes += ["weight", "bias"].map { ("h.\(block).\(norm).\($0)", [width]) } }
            for (map, inputs, outputs) in [
                ("attn.c_attn", width, 3 * width), ("attn.c_proj", width, width), ("mlp.c_fc", width, 4 * width),
                ("mlp.c_proj", 4 * width, width),
            ] {
                shapes += [("h.\(block).\(map).weight", [inputs, outputs]), ("h.\(block).\(map).bias", [outputs])]
            }
        }
        shapes += [("ln_f.weight", [width]), ("ln_f.bias", [width])]
        return shapes.map { (prefix + $0.0, chance.tensor($0.1)) }
    }

    @Test("Names with and without 'transformer.', masks and a tied head are one network; files of either kind")
    func files() throws {
        let sequence: [Int32] = [1, 5, 19, 0, 7]
        let expected = try GPT2Evaluator(Self.weights(), heads: 2, file: "f").likelihoods([sequence])
        let spare = RawTensor([Float](repeating: 1, count: 4), shape: [1, 1, 2, 2])
        let more =
            Self.weights("transformer.") + [
                (name: "lm_head.weight", tensor: Self.weights()[0].tensor),
                (name: "transformer.h.0.attn.bias", tensor: spare),
                (name: "transformer.h.1.attn.masked_bias", tensor: spare),
            ]
        try Safetensors.write(more, to: folder.file("model.safetensors"))
        try AtomicFile.write("{\"n_head\": 2, \"model_type\": \"gpt2\"}", to: folder.file("config.json"))
        #expect(try GPT2Evaluator(path: folder.path).likelihoods([sequence]) == expected)
        try FileSystem.remove(folder.file("model.safetensors"))
        var file = TorchFile()
        let root = TorchFile.dictionary(Self.weights().map { ($0.name, file.tensor($0.tensor)) })
        try file.write(root, to: folder.file("pytorch_model.bin"))
        #expect(try GPT2Evaluator(path: folder.file("pytorch_model.bin")).likelihoods([sequence]) == expected)
        // Heads are 64 numbers wide where nothing says so.
        #expect(try GPT2Evaluator(Self.weights(width: 128), file: "f").network.geometry.heads == 2)
    }

    @Test("Longer sequences are scored in windows, each token once with half a window before it")
    func windows() throws {
        let gpt2 = try GPT2Evaluator(Self.weights(), heads: 2, file: "f")
        let long = (0..<21).map { Int32($0 * 7 % 20) }
        let rows = try gpt2.likelihoods([long, [3], [], Array(long[..<8]), Array(long[..<9])], batch: 2)
        #expect(rows.map(\.count) == [20, 0, 0, 7, 8])
        func alone(_ range: Range<Int>) throws -> [Double] { try gpt2.likelihoods([Array(long[range])])[0] }
        let pairs: [(ArraySlice<Double>, ArraySlice<Double>)] = try [
            (rows[0][0..<7], alone(0..<8)[...]), (rows[0][7..<11], alone(4..<12)[3...]),
            (rows[0][11..<15], alone(8..<16)[3...]),
            (rows[0][19..<20], alone(13..<21)[6...]), (rows[4][7...], alone(1..<9)[6...]),
        ]
        for (got, expected) in pairs {
            try expectClose(got: Array(got), expected: Array(expected), rtol: 1e-5, atol: 1e-5)
        }
    }

    @Test("Which tokens count, and entropies")
    func perplexities() throws {
        let (rows, sequences): ([[Double]], [[Int32]]) = ([[1, 2, 3, 4], [5]], [[7, 7, 0, 7, 0], [0, 7]])
        func pooled(_ counting: GPT2Perplexity.Counting) throws -> Double {
            log(try GPT2Perplexity(rows, of: sequences, end: 0, counting: counting).pooled)
        }
        let found = try GPT2Perplexity.Counting.allCases.map(pooled)
        try expectClose(got: found, expected: [3, 1.5, 11.0 / 4], rtol: 1e-12, atol: 0)
        let all = try GPT2Perplexity(rows, of: sequences, end: nil)
        #expect(abs(all.mean - (exp(2.5) + exp(5)) / 2) < 1e-12 && all.each.count == 2)
        #expect(sentence { try GPT2Perplexity([[5]], of: [[0, 7]], end: 0) }.contains("begin with the end"))
        #expect(sentence { try GPT2Perplexity([[]], of: [[1]], end: 0) }.contains("second token"))
        #expect(abs(GPT2Perplexity.unigramEntropy([1, 1, 2, 2] as [Int32]) - log(2)) < 1e-15)
        #expect(
            GPT2Perplexity.unigramEntropy([[1, 1], [1, 2]]) == log(2) / 2
                && GPT2Perplexity.unigramEntropy([[Int32]]()) == 0)
    }

    @Test("What is no GPT-2, and what it does not know, is told")
    func faults() throws {
        #expect(sentence { try GPT2Evaluator([], file: "f") }.contains("'wte.weight'"))
        #expect(sentence { try GPT2Evaluator(Self.weights(), heads: 3, file: "f") }.contains("3 heads"))
        let lacking = Self.weights().filter { $0.name != "h.1.mlp.c_fc.bias" }
        #expect(sentence { try GPT2Evaluator(lacking, heads: 2, file: "f") }.contains("h.1.mlp.c_fc.bias"))
        let gpt2 = try GPT2Evaluator(Self.weights(), heads: 2, file: "f")
        #expect(sentence { try gpt2.likelihoods([[1, 20]]) }.contains("token 20 at place 1"))
        let stop = StopToken()
        stop.stop()
        #expect(sentence { try gpt2.likelihoods([[1, 2]], stop: stop) }.contains("stopped"))
    }
}
