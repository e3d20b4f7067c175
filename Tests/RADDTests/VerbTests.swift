import Foundation
import Genera
import GeneraTesting
import RADD
import Testing

@Suite("The commands of the family of texts")
struct VerbTests {
    private let folder = TemporaryFolder()
    private let run = RunContext(seed: 3)

    /// A model of letters a to k, in a file.
    private func model(isCausal: Bool = false) throws -> String {
        let path = folder.file(isCausal ? "causal.safetensors" : "model.safetensors")
        try TinyModel.save(TinyModel.configuration(isCausal: isCausal), to: path)
        return path
    }

    private func file(_ name: String, _ text: String) throws -> String {
        let path = folder.file(name)
        try AtomicFile.write(to: path) { try $0.write(text) }
        return path
    }

    private func outcome<V: Verb>(_ type: V.Type, _ words: [String], checkpoint: String? = nil) throws -> Outcome {
        var run = run
        run.checkpoint = checkpoint
        return try V.parse(words).run(run)
    }

    private func number(_ table: Table, _ row: Int, _ column: String) throws -> Double {
        let place = try #require(table.columns.firstIndex { $0.name == column })
        switch table.rows[row][place] {
        case let .number(value): return value
        case let .integer(value): return Double(value)
        default: throw GeneraError.software("\(column) of row \(row) is no number")
        }
    }

    @Test("score gives a row for each text and bound, and bits of a letter")
    func score() throws {
        let path = try file("texts.txt", "abcab\n\u{C}\nkkk")
        let found = try outcome(ScoreVerb.self, [path, "--loss", "all", "--monte-carlo", "6"], checkpoint: model())
        #expect(found.tables[0].rows.count == 8)
        #expect(try number(found.tables[0], 0, "tokens") == 5)
        #expect(try number(found.tables[0], 1, "tokens") == 3)
        let exact = try outcome(
            ScoreVerb.self, ["--text", "abcab", "--order", "forward"], checkpoint: model()
        ).tables[0]
        let nats = try number(exact, 0, "NLL")
        #expect(abs(try number(exact, 0, "a letter") - nats / log(2) / 5) < 1e-9)
        #expect(abs(try number(exact, 0, "perplexity") - exp(nats / 5)) < 1e-9)
    }

    @Test("score cuts long texts, and says so")
    func pieces() throws {
        let long = String(repeating: "abcdefgh", count: 8)
        let table = try outcome(
            ScoreVerb.self, ["--text", long, "--monte-carlo", "2"], checkpoint: model()
        ).tables[0]
        #expect(try number(table, 0, "tokens") == 64)
        #expect(table.notes.contains { $0.contains("pieces of 24") })
    }

    @Test("score is exact for autoregressive models, which take no bound")
    func causal() throws {
        let words = ["--text", "abcab"]
        let table = try outcome(ScoreVerb.self, words, checkpoint: model(isCausal: true)).tables[0]
        #expect(table.rows.count == 1 && table.rows[0][1] == .text("autoregressive"))
        #expect(throws: GeneraError.self) {
            _ = try outcome(ScoreVerb.self, words + ["--loss", "k_DCE"], checkpoint: model(isCausal: true))
        }
    }

    @Test("Words without sense are refused in a sentence")
    func refusals() throws {
        #expect(throws: (any Error).self) { _ = try ScoreVerb.parse([]) }
        #expect(throws: (any Error).self) { _ = try ScoreVerb.parse(["--text", "a", "--loss", "x"]) }
        #expect(throws: (any Error).self) {
            _ = try ScoreVerb.parse(["--text", "a", "--loss", "k_DCE", "--order", "random"])
        }
        #expect(throws: (any Error).self) { _ = try GenerativePerplexityVerb.parse(["--text", "a"]) }
        #expect(throws: (any Error).self) { _ = try SamplersVerb.parse(["--ways", "tweedie:x"]) }
        #expect(throws: (any Error).self) { _ = try SamplersVerb.parse(["--ways", "threshold+all"]) }
        #expect(throws: (any Error).self) { _ = try TokenizeVerb.parse(["--text", "a", "--ids", "1"]) }
        #expect(throws: (any Error).self) { _ = try TextSpeedVerb.parse(["--model", "tiny", "--checkpoint", "x"]) }
        #expect(throws: GeneraError.self) {
            _ = try outcome(ScoreVerb.self, ["--text", "abz"], checkpoint: model())
        }
        #expect(throws: GeneraError.self) {
            _ = try outcome(ScoreVerb.self, [folder.file("none.txt")], checkpoint: model())
        }
    }

    @Test("perplexity makes a row a bound, and blocks of what is held back")
    func perplexity() throws {
        let data = try file("data.txt", String(repeating: "abcdefghijk", count: 50))
        let out = folder.file("perplexity.csv")
        let words = ["--data", data, "--part", "validation", "--validation-share", "0.5", "--monte-carlo", "3"]
        let found = try outcome(PerplexityVerb.self, words + ["--loss", "all", "--out", out], checkpoint: model())
        #expect(found.tables[0].rows.count == 4)
        #expect(found.tables[0].notes[0].hasPrefix("11 of 11 blocks of 24 tokens"))
        #expect(FileSystem.exists(out))
        let exact = try outcome(
            PerplexityVerb.self, words + ["--limit", "2", "--out", folder.file("b.csv")],
            checkpoint: model(isCausal: true)
        ).tables[0]
        #expect(exact.rows.count == 1 && exact.notes[0].hasPrefix("2 of 11 blocks"))
    }

    @Test("enfe's counts are those of its law, and of the sampler's own looks")
    func looks() throws {
        let c = TinyModel.configuration()
        let schedule = try RevealSchedule(.tweedie, c.noise, steps: 16)
        let counts = try ExpectedLooksVerb.looks(schedule, length: 24, texts: 400, seed: 3)
        let mean = Double(counts.reduce(0, +)) / 400
        #expect(abs(mean - schedule.expectedEvaluations(24)) < 0.3)
        var sampling = RADDSampling()
        sampling.steps = 16
        let sampler = try RADDSampler(TinyModel.packed(c), c, sampling, prompts: [Prompt(length: 24)])
        let noise = Noise(seed: 3, samples: [0, 1, 2])
        var state = try sampler.start(noise: noise)
        var step = 0
        while !state.isFinished {
            try sampler.advance(&state, step: step, noise: noise)
            step += 1
        }
        #expect(state.drafts.map(\.evaluations) == Array(counts.prefix(3)))
        let (table, picture) = (folder.file("enfe.csv"), folder.file("enfe.png"))
        let words = ["--length", "24", "--steps", "4,16", "--out", table, "--plot", picture]
        #expect(try outcome(ExpectedLooksVerb.self, words).tables[0].rows.count == 2)
        #expect(FileSystem.exists(table) && FileSystem.exists(picture))
    }

    @Test("tokenize goes there and back")
    func tokenize() throws {
        let checkpoint = try model()
        let there = try outcome(TokenizeVerb.self, ["--text", "abk", "--checkpoint", checkpoint])
        #expect(there.tables[0].rows.map { $0[2] } == [.integer(0), .integer(1), .integer(10)])
        let back = try outcome(TokenizeVerb.self, ["--ids", "0,1,11", "--checkpoint", checkpoint])
        #expect(back.facts.first == Fact("text", "ab[MASK]"))
        #expect(throws: (any Error).self) {
            _ = try outcome(TokenizeVerb.self, ["--ids", "12", "--checkpoint", checkpoint])
        }
    }

    @Test("samplers has a row a way, and divergences where keys and values are kept")
    func samplers() throws {
        let reference = try file("reference.txt", String(repeating: "abc def ghi ", count: 20))
        let words = ["--ways", "tweedie:4,threshold,threshold+dual", "--count", "3", "--compared", "1"]
        let table = try outcome(
            SamplersVerb.self,
            words + ["--reference", reference, "--by", model(isCausal: true), "--out", folder.file("s.md")],
            checkpoint: model()
        ).tables[0]
        #expect(table.rows.count == 3)
        #expect(try number(table, 0, "looks") <= 4)
        #expect(try number(table, 2, "recomputed") < 100)
        #expect(try number(table, 2, "KL") >= 0)
        #expect(table.rows[1].last == .empty)
        #expect(throws: GeneraError.self) {
            _ = try outcome(
                SamplersVerb.self, ["--out", folder.file("t.md")], checkpoint: model(isCausal: true))
        }
    }

    @Test("genppl judges files and draws by another model")
    func generativePerplexity() throws {
        let judge = try model(isCausal: true)
        let path = try file("drawn.txt", "abcab\n\u{C}\nkkk")
        let found = try outcome(
            GenerativePerplexityVerb.self, [path, "--by", judge, "--out", folder.file("a.md")], checkpoint: model()
        ).tables[0]
        let each = try ["abcab", "kkk"].map {
            try number(outcome(ScoreVerb.self, ["--text", $0], checkpoint: judge).tables[0], 0, "perplexity")
        }
        #expect(abs(try number(found, 0, "gen_ppl_mean") - (each[0] + each[1]) / 2) < 1e-9)
        let drawn = try outcome(
            GenerativePerplexityVerb.self,
            ["--count", "2", "--steps", "3", "--by", judge, "--out", folder.file("b.md")], checkpoint: model()
        ).tables[0]
        #expect(try number(drawn, 0, "tokens") == 48)
    }

    @Test("speed measures a model, and counts its looks")
    func speed() throws {
        let words = [
            "--checkpoint", try model(), "--repeats", "1", "--steps", "2,8", "--together", "1,2", "--workers", "1",
        ]
        let found = try outcome(TextSpeedVerb.self, words + ["--draw", "--out", folder.file("speed.md")])
        #expect(found.tables[0].rows.count == 8 && found.tables[1].rows.count == 8)
        #expect(try number(found.tables[1], 0, "looks") <= 2)
        #expect(try number(found.tables[1], 0, "a text") > 0)
    }
}
