import Foundation
import Genera

/// What a GPT-2 says of drawn texts, in the two ways that papers do.
package struct GPT2Perplexity: Sendable, Equatable {
    /// `gen_ppl_mean`: exp of each sequence's mean surprise, averaged over sequences (SEDD, RADD).
    package let mean: Double
    /// `gen_ppl_pooled`: exp of the mean surprise over all tokens that count (MDLM).
    package let pooled: Double
    /// exp of the mean surprise of each sequence.
    package let each: [Double]

    /// Which tokens count when they are pooled.
    package enum Counting: String, CaseIterable, Sendable {
        /// All but the first of a sequence.
        case all
        /// Those up to the first end of text, with it.
        case untilEnd
        /// All but ends of text that are not the first, as MDLM's code counts.
        case onceEnded
    }

    /// Takes -log p of the tokens behind the first of each sequence.
    ///
    /// - Throws: `GeneraError.usage` where nothing counts.
    package init(
        _ likelihoods: [[Double]], of sequences: [[Int32]], end: Int32?, counting: Counting = .untilEnd
    ) throws {
        guard likelihoods.count == sequences.count,
            zip(likelihoods, sequences).allSatisfy({ $0.count == max($1.count - 1, 0) })
        else { throw GeneraError.software("Likelihoods and sequences must go together.") }
        let scored = likelihoods.filter { !$0.isEmpty }
        guard !scored.isEmpty else {
            throw GeneraError.usage("No sequence has a second token, so that nothing can be scored.")
        }
        each = scored.map { exp($0.reduce(0, +) / Double($0.count)) }
        mean = each.reduce(0, +) / Double(each.count)
        var (sum, count) = (0.0, 0)
        for (row, sequence) in zip(likelihoods, sequences) {
            for (value, counts) in zip(row, Self.counted(sequence, end, counting).dropFirst()) where counts {
                (sum, count) = (sum + value, count + 1)
            }
        }
        guard count > 0 else {
            throw GeneraError.usage("All sequences begin with the end of a text, so that no token behind it counts.")
        }
        pooled = exp(sum / Double(count))
    }

    /// Which tokens of a sequence count.
    private static func counted(_ sequence: [Int32], _ end: Int32?, _ counting: Counting) -> [Bool] {
        guard let end, counting != .all, let first = sequence.firstIndex(of: end) else {
            return sequence.map { _ in true }
        }
        return sequence.indices.map { place in
            place <= first || counting == .onceEnded && sequence[place] != end
        }
    }

    /// The entropy of the frequencies of a sequence's own tokens, -sum f ln f in nats: low where a text repeats itself.
    package static func unigramEntropy(_ sequence: [Int32]) -> Double {
        var counts: [Int32: Int] = [:]
        for token in sequence { counts[token, default: 0] += 1 }
        // In the order of tokens, so that the sum is the same bits each time.
        return -counts.sorted { $0.key < $1.key }.reduce(0) { sum, entry in
            let share = Double(entry.value) / Double(sequence.count)
            return sum + share * log(share)
        }
    }

    /// The mean of `unigramEntropy` over sequences; 0 for none.
    package static func unigramEntropy(_ sequences: [[Int32]]) -> Double {
        sequences.isEmpty ? 0 : sequences.reduce(0) { $0 + unigramEntropy($1) } / Double(sequences.count)
    }
}
