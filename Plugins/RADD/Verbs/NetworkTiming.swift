import Foundation
import Genera

/// What a look of the transformer at one text costs: billions of floating-point operations, and seconds.
struct NetworkTiming {
    let configuration: RADDConfiguration
    let length: Int

    /// Operations of a look that asks about some rows, in billions; a multiplication and an addition are two. In the last block queries,
    /// attention and MLP are of the rows alone.
    func work(rows: Int) -> Double {
        let c = configuration.model
        let (d, l, k) = (Double(c.width), Double(length), Double(rows))
        let block = l * (24 * d * d + 4 * l * d)
        let last = l * 4 * d * d + k * (20 * d * d + 4 * l * d)
        let head = k * 2 * d * Double(configuration.classes)
        return (Double(c.blocks - 1) * block + last + head) / 1e9
    }

    /// Seconds of looks at several texts at once, by the clock and of all processors together: the least of some, after one that
    /// warms up.
    ///
    /// - Parameter rows: places of each text that are asked about, spread over it.
    /// - Throws: `GeneraError.interrupted` when it was asked to stop.
    func seconds(
        _ network: any TokenConditional, texts: Int, rows: Int, repeats: Int, stop: StopToken
    ) throws -> (clock: Double, processors: Double) {
        let draws = AddressedTextDraws(Noise(seed: 1, samples: [0]))
        let mask = configuration.mask
        let queries = try (0..<texts).map { text in
            // Half of the tokens are masked, as on the way.
            let tokens = try (0..<length).map { place in
                try draws.uniform(step: text, place: place) < 0.5
                    ? mask : Int32(draws.uniform(step: texts + text, place: place) * Double(configuration.tokens))
            }
            return TokenQuery(tokens, rows: (0..<rows).map { $0 * length / rows })
        }
        let clock = ContinuousClock()
        var least = (clock: Double.infinity, processors: Double.infinity)
        for number in 0...repeats {
            guard !stop.isStopped else { throw GeneraError.interrupted("Stopped while looks were measured.") }
            // The body draws a token of each row, as sampling does.
            let before = Self.processorSeconds
            let time = try clock.measure {
                _ = try network.map(queries) { _, _, logits in
                    try CategoricalDraw.token(
                        UnsafeBufferPointer(rebasing: logits[..<(logits.count - 1)]), uniform: 0.5)
                }
            }
            let spent = Self.processorSeconds - before
            if number > 0 { least = (min(least.clock, time.seconds), min(least.processors, spent)) }
        }
        return least
    }

    /// Seconds that the processors have worked for this program, which others on the machine hardly change.
    static var processorSeconds: Double {
        var time = timespec()
        guard clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time) == 0 else { return 0 }
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }

    /// Weights at random, small enough that numbers stay sensible.
    static func weights(_ c: RADDConfiguration) -> [(name: String, tensor: RawTensor)] {
        PackedNames(c).list.enumerated().map { number, parameter in
            let count = parameter.shape.reduce(1, *)
            let isNorm = parameter.name.contains("norm")
            let scale: Float = isNorm ? 0.25 : 1 / Float(max(parameter.shape.last ?? 1, 1)).squareRoot()
            let centre: Float = isNorm && parameter.name.hasSuffix("weight") ? 1 : 0
            var state = UInt64(number + 1) &* 0x9E37_79B9_7F4A_7C15
            let values = [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
                for place in 0..<count {
                    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                    buffer[place] = (Float(state >> 40) / 8_388_608 - 1) * scale + centre
                }
                initialized = count
            }
            return (parameter.name, RawTensor(values, shape: parameter.shape))
        }
    }
}

/// What papers say of the same.
enum PublishedSpeed {
    /// Seconds of a text of 1024 tokens by RADD-medium on a graphics processor of 24 GB, one text at a time, by steps (the paper's
    /// table 5).
    static let radd: [Int: Double] = [
        32: 0.77, 64: 1.34, 128: 2.56, 256: 4.86, 512: 8.73, 1024: 14.00, 2048: 20.45, 4096: 30.70,
    ]
    /// The same by SEDD-medium.
    static let sedd: [Int: Double] = [
        32: 0.98, 64: 1.83, 128: 3.57, 256: 6.95, 512: 13.80, 1024: 27.16, 2048: 54.76, 4096: 109.90,
    ]
}
