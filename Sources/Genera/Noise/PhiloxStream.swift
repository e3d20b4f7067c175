#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The random words of one draw of one sample: block after block of four.
struct PhiloxStream {
    let philox: Philox
    let lane: UInt32
    let stage: UInt32
    let sample: UInt32

    @inline(__always)
    func words(_ block: UInt32) -> Philox.Words { philox.words(at: (block, lane, stage, sample)) }

    /// Two 64-bit words.
    func pair(_ block: UInt32) -> (UInt64, UInt64) {
        let w = words(block)
        return (UInt64(w.0) | UInt64(w.1) << 32, UInt64(w.2) | UInt64(w.3) << 32)
    }

    /// Two numbers uniform in [0, 1), multiples of 2^-53.
    func uniforms(block: UInt32) -> (Double, Double) {
        let (a, b) = pair(block)
        return (Double(a >> 11) * 0x1p-53, Double(b >> 11) * 0x1p-53)
    }

    /// A standard normal number by the method of Box and Muller.
    func normal(block: UInt32) -> Double {
        let (a, b) = uniforms(block: block)
        return (-2 * log(1 - a)).squareRoot() * cos(2 * .pi * b)
    }

    /// A number in 0..<bound by Lemire's multiplication, with rejection so that all are equally likely.
    func integer(below bound: UInt64, block: inout UInt32) -> UInt64 {
        let threshold = (0 &- bound) % bound
        while true {
            let (a, b) = pair(block)
            block &+= 1
            for word in [a, b] {
                let product = word.multipliedFullWidth(by: bound)
                if product.low >= threshold { return product.high }
            }
        }
    }

    /// A Gamma(alpha, 1) number by the rejection of Marsaglia and Tsang (2000), "A simple method for generating gamma
    /// variables". Below 1, Gamma(alpha + 1) times U^(1 / alpha).
    ///
    /// Attempt k uses blocks 2k + 1 and 2k + 2; block 0 is the U.
    func gamma(shape alpha: Double) -> Double {
        let boost = alpha < 1 ? pow(1 - uniforms(block: 0).0, 1 / alpha) : 1
        let d = (alpha < 1 ? alpha + 1 : alpha) - 1.0 / 3
        let c = 1 / (9 * d).squareRoot()
        var block: UInt32 = 1
        while true {
            let x = normal(block: block)
            let u = 1 - uniforms(block: block &+ 1).0
            block &+= 2
            let root = 1 + c * x
            guard root > 0 else { continue }
            let v = root * root * root
            if log(u) < 0.5 * x * x + d * (1 - v + log(v)) { return boost * d * v }
        }
    }
}
