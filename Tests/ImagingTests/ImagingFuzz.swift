import Testing

@testable import Imaging

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Damaged files for `GENERA_FUZZ_SECONDS` seconds (1 by default): a reader gives a picture or throws, and stays small.
@Suite struct ImagingFuzz {
    @Test("No mutated PNG or APNG traps the readers")
    func readers() throws {
        let seconds = getenv("GENERA_FUZZ_SECONDS").flatMap { Double(String(cString: $0)) } ?? 1
        let seed = UInt64.random(in: 0...UInt64.max)
        var dice = Dice(seed: seed)
        let seeds = try Self.seeds()
        let before = Self.peakMegabytes
        let clock = ContinuousClock()
        let end = clock.now + .seconds(seconds)
        var (runs, accepted) = (0, 0)
        while clock.now < end {
            var bytes = seeds.randomElement(using: &dice) ?? []
            Self.mutate(&bytes, by: &dice)
            if Bool.random(using: &dice) { Self.repairChecksums(&bytes) }
            accepted += Self.accepts { try PNG.decode(bytes) } + Self.accepts { try APNG.decode(bytes) }
            accepted += Self.accepts { try PNG.text(in: bytes) }
            runs += 1
        }
        let grown = Self.peakMegabytes - before
        print("fuzz seed \(seed): \(runs) files, \(accepted) readings accepted, peak memory grew by \(grown) MB")
        #expect(grown < 1500, "seed \(seed)")
    }

    private static func seeds() throws -> [[UInt8]] {
        var seeds = PNGFixtures.all
        let frames = [
            Image.noise(9, 8, channels: 4), .noise(9, 8, channels: 4, seed: 2), .noise(9, 8, channels: 4, seed: 2),
        ]
        seeds.append(try APNG.encode(Animation(frames: frames), text: [PNG.Text("Recipe", "größer")]))
        seeds.append(try PNG.encode(.noise(5, 6, channels: 2, bitDepth: 16), text: [PNG.Text("Key", "value")]))
        return seeds
    }

    private static func accepts<Result>(_ body: () throws -> Result) -> Int { (try? body()) == nil ? 0 : 1 }

    private static func mutate(_ bytes: inout [UInt8], by dice: inout Dice) {
        for _ in 0..<Int.random(in: 1...6, using: &dice) {
            guard bytes.count > 8 else { return }
            let place = Int.random(in: 0..<bytes.count, using: &dice)
            let other = Int.random(in: place..<min(bytes.count, place + 64), using: &dice)
            switch Int.random(in: 0..<6, using: &dice) {
            case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &dice)
            case 1: bytes[place] = [0, 1, 127, 128, 255].randomElement(using: &dice) ?? 0
            case 2: bytes.removeSubrange(place..<other)
            case 3: bytes.insert(contentsOf: bytes[place..<other], at: place)
            case 4: bytes[place] = .random(in: 0...255, using: &dice)
            default: if Int.random(in: 0..<8, using: &dice) == 0 { bytes.removeSubrange(place...) }
            }
        }
    }

    /// Makes checksums right again, so that damage reaches what lies behind them.
    private static func repairChecksums(_ bytes: inout [UInt8]) {
        var (rebuilt, offset) = (Array(bytes.prefix(8)), 8)
        while bytes.count - offset >= 12 {
            let length = min(Int(bytes.bigEndian32(at: offset)), bytes.count - offset - 12)
            let type = String(decoding: bytes[offset + 4..<offset + 8], as: UTF8.self)
            rebuilt.appendChunk(type, bytes[offset + 8..<offset + 8 + length])
            offset += 12 + length
        }
        bytes = rebuilt
    }

    private static var peakMegabytes: Int {
        var usage = rusage()
        #if canImport(Glibc)
            getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        #else
            getrusage(RUSAGE_SELF, &usage)
        #endif
        #if os(Linux)
            return usage.ru_maxrss / 1024
        #else
            return usage.ru_maxrss / 1_048_576
        #endif
    }
}
