import Genera

/// The random numbers of one graph: a function of a seed and the graph's index alone, so that a graph is the same however many are made.
///
/// Counters of Philox 4x32-10 in order, under a key of the graph's own.
package struct DrawStream {
    private let philox: Philox
    private var block: UInt64 = 0
    private var spare: UInt64?

    /// The numbers of graph `index` under a seed.
    package init(seed: UInt64, index: Int) { philox = Philox(seed: PhiloxSource.subseed(seed, index)) }

    /// Sixty-four random bits.
    package mutating func bits() -> UInt64 {
        if let kept = spare {
            spare = nil
            return kept
        }
        let words = philox.words(
            at: (UInt32(truncatingIfNeeded: block), UInt32(truncatingIfNeeded: block >> 32), 0x6772_6170, 0x6873))
        block += 1
        spare = UInt64(words.2) | UInt64(words.3) << 32
        return UInt64(words.0) | UInt64(words.1) << 32
    }

    /// A number uniform in [0, 1), a multiple of 2^-53.
    package mutating func uniform() -> Double { Double(bits() >> 11) * 0x1p-53 }

    /// True with a probability.
    package mutating func happens(_ probability: Double) -> Bool { uniform() < probability }

    /// A whole number of a range that has some, all equally likely.
    package mutating func integer(in range: ClosedRange<Int>) -> Int {
        let count = UInt64(range.count)
        // The last of so many full rounds; numbers beyond it are drawn again.
        let limit = UInt64.max - (UInt64.max % count + 1) % count
        while true {
            let bits = bits()
            if bits <= limit { return range.lowerBound + Int(bits % count) }
        }
    }
}
