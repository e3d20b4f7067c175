/// The generator MT19937 of Matsumoto and Nishimura (1998), seeded by a small number as Python's `random` does it, for graphs that are
/// published as made under a seed.
package struct MersenneTwister {
    private var state = [UInt32](repeating: 0, count: 624)
    private var place = 624

    /// A generator for a seed of 32 bits.
    package init(seed: UInt32) {
        state[0] = 19_650_218
        for i in 1..<624 { state[i] = 1_812_433_253 &* (state[i - 1] ^ state[i - 1] >> 30) &+ UInt32(i) }
        // The seed is taken as a key of one word.
        var i = 1
        for _ in 0..<624 {
            state[i] = (state[i] ^ (state[i - 1] ^ state[i - 1] >> 30) &* 1_664_525) &+ seed
            i = next(i)
        }
        for _ in 0..<623 {
            state[i] = (state[i] ^ (state[i - 1] ^ state[i - 1] >> 30) &* 1_566_083_941) &- UInt32(i)
            i = next(i)
        }
        state[0] = 0x8000_0000
    }

    private mutating func next(_ place: Int) -> Int {
        guard place == 623 else { return place + 1 }
        state[0] = state[623]
        return 1
    }

    /// Thirty-two random bits.
    package mutating func bits() -> UInt32 {
        if place == 624 { refill() }
        var word = state[place]
        place += 1
        word ^= word >> 11
        word ^= word << 7 & 0x9D2C_5680
        word ^= word << 15 & 0xEFC6_0000
        return word ^ word >> 18
    }

    private mutating func refill() {
        for i in 0..<624 {
            let word = state[i] & 0x8000_0000 | state[(i + 1) % 624] & 0x7FFF_FFFF
            state[i] = state[(i + 397) % 624] ^ word >> 1 ^ (word & 1 == 0 ? 0 : 0x9908_B0DF)
        }
        place = 0
    }

    /// A number uniform in [0, 1), a multiple of 2^-53.
    package mutating func uniform() -> Double {
        let (high, low) = (bits() >> 5, bits() >> 6)
        return (Double(high) * 67_108_864 + Double(low)) * 0x1p-53
    }
}
