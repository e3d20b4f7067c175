import Genera
import GeneraTesting
import RADD
import Testing

/// Texts as samples: prompts, files, colours, measures.
@Suite struct PassageTests {
    private let letters = try! CharacterTokenizer(vocab: " abcdefghijklmnopqrstuvwxyz")

    @Test func masksInAPromptAreCounted() throws {
        let prompt = try Prompt("ab[MASK]c[MASK:3]", letters)
        #expect(prompt.tokens == [1, 2, nil, 3, nil, nil, nil])
        #expect(prompt.unknown == 4)
        #expect(throws: GeneraError.self) { try Prompt("a[MASK:0]", letters) }
        #expect(throws: GeneraError.self) { try Prompt("a[MASK:x]", letters) }
        #expect(throws: GeneraError.self) { try Prompt("a[MASKED]", letters) }
        #expect(throws: GeneraError.self) { try Prompt("", letters) }
        #expect(throws: GeneraError.self) { try Prompt("A", letters) }
    }

    private var passage: Passage {
        Passage(
            tokens: [
                .init(number: 3, text: "a", reveal: 0), .init(number: 4, text: "b\u{C}\n", reveal: 2),
                .init(number: nil, text: "\u{B7}", reveal: -1), .init(number: 5, text: "c", reveal: 1),
            ], rounds: 2)
    }

    @Test func textsAreReadAsTheyWereWritten() throws {
        let folder = try TemporaryFolder()
        for ending in ["json", "txt"] {
            let path = folder.file("texts.\(ending)")
            try Passage.write([passage, Passage("two")], to: path)
            let source = try #require(try Passage.source(at: path) as? SampleList<Passage>)
            let texts = try source.samples([0, 1]).map(\.text)
            #expect(texts[1] == "two")
            #expect(ending == "json" ? texts[0] == passage.text : texts[0].hasPrefix("ab"))
        }
        // Other readers of texts read them too.
        let pages = try TextPage.source(at: folder.file("texts.txt"))
        #expect(pages.count == 2)
    }

    @Test func pagesHaveTheColoursOfTheRounds() throws {
        let runs = passage.page.runs
        #expect(runs.map(\.text) == ["a", "b\u{C}\n", "\u{B7}", "c"])
        #expect(runs[0].color == nil && runs[1].color != runs[3].color && runs[2].color == Color(grey: 0.72))
        let picture = try Passage.picture(of: [passage, passage])
        #expect(picture.width > 100 && picture.height > 50)
    }

    @Test func alikeTextsAreNotFarApart() throws {
        let texts = ["to be or not to be", "that is the question", "whether it is nobler"].map { Passage($0) }
        let both = Comparison(drawn: texts, real: texts)
        for measure in Passage.measures {
            let value = try measure.values(both, [both.whole])[0]
            #expect(measure.criterion.isLowerBetter ? value < 1e-12 : value == 1, "\(measure.name) \(value)")
        }
        let other = Comparison(drawn: [Passage("zzz qqq xxx"), Passage("jjj kkk")], real: texts)
        for measure in Passage.measures where measure.name != "distinct" {
            let value = try measure.values(other, [other.whole])[0]
            #expect(measure.criterion.isLowerBetter ? value > 0.05 : value < 0.1, "\(measure.name) \(value)")
        }
    }

    @Test func entropyIsThatOfTheLetters() {
        #expect(Passage.entropy([1, 1, 1]) == 0)
        #expect(abs(Passage.entropy([1, 2, 3, 4]) - 1.386294361) < 1e-9)
        #expect(Passage.entropy([Int]()) == 0)
    }
}
