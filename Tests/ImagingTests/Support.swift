import Imaging

/// Deterministic numbers for tests.
struct Dice: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed &+ 0x9E37_79B9_7F4A_7C15 }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }

    /// A normal number, nearly: twelve uniform ones.
    mutating func normal() -> Double { (0..<12).reduce(-6.0) { sum, _ in sum + .random(in: 0..<1, using: &self) } }
}

extension Image {
    /// A picture of noise.
    static func noise(_ width: Int, _ height: Int, channels: Int, bitDepth: Int = 8, seed: UInt64 = 1) -> Image {
        var dice = Dice(seed: seed)
        let count = width * height * channels
        return bitDepth == 8
            ? Image(
                width: width, height: height, channels: channels,
                bytes: (0..<count).map { _ in .random(in: 0...255, using: &dice) })
            : Image(
                width: width, height: height, channels: channels,
                words: (0..<count).map { _ in .random(in: 0...65535, using: &dice) })
    }
}
