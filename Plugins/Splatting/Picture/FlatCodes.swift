import Genera

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Flat splats in few bits: each number as a whole number between the least and the greatest of its plane; places as
/// shares of the picture.
///
/// Places get four bits more than pixels need, so that they are right to a sixteenth of one; forms and colours
/// get 8 bits, shapes 6.
struct FlatCodes {
    /// Bits of a number of each plane.
    let bits: [Int]
    /// The least and the greatest of each plane.
    private(set) var ranges: [(low: Float, high: Float)]
    /// Plane by plane, `[9][count]`.
    private(set) var codes: [[UInt32]]

    /// Codes of all numbers.
    init(_ splats: FlatSplats) {
        func bits(_ size: Int) -> Int { min(Int.bitWidth - max(size - 1, 1).leadingZeroBitCount + 4, 24) }
        let shape = splats.kernel == .general ? 6 : 0
        self.bits = [bits(splats.width), bits(splats.height), 8, 8, 8, 8, 8, 8, shape]
        (ranges, codes) = (Array(repeating: (0, 1), count: 9), Array(repeating: [], count: 9))
        encode(splats, planes: 0..<9)
    }

    /// Codes that were read.
    init(bits: [Int], ranges: [(low: Float, high: Float)], packed: [UInt8], count: Int) {
        (self.bits, self.ranges) = (bits, ranges)
        var place = 0
        codes = bits.map { width in
            (0..<count).map { _ in
                defer { place += width }
                return (0..<width).reduce(UInt32(0)) {
                    $0 | UInt32(packed[(place + $1) / 8] >> ((place + $1) % 8) & 1) << $1
                }
            }
        }
    }

    /// Codes of some planes anew.
    mutating func encode(_ splats: FlatSplats, planes: Range<Int>) {
        for plane in planes {
            let values = (0..<splats.count).map { index in
                plane < 2 ? (tanh(splats[plane, index]) + 1) / 2 : splats[plane, index]
            }
            if plane >= 2 { ranges[plane] = (values.min() ?? 0, values.max() ?? 1) }
            let (low, high) = ranges[plane]
            let top = Float((1 << bits[plane]) - 1)
            codes[plane] = values.map { value in
                guard high > low, bits[plane] > 0 else { return 0 }
                return UInt32(min(max((value - low) / (high - low) * top, 0), top).rounded())
            }
        }
    }

    /// The numbers of the codes.
    func decode(into splats: inout FlatSplats) {
        for plane in 0..<9 {
            let (low, high) = ranges[plane]
            let top = Float(max((1 << bits[plane]) - 1, 1))
            for index in 0..<splats.count {
                let value = low + (high - low) * Float(codes[plane][index]) / top
                splats[plane, index] = plane < 2 ? atanh(min(max(2 * value - 1, -0.99999), 0.99999)) : value
            }
        }
    }

    /// All codes one after the other, lowest bits first.
    var packed: [UInt8] {
        let total = zip(bits, codes).reduce(0) { $0 + $1.0 * $1.1.count }
        var bytes = [UInt8](repeating: 0, count: (total + 7) / 8)
        var place = 0
        for (width, plane) in zip(bits, codes) {
            for code in plane {
                for bit in 0..<width where code >> bit & 1 == 1 { bytes[(place + bit) / 8] |= 1 << ((place + bit) % 8) }
                place += width
            }
        }
        return bytes
    }
}

extension FlatFit {
    /// Splats whose places, forms and shapes are those of their codes, with colours fitted to the target once more, and
    /// then coded too.
    func compact(
        _ splats: FlatSplats, target: [Float], stop: StopToken = StopToken()
    ) throws -> (splats: FlatSplats, codes: FlatCodes) {
        var codes = FlatCodes(splats)
        var coded = splats
        codes.decode(into: &coded)
        for index in 0..<coded.count {
            for plane in 0..<3 {
                coded[FlatSplats.Plane.colour + plane, index] = splats[FlatSplats.Plane.colour + plane, index]
            }
        }
        let work = FlatWork(coded, width: splats.width, height: splats.height, target: target)
        work.threads = threads
        let rounds = 400
        for step in 0..<rounds {
            guard !stop.isStopped else { throw GeneraError.interrupted("The fit was stopped; nothing was written.") }
            _ = work.render()
            let rate = Float(0.01 * pow(0.05, Double(step) / Double(rounds)))
            work.rates = [0, 0, 0, 0, 0, rate, rate, rate, 0]
            work.update()
        }
        codes.encode(work.splats, planes: FlatSplats.Plane.colour..<FlatSplats.Plane.shape)
        codes.decode(into: &coded)
        return (coded, codes)
    }
}
