import Genera
import GeneraTesting
import Testing

@testable import RADD

/// Files of vocabularies, which may come from anywhere.
@Suite struct BytePairFileTests {
    private typealias V = SmallVocabulary

    @Test(
        "A vocabulary that is none is refused in a sentence",
        arguments: [
            ("[]", "an object of pieces"), ("{\"a\": 1}", "1 pieces"), ("{", "not valid JSON"), ("", ""),
            (V.json(V.names.map { $0 == "the" ? "" : $0 }), "is empty"),
            (V.json(V.names).replacing("\"the\": 257", with: "\"the\": 256"), "have the number 256"),
            (V.json(V.names).replacing("\"the\": 257", with: "\"the\": 4000000000"), "none of a token"),
            (V.json(V.names).replacing("\"the\": 257", with: "\"the\": 9999"), "only 267"),
            (V.json(V.names).replacing("\"the\": 257", with: "\"the\": -1"), "none of a token"),
            (V.json(V.names).replacing("\"the\": 257", with: "\"the\": \"257\""), "no whole number"),
            (V.json(V.names).replacing("\"the\": 257", with: "\"the\": 257.5"), "no whole number"),
            (V.json(V.names).replacing("\"the\": 257", with: "\"th\": 257"), "duplicate key"),
            (V.json(V.names.map { $0 == "Ā" ? "ĀĀ" : $0 }), "the byte 0 alone"),
        ])
    func vocabularies(json: String, expected: String) {
        let message = sentence { try V.tokenizer(json: json) }
        #expect(message.hasPrefix("v.json") && message.contains(expected), "\(message)")
        #expect(!message.contains("\n"))
    }

    @Test(
        "Merges that make no sense are refused with their line",
        arguments: [
            (["t h", "x"], "line 3"), (["t h", "t h"], "merge twice"), (["t h", "q u"], "not in the vocabulary"),
            (["qq u"], "'qq'"), (["t  h"], "of two pieces"), (["\u{1F600} a"], "not in the vocabulary"),
        ])
    func merges(lines: [String], expected: String) {
        let message = sentence { try V.tokenizer(merges: lines) }
        #expect(message.hasPrefix("m.bpe: line") && message.contains(expected), "\(message)")
    }

    @Test("One file holds it all, merges as texts or pairs", arguments: [false, true])
    func tokenizerFile(pairs: Bool) throws {
        let merges = V.merges.map { merge in
            pairs
                ? "[" + merge.split(separator: " ").map { JSONText.quote(String($0)) }.joined(separator: ",") + "]"
                : JSONText.quote(merge)
        }
        let vocabulary = V.json(Array(V.names.dropLast()))
        func file(_ merges: String, _ added: String = "[{\"id\": 266, \"content\": \"<|endoftext|>\"}]") -> ByteView {
            V.view(
                "{\"added_tokens\": \(added), \"model\": {\"type\": \"BPE\", \"vocab\": \(vocabulary), \"merges\": \(merges)}}"
            )
        }
        let all = "[" + merges.joined(separator: ",") + "]"
        let tokenizer = try BytePairTokenizer(tokenizer: file(all), file: "t")
        #expect(tokenizer.end == 266 && tokenizer.vocabulary == 267)
        #expect(try tokenizer.encode("the anding é") == V.tokenizer().encode("the anding é"))
        for (merges, expected) in [
            ("[1]", "two pieces"), ("[[\"t\", 1]]", "two pieces"), ("{}", "'merges'"), ("[\"t\"]", "merges[0]"),
        ] {
            #expect(sentence { try BytePairTokenizer(tokenizer: file(merges), file: "t") }.contains(expected))
        }
        #expect(
            sentence { try BytePairTokenizer(tokenizer: file(all, "[{\"id\": 9}]"), file: "t") }.contains(
                "added_tokens[0]"))
        #expect(sentence { try BytePairTokenizer(tokenizer: V.view("{}"), file: "t") }.contains("'model'"))
    }

    @Test("Every cut of the files is refused, or read without harm")
    func cuts() {
        let (vocabulary, merges) = (Array(V.json(V.names).utf8), Array(V.merges.joined(separator: "\n").utf8))
        for count in stride(from: 0, to: vocabulary.count, by: 7) {
            let view = ByteView(vocabulary[..<count])
            #expect(
                !sentence { try BytePairTokenizer(vocabulary: view, merges: ByteView(merges), files: ("v", "m")) }
                    .isEmpty)
        }
        for count in 0..<merges.count {
            let view = ByteView(merges[..<count])
            let message = sentence {
                try BytePairTokenizer(vocabulary: ByteView(vocabulary), merges: view, files: ("v", "m"))
            }
            #expect(!message.hasPrefix("no error of ours"))
        }
    }
}
