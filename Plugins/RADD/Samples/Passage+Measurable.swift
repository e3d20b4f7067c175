import Foundation
import Genera

extension Passage: Measurable {
    /// What texts are measured by, whatever their tokens.
    public static let measures: [Measure<Passage>] = [
        Measure(
            ofSets: "trigrams",
            "How far the shares of triples of letters are from the real ones (Jensen-Shannon, in bits).",
            range: 0...1
        ) { drawn, real, _ in
            divergence(counts(drawn, letterTriples), counts(real, letterTriples))
        },
        Measure(
            ofSets: "words", "How far the shares of words are from the real ones (Jensen-Shannon, in bits).",
            range: 0...1
        ) { drawn, real, _ in
            divergence(counts(drawn, words), counts(real, words))
        },
        Measure(
            ofSets: "known_words", "The share of words that stand in the real texts.", isLowerBetter: false,
            range: 0...1
        ) { drawn, real, _ in
            let known = Set(real.flatMap { words($0.text) })
            let all = drawn.flatMap { words($0.text) }
            return all.isEmpty ? 0 : Double(all.reduce(0) { $0 + (known.contains($1) ? 1 : 0) }) / Double(all.count)
        },
        Measure(
            ofSets: "entropy", "How far the entropy of a text's letters is from that of the real texts (nats).",
            range: 0...20
        ) { drawn, real, _ in
            func mean(_ texts: [Passage]) -> Double {
                texts.reduce(0) { $0 + entropy(Array($1.text.unicodeScalars)) } / Double(max(texts.count, 1))
            }
            return abs(mean(drawn) - mean(real))
        },
        Measure(
            ofSets: "distinct", "The share of triples of words that are not repeated, over all texts.",
            isLowerBetter: false, range: 0...1
        ) { drawn, _, _ in
            let triples = drawn.flatMap { wordTriples($0.text) }
            return triples.isEmpty ? 1 : Double(Set(triples).count) / Double(triples.count)
        },
    ]

    /// -sum f ln f over the shares of what occurs, in nats.
    package static func entropy<Symbol: Hashable>(_ symbols: [Symbol]) -> Double {
        guard !symbols.isEmpty else { return 0 }
        let counts = symbols.reduce(into: [Symbol: Int]()) { $0[$1, default: 0] += 1 }
        return counts.values.sorted().reduce(0) { sum, count in
            let share = Double(count) / Double(symbols.count)
            return sum - share * log(share)
        }
    }

    private static func counts(_ texts: [Passage], _ parts: (String) -> [String]) -> [String: Int] {
        texts.reduce(into: [:]) { counts, text in for part in parts(text.text) { counts[part, default: 0] += 1 } }
    }

    /// Words in small letters, without what is around them.
    static func words(_ text: String) -> [String] {
        text.lowercased().split { !($0.isLetter || $0.isNumber || $0 == "'") }.map(String.init)
    }

    private static func wordTriples(_ text: String) -> [String] {
        let words = words(text)
        return words.indices.dropLast(2).map { "\(words[$0]) \(words[$0 + 1]) \(words[$0 + 2])" }
    }

    private static func letterTriples(_ text: String) -> [String] {
        let letters = Array(text.unicodeScalars)
        return letters.indices.dropLast(2).map { place in
            var triple = String.UnicodeScalarView()
            triple.append(contentsOf: letters[place..<place + 3])
            return String(triple)
        }
    }

    /// The Jensen-Shannon divergence of two tables of counts, in bits.
    static func divergence(_ a: [String: Int], _ b: [String: Int]) -> Double {
        let (sumA, sumB) = (Double(a.values.reduce(0, +)), Double(b.values.reduce(0, +)))
        guard sumA > 0, sumB > 0 else { return sumA == sumB ? 0 : 1 }
        // In a settled order: sums of doubles are not to depend on a table's.
        let parts = Set(a.keys).union(b.keys).sorted()
        let sum = parts.reduce(0.0) { sum, part in
            let (p, q) = (Double(a[part] ?? 0) / sumA, Double(b[part] ?? 0) / sumB)
            let middle = (p + q) / 2
            return sum + (p > 0 ? p * log2(p / middle) : 0) + (q > 0 ? q * log2(q / middle) : 0)
        }
        return min(max(sum / 2, 0), 1)
    }
}
