/// The counter-based generator Philox 4x32-10 of Salmon, Moraes, Dror and Shaw (2011), "Parallel random numbers: as easy
/// as 1, 2, 3": ten rounds of multiplication and exclusive-or turn a counter and a key into four random words.
///
///     Philox(key: (0, 0)).words(at: (0, 0, 0, 0))  // (0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8)
public struct Philox: Sendable {
    /// Four 32-bit words: a counter, or what the generator makes of it.
    public typealias Words = (UInt32, UInt32, UInt32, UInt32)

    let key0: UInt32
    let key1: UInt32

    /// A generator for one key.
    public init(key: (UInt32, UInt32)) { (key0, key1) = key }

    /// A generator whose key is a 64-bit seed, low word first.
    public init(seed: UInt64) { self.init(key: (UInt32(truncatingIfNeeded: seed), UInt32(seed >> 32))) }

    /// The four random words of a counter.
    @inline(__always)
    public func words(at counter: Words) -> Words {
        var (x0, x1, x2, x3) = counter
        var (k0, k1) = (key0, key1)
        for _ in 0..<10 {
            let p = UInt64(x0) &* 0xD251_1F53
            let q = UInt64(x2) &* 0xCD9E_8D57
            (x0, x1, x2, x3) = (
                UInt32(truncatingIfNeeded: q >> 32) ^ x1 ^ k0, UInt32(truncatingIfNeeded: q),
                UInt32(truncatingIfNeeded: p >> 32) ^ x3 ^ k1, UInt32(truncatingIfNeeded: p)
            )
            k0 &+= 0x9E37_79B9
            k1 &+= 0xBB67_AE85
        }
        return (x0, x1, x2, x3)
    }

    /// Another seed, made of this generator's key and a number, for a stream of its own.
    func subseed(_ number: UInt64) -> UInt64 {
        let counter = (UInt32(truncatingIfNeeded: number), UInt32(number >> 32), 0x7375_6273, 0x6565_6473) as Words
        let words = words(at: counter)
        return UInt64(words.0) | UInt64(words.1) << 32
    }
}
