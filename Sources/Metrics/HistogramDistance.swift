/// Distances between laws on evenly spaced bins; the shorter of two histograms goes on with zeros.
public enum HistogramDistance {
    /// The earth mover's distance Σ |F(b) - G(b)| · width of two histograms whose parts sum to 1. In one dimension this is exact.
    public static func earthMover(_ a: [Double], _ b: [Double], width: Double = 1) -> Double {
        var (cumulative, sum) = (0.0, 0.0)
        forEachDifference(a, b) { difference in
            cumulative += difference
            sum += abs(cumulative)
        }
        return sum * width
    }

    /// The total variation Σ |a - b| / 2 of two histograms.
    public static func totalVariation(_ a: [Double], _ b: [Double]) -> Double {
        var sum = 0.0
        forEachDifference(a, b) { sum += abs($0) }
        return sum / 2
    }

    /// The distance (Σ (a - b)²)^(1/2) of two rows of numbers.
    public static func euclidean(_ a: [Double], _ b: [Double]) -> Double {
        var sum = 0.0
        forEachDifference(a, b) { sum += $0 * $0 }
        return sum.squareRoot()
    }

    @inline(__always)
    private static func forEachDifference(_ a: [Double], _ b: [Double], _ body: (Double) -> Void) {
        let both = min(a.count, b.count)
        a.withUnsafeBufferPointer { a in
            b.withUnsafeBufferPointer { b in
                for bin in 0..<both { body(a[bin] - b[bin]) }
                for bin in both..<max(a.count, both) { body(a[bin]) }
                for bin in both..<max(b.count, both) { body(-b[bin]) }
            }
        }
    }
}
