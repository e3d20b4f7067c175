import Genera
import GeneraTesting
import Testing

@testable import RADD

/// Files of text as blocks of tokens.
@Suite struct CorpusTests {
    private let folder = TemporaryFolder()
    private let tokenizer = try? SmallVocabulary.tokenizer()

    private func write(_ name: String, _ text: String) throws -> String {
        let path = folder.file(name)
        try AtomicFile.write(text, to: path)
        return path
    }

    private func corpus(_ path: String, _ reading: CorpusReading = CorpusReading(), validation: Double = 0) throws
        -> TextCorpus
    {
        try TextCorpus(
            CorpusFiles(path: path, reading), tokenizer: SmallVocabulary.tokenizer(), validation: validation, workers: 2
        )
    }

    @Test("A text of many pieces is cut where no tokenizer joins, and gives the tokens of the whole")
    func pieces() throws {
        var chance = Chance(1)
        var text = ""
        while text.utf8.count < 2_300_000 { text += chance.text(2000) + "the\nand" }
        let files = try CorpusFiles(path: write("long.txt", text))
        #expect(files.pieces.count > 2)
        let tokenizer = try SmallVocabulary.tokenizer()
        let corpus = try TextCorpus(files, tokenizer: tokenizer, workers: 4)
        #expect(corpus.tokens.array(0..<corpus.tokens.count) == tokenizer.encode(text) + [266])
        #expect(corpus.ends == [corpus.tokens.count])
        let alone = try TextCorpus(files, tokenizer: tokenizer)
        #expect(
            alone.digest(length: 64) == corpus.digest(length: 64)
                && alone.digest(length: 65) != corpus.digest(length: 64))
    }

    @Test("Lines, fields and numbers are documents that end")
    func documents() throws {
        let tokenizer = try SmallVocabulary.tokenizer()
        func ids(_ texts: String...) -> [Int32] { texts.flatMap { tokenizer.encode($0) + [266] } }
        func all(_ corpus: TextCorpus) -> [Int32] { corpus.tokens.array(0..<corpus.tokens.count) }
        let lines = try corpus(write("a.txt", "\u{FEFF}the\r\n\n  \nand\n"), CorpusReading(records: .lines))
        #expect(all(lines) == ids("the", "and") && lines.ends.count == 2)
        let json = try corpus(write("a.jsonl", "{\"text\": \"the\"}\n\n{\"n\": 1, \"text\": \"a\\r\\nb\"}"))
        #expect(all(json) == ids("the", "a\r\nb"))
        let field = try corpus(
            write("b.jsonl", "{\"sentence\": \"N 's\"}"), CorpusReading(field: "sentence", detokeniser: .ptb))
        #expect(all(field) == ids("N's"))
        let open = try corpus(write("c.txt", "the"), CorpusReading(endsDocuments: false))
        #expect(all(open) == tokenizer.encode("the"))
        try AtomicFile.write([1, 0, 10, 1, 2, 0, 10, 1, 3, 0] as [UInt8], to: folder.file("d.bin"))
        let long = String(repeating: "b\nb", count: 400_000)
        #expect(try corpus(write("l.txt", long), CorpusReading(detokeniser: .lambada)).ends.count == 1)
        let numbers = try corpus(folder.file("d.bin"))
        #expect(all(numbers) == [1, 266, 2, 266, 3] && numbers.ends == [2, 4, 5])
        try AtomicFile.write(Gzip.compress(ByteView(Array("the".utf8))), to: folder.file("e.txt.gz"))
        #expect(try all(corpus(folder.file("e.txt.gz"))) == ids("the"))
    }

    @Test("A folder's files come in the order of their names; numbers have no letters")
    func folders() throws {
        _ = try (write("b.txt", "b"), write("a.txt", "a"), write("notes.md", "zz"))
        let files = try CorpusFiles(path: folder.path, CorpusReading(endsDocuments: false))
        #expect(files.paths == ["\(folder.path)/a.txt", "\(folder.path)/b.txt"])
        #expect(try CharacterTokenizer(of: files).vocab == "ab")
        try AtomicFile.write([1, 0] as [UInt8], to: folder.file("c.bin"))
        #expect(sentence { try CharacterTokenizer(of: CorpusFiles(path: folder.path)) }.contains("numbers of tokens"))
        let empty = TemporaryFolder()
        #expect(sentence { try CorpusFiles(path: empty.path) }.contains("holds no text"))
    }

    @Test("What is wrong is told with its place")
    func faults() throws {
        let c = try CharacterTokenizer(vocab: "ab\n")
        #expect(sentence { try TextCorpus(CorpusFiles(path: write("a.txt", "abq")), tokenizer: c) }.contains("'q'"))
        try AtomicFile.write([97, 98, 0xC3, 0x28] as [UInt8], to: folder.file("b.txt"))
        #expect(sentence { try corpus(folder.file("b.txt")) }.contains("byte 2 is no UTF-8"))
        for (line, expected) in [
            ("{\"text\": 1}", "line 2: 'text' is no text"), ("[]", "line 2 is no object"),
            ("{\"a\": \"\"}", "it has 'a'"),
            ("{", "line 2"),
        ] {
            let message = sentence { try corpus(write("c.jsonl", "{\"text\": \"\"}\n\(line)")) }
            #expect(message.contains(expected), "\(message)")
        }
        try AtomicFile.write([1, 0, 2] as [UInt8], to: folder.file("d.bin"))
        #expect(sentence { try corpus(folder.file("d.bin")) }.contains("3 bytes"))
        try AtomicFile.write([1, 0, 255, 255] as [UInt8], to: folder.file("e.bin"))
        #expect(sentence { try corpus(folder.file("e.bin")) }.contains("65535 at byte 2"))
        let small = try corpus(write("f.txt", "the and"))
        #expect(sentence { try small.blocks(length: 64) }.contains("no block of 64"))
        #expect(sentence { try small.blocks(length: 0) }.contains("one token or more"))
        #expect(sentence { try small.blocks(length: 4, of: .validation) }.contains("held back"))
        #expect(sentence { try corpus(write("g.txt", ""), validation: 0.1).blocks(length: 4) }.contains("is empty"))
        #expect(sentence { try corpus(write("g.txt", "a"), validation: 1) }.contains("below 1"))
    }

    @Test("The last share is held back, whole documents where there are several")
    func validation() throws {
        let whole = TextCorpus(documents: [Array(0..<100)], vocabulary: 200, name: "f")
        #expect(whole.split == 100)
        let text = try corpus(write("a.txt", String(repeating: "b", count: 999)), validation: 0.1)
        #expect(text.split == 900 && text.range(.validation) == 900..<1000)
        #expect(try text.blocks(length: 30).count == 30 && text.blocks(length: 30, of: .validation).count == 3)
        let lines = try corpus(
            write("b.txt", (0..<10).map { _ in "bbbbbbbbb" }.joined(separator: "\n")), CorpusReading(records: .lines),
            validation: 0.25)
        #expect(lines.tokens.count == 100 && lines.split == 80)
    }

    @Test("Remainders are left out once, or as the reference's loader leaves them")
    func packing() {
        // 20 documents of 3 tokens in 8 shards: four of 3 documents, four of 2.
        let ends = (1...20).map { 3 * $0 }
        #expect(Packing.contiguous.starts(length: 4, from: 0, ends: ends) == (0..<15).map { 4 * $0 })
        #expect(
            Packing.reference.starts(length: 4, from: 0, ends: ends) == [0, 4, 9, 13, 18, 22, 27, 31, 36, 42, 48, 54])
        // Batches of 1000 within a shard.
        let many = (1...16_008).map { $0 }
        let starts = Packing.reference.starts(length: 999, from: 0, ends: many)
        #expect(starts.count == 16 && starts[..<3] == [0, 1000, 2001])
        #expect(Packing.reference.starts(length: 2, from: 5, ends: [9]) == [5, 7])
        #expect(Packing.reference.starts(length: 2, from: 0, ends: []) == [])
    }

    @Test("Tokens take two bytes where the alphabet allows it, and are the same", arguments: [65_536, 65_537])
    func compact(vocabulary: Int) {
        var tokens = CompactTokens(vocabulary: vocabulary)
        tokens.append([0, 65_535])
        tokens.reserve(10)
        tokens.append([7])
        #expect(Array(tokens) == [0, 65_535, 7] && tokens.array(1..<3) == [65_535, 7])
        #expect(tokens.digest(0..<2) != tokens.digest(1..<3))
    }

    @Test(
        "Texts are as their authors' data sets were before",
        arguments: [
            (Detokeniser.wikitext, "a ( b ( c ) d ) @-@ /' 7/ 's", "a (b ( c) d )-/'[0-9]/'s"),
            (.wikitext, "\" a \" ' b", "\"a\" ' b"), (.lm1b, " a . b . c .", " a. b . c."),
            (.lm1b, "x \" \" y \" z \"", "x \" \"y\" z \""),
            (.lm1b, "( a ( b ) ?\n", "( a (b)?\n"), (.ptb, "N N N N ", "N 1 1 1 "),
            (.lambada, "\u{1C}\u{A0} x ", "\nx"), (.none, " x ", " x "),
        ])
    func detokenisers(kind: Detokeniser, text: String, expected: String) {
        #expect(Array(kind(text).unicodeScalars) == Array(expected.unicodeScalars), "\(kind(text))")
    }

    @Test(
        "The first byte that is no UTF-8 is found",
        arguments: [
            ([0xC0, 0x80], 0), ([97, 0xE0, 0x9F, 0x80], 1), ([0xED, 0xA0, 0x80], 0), ([0xF4, 0x90, 0x80, 0x80], 0),
            ([0xF0, 0x9F, 0x98], 0),
            (Array("abcdefgh\u{1F600}é漢".utf8) + [0xFF], 17), ([0x80], 0),
        ] as [([UInt8], Int)])
    func utf8(bytes: [UInt8], fault: Int) {
        #expect(UTF8Check.firstFault(ByteView(bytes)) == fault)
        #expect(UTF8Check.firstFault(ByteView(bytes[..<fault])) == nil)
    }
}
