import Genera
import GeneraTesting
import Testing

@testable import RADD

/// From text to tokens and back.
@Suite struct TokenizerTests {
    @Test("Letters of a text are its alphabet, in the order of their numbers")
    func characters() throws {
        let tokenizer = try CharacterTokenizer(of: "hello\r\n\u{1F600}é")
        #expect(tokenizer.vocab.unicodeScalars.map(\.value) == [10, 13, 101, 104, 108, 111, 233, 0x1F600])
        #expect(try tokenizer.encode("hello\r\n") == [3, 2, 4, 4, 5, 1, 0])
        #expect(try tokenizer.decode([3, 6, 7]) == "hé\u{1F600}")
        #expect(tokenizer.vocabulary == 8 && tokenizer.end == nil && tokenizer.name == "characters")
        // The alphabet goes through a model's configuration.
        let c = RADDConfiguration(
            tokens: 8, model: .tiny, tokenizer: "characters", vocab: tokenizer.vocab)
        let again = try RADDConfiguration(json: c.json(), file: "f")
        #expect(try TokenizerChoice.tokenizer(of: again).encode("é\r") == [6, 1])
    }

    @Test("A letter without a token is named with its place")
    func unknownLetter() throws {
        let tokenizer = try CharacterTokenizer(vocab: "ab")
        #expect(sentence { try tokenizer.encode("abé") }.contains("'é' (U+00E9) at place 2"))
        #expect(sentence { try tokenizer.encode("\u{301}") }.contains("U+0301 at place 0"))
        #expect(sentence { try tokenizer.decode([2]) }.contains("it is the mask"))
        #expect(sentence { try tokenizer.decode([-1]) }.contains("from 0 to 1"))
        #expect(sentence { try CharacterTokenizer(vocab: "aba") }.contains("twice"))
        #expect(sentence { try CharacterTokenizer(of: "aaa") }.contains("two different letters"))
    }

    @Test("text8 is a space and the letters a to z")
    func text8() throws {
        let tokenizer = Text8Tokenizer()
        #expect(try tokenizer.vocabulary == 27 && tokenizer.encode(" az") == [0, 1, 26])
        #expect(try tokenizer.decode([8, 5, 12, 12, 15, 0]) == "hello ")
        #expect(sentence { try tokenizer.encode("Hello") }.contains("'H'"))
    }

    @Test(
        "Pieces are those of the pattern",
        arguments: [
            ("Hello world", ["Hello", " world"]),
            ("I'll we've they'RE", ["I", "'ll", " we", "'ve", " they", "'", "RE"]),
            ("a  b", ["a", " ", " b"]), ("a\n\nb", ["a", "\n", "\n", "b"]), ("a \n b ", ["a", " \n", " b", " "]),
            ("x1!?2 3", ["x", "1", "!?", "2", " 3"]), ("e\u{301}z", ["e", "\u{301}", "z"]),
            ("a\u{A0}\u{A0}b", ["a", "\u{A0}", "\u{A0}", "b"]), ("  ", ["  "]), (" '", [" '"]), ("'", ["'"]),
            ("'r", ["'", "r"]),
            ("½\u{2167}", ["½\u{2167}"]), ("\r\n\r\n x", ["\r\n\r\n", " x"]), ("a\u{85}b", ["a", "\u{85}", "b"]),
        ])
    func pieces(text: String, expected: [String]) {
        var text = text
        let found = text.withUTF8 { bytes in
            LetterClass.plane.withUnsafeBufferPointer { plane in
                var scanner = PieceScanner(bytes, plane)
                var found: [[UInt8]] = []
                while let piece = scanner.next() { found.append(Array(bytes[piece])) }
                return found
            }
        }
        #expect(found == expected.map { Array($0.utf8) })
    }

    @Test("Bytes merge by rank, also in long pieces")
    func merges() throws {
        let tokenizer = try SmallVocabulary.tokenizer()
        func names(_ text: String) -> [String] { tokenizer.encode(text).map { SmallVocabulary.names[Int($0)] } }
        #expect(names("the the") == ["the", "Ġthe"] && names("anding") == ["and", "ing"])
        #expect(names("é") == ["Ã©"] && names("aaaaa") == ["aaaa", "a"])
        #expect(tokenizer.end == 266 && tokenizer.vocabulary == 267)
        // A list of neighbours with a heap does what looking through all pairs does.
        for count in [1, 2, 3, 47, 48, 49, 50, 333] {
            let text = String(repeating: "a", count: count)
            let expected =
                Array(repeating: "aaaa", count: count / 4)
                + ["", "a", "aa", "aa|a"][count % 4].split(separator: "|").map(String.init)
            #expect(names(text) == expected)
        }
        let mixed = String(repeating: "thethandingaaan", count: 9)
        var few = Array(mixed.utf8).map { tokenizer.encode(String(decoding: [$0], as: UTF8.self))[0] }
        #expect(few.count > MergeTable.fewTokens)
        let table = tokenizer.mergeTable
        var pieces: [Int32] = []
        // The same word alone, which is short, nine times.
        for _ in 0..<9 { pieces += tokenizer.encode("thethandingaaan") }
        table.merge(&few)
        #expect(few == pieces)
    }

    @Test("Any text comes back to the byte, whatever is remembered of others", arguments: 0..<12)
    func roundTrip(seed: Int) throws {
        let tokenizer = try SmallVocabulary.tokenizer()
        var chance = Chance(UInt64(seed))
        let texts = (0..<40).map { _ in chance.text(60) }
        let first = texts.map(tokenizer.encode)
        for (text, tokens) in zip(texts, first) {
            #expect(Array(try tokenizer.decode(tokens).utf8) == Array(text.utf8))
            #expect(try tokenizer.encode(text) == SmallVocabulary.tokenizer().encode(text))
            let pieces = TokenPieces.of(tokens, tokenizer, standIn: "?")
            #expect(pieces.count == tokens.count && Array(pieces.joined().utf8) == Array(text.utf8))
        }
        let shared = try Parallel.map(texts.count, workers: 4) { tokenizer.encode(texts[$0]) }
        #expect(shared == first)
    }

    @Test("A letter over several tokens belongs to the one that completes it; the mask stands in")
    func tokenPieces() throws {
        let tokenizer = try SmallVocabulary.tokenizer()
        let smile = Array("\u{1F600}".utf8).map { tokenizer.encode(bytes: [$0])[0] }
        #expect(TokenPieces.of(smile, tokenizer, standIn: "_") == ["", "", "", "\u{1F600}"])
        let mask = Int32(tokenizer.vocabulary)
        #expect(TokenPieces.of([smile[0], mask, smile[1]], tokenizer, standIn: "_") == ["", "\u{FFFD}_", "\u{FFFD}"])
        #expect(TokenPieces.of([smile[0], smile[1]], tokenizer, standIn: "_") == ["", "\u{FFFD}"])
        #expect(TokenPieces.of([], tokenizer, standIn: "_") == [])
        // Bytes by chance decode as all of them together do.
        var chance = Chance(5)
        for _ in 0..<500 {
            let bytes = (0..<12).map { _ in
                [0xE3, 0x81, 0xF0, 0x9F, 0xED, 0xA0, 0x80, 0xC2, 0x41, 0xF4, 0x90, 0xFF][chance.below(12)] as UInt8
            }
            let tokens = bytes.map { tokenizer.encode(bytes: [$0])[0] }
            let joined = TokenPieces.of(tokens, tokenizer, standIn: "_").joined()
            #expect(Array(joined.utf8) == Array(String(decoding: bytes, as: UTF8.self).utf8))
        }
    }

    @Test("A model's tokenizer is told by its name, its letters or its number of tokens")
    func choice() throws {
        func c(_ tokens: Int, _ name: String? = nil, _ vocab: String? = nil) -> RADDConfiguration {
            RADDConfiguration(tokens: tokens, model: .tiny, tokenizer: name, vocab: vocab)
        }
        #expect(try TokenizerChoice.name(of: c(50257)) == .gpt2 && TokenizerChoice.name(of: c(27)) == .text8)
        #expect(try TokenizerChoice.name(of: c(2, nil, "ab")) == .characters && TokenizerChoice.name(of: c(99)) == nil)
        #expect(sentence { try TokenizerChoice.name(of: c(27, "bert")) }.contains("gpt2, characters, text8"))
        #expect(sentence { try TokenizerChoice.tokenizer(of: c(99)) }.contains("--vocabulary"))
        #expect(sentence { try TokenizerChoice.tokenizer(of: c(28, "text8")) }.contains("28 tokens"))

        let folder = TemporaryFolder()
        let nowhere = TokenizerPlaces(named: nil, model: nil) { ["XDG_DATA_HOME": folder.path][$0] }
        let missing = sentence { try TokenizerChoice.tokenizer(of: c(50257), nowhere) }
        #expect(missing.contains("encoder.json and vocab.bpe") && missing.contains("\(folder.path)/genera/gpt2"))
        try FileSystem.makeFolders("\(folder.path)/genera/gpt2")
        try AtomicFile.write(SmallVocabulary.json(SmallVocabulary.names), to: "\(folder.path)/genera/gpt2/vocab.json")
        try AtomicFile.write(
            SmallVocabulary.merges.joined(separator: "\n"), to: "\(folder.path)/genera/gpt2/merges.txt")
        #expect(try TokenizerChoice.tokenizer(of: c(267, "gpt2"), nowhere).vocabulary == 267)
        #expect(sentence { try TokenizerChoice.tokenizer(of: c(50257), nowhere) }.contains("50257 tokens"))
        // A model's own folder comes first.
        let model = "\(folder.path)/genera/gpt2/model.safetensors"
        try AtomicFile.write("", to: model)
        #expect(try TokenizerPlaces(named: nil, model: model) { _ in nil }.bytePairs().vocabulary == 267)
        #expect(try TokenizerChoice.gpt2(vocabulary: "\(folder.path)/genera/gpt2/merges.txt").vocabulary == 267)
        #expect(sentence { try TokenizerChoice.gpt2(vocabulary: folder.path) }.contains("holds no vocabulary"))
    }
}
