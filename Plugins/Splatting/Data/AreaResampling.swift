/// Pictures at other sizes, each new pixel the mean over the area it covers.
enum AreaResampling {
    /// For each new pixel of an axis: the first old one, and the weights from there on, which sum to 1.
    private struct Taps {
        var starts: [Int] = []
        /// Where each new pixel's weights begin, and behind the last where they end.
        var offsets = [0]
        var weights: [Float] = []

        init(from old: Int, to new: Int) {
            let ratio = Double(old) / Double(new)
            for index in 0..<new {
                let (low, high) = (Double(index) * ratio, Double(index + 1) * ratio)
                let first = min(Int(low), old - 1)
                let last = min(max(Int(high.rounded(.up)) - 1, first), old - 1)
                starts.append(first)
                let parts = (first...last).map { max(min(high, Double($0 + 1)) - max(low, Double($0)), 0) }
                let sum = parts.reduce(0, +)
                weights += parts.map { Float(sum > 0 ? $0 / sum : 1 / Double(parts.count)) }
                offsets.append(weights.count)
            }
        }
    }

    /// Planes `[planes, height, width]` at another size.
    static func resized(
        _ values: [Float], planes: Int, from old: (width: Int, height: Int), to new: (width: Int, height: Int)
    ) -> [Float] {
        if old == new { return values }
        let (across, down) = (Taps(from: old.width, to: new.width), Taps(from: old.height, to: new.height))
        var row = [Float](repeating: 0, count: old.width)
        return [Float](unsafeUninitializedCapacity: planes * new.width * new.height) { out, count in
            count = out.count
            values.withUnsafeBufferPointer { values in
                row.withUnsafeMutableBufferPointer { row in
                    for plane in 0..<planes {
                        let source = values.baseAddress! + plane * old.width * old.height
                        let target = out.baseAddress! + plane * new.width * new.height
                        for y in 0..<new.height {
                            gather(source, down, y, old.width, into: row.baseAddress!)
                            shrink(row.baseAddress!, across, new.width, into: target + y * new.width)
                        }
                    }
                }
            }
        }
    }

    /// The mean of the rows that a new row covers.
    private static func gather(
        _ source: UnsafePointer<Float>, _ taps: Taps, _ y: Int, _ width: Int, into row: UnsafeMutablePointer<Float>
    ) {
        let range = taps.offsets[y]..<taps.offsets[y + 1]
        for (step, tap) in range.enumerated() {
            let weight = taps.weights[tap]
            let line = source + (taps.starts[y] + step) * width
            if step == 0 {
                for x in 0..<width { row[x] = weight * line[x] }
            } else {
                for x in 0..<width { row[x] += weight * line[x] }
            }
        }
    }

    private static func shrink(
        _ row: UnsafePointer<Float>, _ taps: Taps, _ width: Int, into out: UnsafeMutablePointer<Float>
    ) {
        taps.weights.withUnsafeBufferPointer { weights in
            for x in 0..<width {
                let start = row + taps.starts[x]
                let (from, to) = (taps.offsets[x], taps.offsets[x + 1])
                var sum: Float = 0
                for tap in from..<to { sum += weights[tap] * start[tap &- from] }
                out[x] = sum
            }
        }
    }
}
