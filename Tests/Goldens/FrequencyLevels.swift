import Genera
import Splatting

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// What the frequency mask compares with one half, worked out in double precision by its definition, and how far
/// float32 can be from it.
///
/// Near the ends of a training both kernels are all but one pixel wide: the blurs differ by a few units in the last
/// place of float32, and which pixels pass one half there is a matter of the order of summation.
struct FrequencyLevels {
    /// Levels in 0...1, `[height, width]`; NaN for a picture of one grey.
    let values: [Double]
    /// What the rounding of the blurs to float32 does to a level at most.
    let noise: Double

    init(_ render: [Float], width: Int, height: Int, progress: Double, factor: Double) {
        let sizes = (rows: Int(Double(height) * factor), columns: Int(Double(width) * factor))
        let plane = width * height
        let grey = (0..<plane).map {
            (Double(render[$0]) + Double(render[plane + $0]) + Double(render[2 * plane + $0])) / 3
        }
        let small = Self.resized(grey, (height, width), sizes, step: (1 / factor, 1 / factor))
        let sigma = FrequencyMask.deviation(progress: progress)
        let fine = Self.blurred(small, sizes, sigma)
        let coarse = Self.blurred(small, sizes, 2 * sigma)
        let steps = (Double(sizes.rows) / Double(height), Double(sizes.columns) / Double(width))
        let large = Self.resized(zip(fine, coarse).map { $0 - $1 }, sizes, (height, width), step: steps)
        let (least, greatest) = (large.min() ?? 0, large.max() ?? 0)
        values = large.map { (progress < 0.5 ? greatest - $0 : $0 - least) / (greatest - least) }
        // One unit in the last place of numbers below 1.
        noise = 0x1p-24 * (small.max() ?? 0) / (greatest - least)
    }

    private typealias Size = (rows: Int, columns: Int)

    private static func resized(
        _ field: [Double], _ from: Size, _ to: Size, step: (down: Double, across: Double)
    ) -> [Double] {
        func place(_ index: Int, _ step: Double, _ count: Int) -> (low: Int, high: Int, share: Double) {
            let place = max(step * (Double(index) + 0.5) - 0.5, 0)
            let low = min(Int(place), count - 1)
            return (low, min(low + 1, count - 1), place - Double(low))
        }
        return (0..<to.rows).flatMap { row in
            let y = place(row, step.down, from.rows)
            return (0..<to.columns).map { column in
                let x = place(column, step.across, from.columns)
                func across(_ row: Int) -> Double {
                    let line = row * from.columns
                    return (1 - x.share) * field[line + x.low] + x.share * field[line + x.high]
                }
                return (1 - y.share) * across(y.low) + y.share * across(y.high)
            }
        }
    }

    private static func blurred(_ field: [Double], _ size: Size, _ sigma: Double) -> [Double] {
        let radius = Int((3 * sigma).rounded(.toNearestOrEven))
        let bells = (-radius...radius).map { exp(-Double($0 * $0) / (2 * sigma * sigma)) }
        let sum = bells.reduce(0, +)
        return (0..<size.rows * size.columns).map { index in
            let (row, column) = (index / size.columns, index % size.columns)
            var value = 0.0
            for i in -radius...radius where (0..<size.rows).contains(row + i) {
                for k in -radius...radius where (0..<size.columns).contains(column + k) {
                    value += bells[i + radius] * bells[k + radius] * field[(row + i) * size.columns + column + k]
                }
            }
            return value / (sum * sum)
        }
    }
}
