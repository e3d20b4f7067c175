/// The squared MMD of samples of any type, by a kernel of their own: E k(x,x') + E k(y,y') - 2 E k(x,y).
///
///     let mmd = KernelSums { a, b in exp(-distance(a, b) / 2) }
///     let values = mmd.values(drawn, real, over: parts)
///
/// Gretton et al., "A kernel two-sample test", Journal of Machine Learning Research 13 (2012), eq. 3. For vectors
/// ``KernelMMD`` is quicker.
/// - Complexity: O((N + M)²) kernels and O((N + M)² parts) additions; memory O((N + M) parts).
public struct KernelSums<Sample>: Sendable {
    /// How means within a set are taken.
    public let estimator: PairEstimator
    private let kernel: @Sendable (Sample, Sample) -> Double

    /// Makes the distance of a symmetric, positive kernel.
    public init(_ estimator: PairEstimator = .unbiased, kernel: @escaping @Sendable (Sample, Sample) -> Double) {
        (self.estimator, self.kernel) = (estimator, kernel)
    }

    /// The squared MMD of each part.
    ///
    /// - Throws: `MetricError` for parts of fewer than two samples, or that name samples which are not there.
    public func values(_ x: [Sample], _ y: [Sample], over parts: [Parts]) throws -> [Double] {
        for part in parts {
            for (rows, count) in [(part.first, x.count), (part.second, y.count)] {
                guard rows.count >= 2, rows.allSatisfy({ (0..<count).contains($0) }) else {
                    throw MetricError("An MMD needs parts of at least two samples, all of which are there.")
                }
            }
        }
        let (first, second) = (Masks(parts.map(\.first), x.count), Masks(parts.map(\.second), y.count))
        let (own, others) = (means(within: x, first), means(within: y, second))
        let between = sums(x, y, first, second)
        return parts.indices.map { part in
            let pairs = Double(first.sizes[part]) * Double(second.sizes[part])
            return own[part] + others[part] - 2 * between[part] / pairs
        }
    }

    private func means(within set: [Sample], _ masks: Masks) -> [Double] {
        let isUnbiased = estimator == .unbiased
        // Every pair once, as the kernel is symmetric.
        var totals = [Double](repeating: 0, count: masks.sizes.count)
        for row in set.indices {
            let own = isUnbiased ? 0 : kernel(set[row], set[row])
            let others = set[(row + 1)...].map { kernel(set[row], $0) }
            for part in totals.indices where masks.has(row, part) {
                totals[part] += own + 2 * masks.sum(others, part, from: row + 1)
            }
        }
        return zip(totals, masks.sizes).map { sum, size in
            sum / (Double(size) * Double(isUnbiased ? size - 1 : size))
        }
    }

    /// For each part, the sum of the kernel over its pairs of one sample of each set.
    private func sums(_ x: [Sample], _ y: [Sample], _ first: Masks, _ second: Masks) -> [Double] {
        var totals = [Double](repeating: 0, count: first.sizes.count)
        for row in x.indices {
            let values = y.map { kernel(x[row], $0) }
            for part in totals.indices where first.has(row, part) { totals[part] += second.sum(values, part, from: 0) }
        }
        return totals
    }
}

/// For several parts, 1 for each sample that is in it and 0 for others.
private struct Masks {
    let sizes: [Int]
    private let count: Int
    private var values: [Double]

    init(_ parts: [[Int]], _ count: Int) {
        (sizes, self.count) = (parts.map(\.count), count)
        values = [Double](repeating: 0, count: parts.count * count)
        for (number, rows) in parts.enumerated() {
            for row in rows { values[number * count + row] = 1 }
        }
    }

    func has(_ row: Int, _ part: Int) -> Bool { values[part * count + row] != 0 }

    /// The sum of a part's numbers, the first of which belongs to the sample `first`.
    func sum(_ numbers: [Double], _ part: Int, from first: Int) -> Double {
        let start = part * count + first
        return numbers.withUnsafeBufferPointer { numbers in
            values.withUnsafeBufferPointer { values in
                // Eight sums side by side, so that no addition waits for the one before it.
                var lanes = SIMD8<Double>.zero
                var place = 0
                while place + 8 <= numbers.count {
                    for lane in 0..<8 { lanes[lane] += numbers[place + lane] * values[start + place + lane] }
                    place += 8
                }
                return (place..<numbers.count).reduce(lanes.sum()) { $0 + numbers[$1] * values[start + $1] }
            }
        }
    }
}
