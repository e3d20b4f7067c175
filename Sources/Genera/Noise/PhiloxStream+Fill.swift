/// Words made before they are turned into numbers, so that both loops are simple enough to be vectorised.
private let tile = 1024

extension PhiloxStream {
    /// Numbers uniform in [0, 1), multiples of 2^-24.
    func fillUniform(_ out: UnsafeMutableBufferPointer<Float>) {
        tiles(out) { words, out, count in
            for i in 0..<count { out[i] = Float(Int32(bitPattern: words[i] >> 8)) * 0x1p-24 }
        }
    }

    /// Standard normal numbers by the method of Box and Muller, two of every two words.
    ///
    /// Logarithm, sine and cosine are polynomials of plain float operations, so that every machine makes the same bits.
    func fillNormal(_ out: UnsafeMutableBufferPointer<Float>) {
        tiles(out) { words, out, count in
            var i = 0
            while i < count {
                let radius = boxMullerRadius(words[i])
                let (sine, cosine) = turn(words[i &+ 1])
                out[i] = radius * cosine
                out[i &+ 1] = radius * sine
                i &+= 2
            }
        }
    }

    /// Calls `body` with words, and room for as many numbers, in multiples of four.
    private func tiles(
        _ out: UnsafeMutableBufferPointer<Float>,
        _ body: (UnsafePointer<UInt32>, UnsafeMutablePointer<Float>, Int) -> Void
    ) {
        guard let target = out.baseAddress else { return }
        withUnsafeTemporaryAllocation(of: UInt32.self, capacity: tile) { words in
            let words = words.baseAddress!
            var done = 0
            while done < out.count {
                let count = min(tile, out.count &- done)
                let blocks = (count &+ 3) / 4
                fillWords(words, firstBlock: UInt32(truncatingIfNeeded: done / 4), blocks)
                let whole = count & ~3
                body(words, target + done, whole)
                if whole < count { fillRest(words + whole, target + done + whole, count &- whole, body) }
                done &+= count
            }
        }
    }

    private func fillRest(
        _ words: UnsafePointer<UInt32>, _ target: UnsafeMutablePointer<Float>, _ count: Int,
        _ body: (UnsafePointer<UInt32>, UnsafeMutablePointer<Float>, Int) -> Void
    ) {
        withUnsafeTemporaryAllocation(of: Float.self, capacity: 4) { rest in
            body(words, rest.baseAddress!, 4)
            for i in 0..<count { target[i] = rest[i] }
        }
    }

    private func fillWords(_ words: UnsafeMutablePointer<UInt32>, firstBlock: UInt32, _ blocks: Int) {
        for block in 0..<blocks {
            let w = self.words(firstBlock &+ UInt32(truncatingIfNeeded: block))
            words[4 &* block] = w.0
            words[4 &* block &+ 1] = w.1
            words[4 &* block &+ 2] = w.2
            words[4 &* block &+ 3] = w.3
        }
    }
}

/// sqrt(-2 ln u) for u = (word + 1/2) / 2^32, which lies in (0, 1]. The logarithm is Cephes' `logf`, absolute error 1e-7.
@inline(__always)
private func boxMullerRadius(_ word: UInt32) -> Float {
    let high = Float(Int32(bitPattern: word >> 16)) * 0x1p-16
    let low = (Float(Int32(bitPattern: word & 0xFFFF)) + 0.5) * 0x1p-32
    let bits = Int32(bitPattern: (high + low).bitPattern)
    let exponent = (bits &- 0x3F35_04F3) >> 23
    let x = Float(bitPattern: UInt32(bitPattern: bits &- (exponent << 23))) - 1
    let e = Float(exponent)
    let z = x * x
    var y: Float = 7.0376836292e-2
    y = y * x - 1.1514610310e-1
    y = y * x + 1.1676998740e-1
    y = y * x - 1.2420140846e-1
    y = y * x + 1.4249322787e-1
    y = y * x - 1.6668057665e-1
    y = y * x + 2.0000714765e-1
    y = y * x - 2.4999993993e-1
    y = y * x + 3.3333331174e-1
    y = y * x * z - 2.12194440e-4 * e - 0.5 * z
    let logarithm = x + y + 0.693359375 * e
    let square = -2 * logarithm
    return (square > 0 ? square : 0).squareRoot()
}

/// Sine and cosine of 2 pi word / 2^32, by Cephes' polynomials on the nearest quarter turn.
@inline(__always)
private func turn(_ word: UInt32) -> (sine: Float, cosine: Float) {
    let quarter = (word &+ 0x2000_0000) >> 30
    let rest = Int32(bitPattern: word &- (quarter << 30))
    let x = Float(rest) * (0x1p-31 * .pi)
    let z = x * x
    let sine = ((-1.9515295891e-4 * z + 8.3321608736e-3) * z - 1.6666654611e-1) * z * x + x
    let cosine = ((2.443315711809948e-5 * z - 1.388731625493765e-3) * z + 4.166664568298827e-2) * z * z - 0.5 * z + 1
    let swapped = quarter & 1 != 0
    let a = swapped ? cosine : sine
    let b = swapped ? sine : cosine
    let negativeSine = (quarter & 2) << 30
    let negativeCosine = ((quarter &+ 1) & 2) << 30
    return (Float(bitPattern: a.bitPattern ^ negativeSine), Float(bitPattern: b.bitPattern ^ negativeCosine))
}
