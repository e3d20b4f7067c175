import Genera
import Testing

@Suite("Philox")
struct PhiloxTests {
    struct Vector: Sendable, CustomTestStringConvertible {
        let counter: Philox.Words
        let key: (UInt32, UInt32)
        let words: [UInt32]
        var testDescription: String { "counter \(counter.0)" }
    }

    static let vectors = [
        Vector(counter: (0, 0, 0, 0), key: (0, 0), words: [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]),
        Vector(
            counter: (.max, .max, .max, .max), key: (.max, .max),
            words: [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]),
        Vector(
            counter: (0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344), key: (0xa409_3822, 0x299f_31d0),
            words: [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]),
    ]

    @Test("The generator makes the words published with Random123", arguments: vectors)
    func publishedVectors(vector: Vector) {
        let words = Philox(key: vector.key).words(at: vector.counter)
        #expect([words.0, words.1, words.2, words.3] == vector.words)
    }

    @Test("A seed is the key, low word first")
    func seedIsKey() {
        let words = Philox(seed: 0x299f_31d0_a409_3822).words(at: (0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344))
        #expect(words.0 == 0xd16c_fe09)
    }
}
