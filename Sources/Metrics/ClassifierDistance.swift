#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// How well a classifier tells the samples of two sets, as a distance from 0, where it tells nothing, to 1, where it tells all.
///
///     let distance = try ClassifierDistance(descriptions: [degrees, orbits], firstCount: drawn.count, folds: folds)
///     let values = try distance.values(over: parts)
///
/// For any classifier's probability d that a sample is of the first set, 1 + E log2 d / 2 + E log2 (1 - d) / 2, the first mean over the
/// first set and the second over the other, is a lower bound of the Jensen-Shannon divergence of both laws in bits (Goodfellow et al.,
/// "Generative adversarial nets", NeurIPS 2014, section 4.1). The distance is its square root, or 0 where it is below. Each sample's d comes
/// from a classifier that was fitted without the sample's fold: gradient boosting of small trees over one of several descriptions, of
/// which the others' folds choose the best one, and how long it is fitted, in the manner of Krimmel et al., "PolyGraph discrepancy: a
/// classifier-based metric for graph generation" (2025). Classifiers are fitted once, on all samples; parts differ in whose d is taken.
public struct ClassifierDistance: Sendable {
    /// The logarithm of the odds that each sample is of the first set.
    public let logits: [Double]
    /// For each fold, the number of the description by which its samples were told; nil where none told anything.
    public let chosen: [Int?]
    private let firstCount: Int

    /// How many trees may be fitted.
    static let stages = [5, 10, 20, 40, 80]

    /// Fits the classifiers.
    ///
    /// - Parameters:
    ///   - descriptions: for each way to describe samples, a row of numbers for each sample of the first set, then of the second; the
    ///     shorter rows go on with zeros.
    ///   - firstCount: how many samples are of the first set.
    ///   - folds: each sample's fold, from 0; three or more, of which each should have samples of both sets.
    /// - Throws: `MetricError` for rows that do not fit together, numbers that are not finite, or fewer than three folds.
    /// - Complexity: O(descriptions · folds² · samples · width).
    public init(descriptions: [[[Double]]], firstCount: Int, folds: [Int]) throws {
        let count = folds.count
        let foldCount = (folds.max() ?? -1) + 1
        guard foldCount >= 3, folds.allSatisfy({ $0 >= 0 }), (1..<max(count, 1)).contains(firstCount),
            descriptions.allSatisfy({ $0.count == count && $0.allSatisfy { $0.allSatisfy(\.isFinite) } })
        else {
            throw MetricError(
                "A classifier needs finite descriptions of all samples of two sets, in at least three folds.")
        }
        self.firstCount = firstCount
        let fits = descriptions.map { FoldFits($0, firstCount, folds, foldCount) }
        var logits = [Double](repeating: 0, count: count)
        chosen = (0..<foldCount).map { fold in
            let others = (0..<count).filter { folds[$0] != fold }
            var best: (bound: Double, description: Int, stage: Int)?
            for (number, fit) in fits.enumerated() {
                for stage in Self.stages.indices {
                    let bound = Self.bound(others, firstCount) { fit.logit($0, without: fold, stage) }
                    if bound > best?.bound ?? 0 { best = (bound, number, stage) }
                }
            }
            guard let best else { return nil }
            for row in 0..<count where folds[row] == fold {
                logits[row] = fits[best.description].logit(row, without: fold, best.stage)
            }
            return best.description
        }
        self.logits = logits
    }

    /// The distance of each part, 0...1.
    ///
    /// - Throws: `MetricError` for parts that are empty or name samples which are not there.
    public func values(over parts: [Parts]) throws -> [Double] {
        try parts.map { part in
            guard !part.first.isEmpty, !part.second.isEmpty,
                part.first.allSatisfy({ (0..<firstCount).contains($0) }),
                part.second.allSatisfy({ (0..<logits.count - firstCount).contains($0) })
            else { throw MetricError("A classifier's distance needs parts with samples, all of which are there.") }
            let bound = Self.bound(part.first + part.second.map { $0 + firstCount }, firstCount) { logits[$0] }
            return min(max(bound, 0), 1).squareRoot()
        }
    }

    /// The lower bound of the divergence over some rows, in bits.
    private static func bound(_ rows: [Int], _ firstCount: Int, _ logit: (Int) -> Double) -> Double {
        var (sums, counts) = ([0.0, 0.0], [0, 0])
        for row in rows {
            let isFirst = row < firstCount
            // log2 d = -log2 (1 + exp(-logit))
            sums[isFirst ? 0 : 1] -= log1p(exp(isFirst ? -logit(row) : logit(row)))
            counts[isFirst ? 0 : 1] += 1
        }
        return 1 + (sums[0] / Double(max(counts[0], 1)) + sums[1] / Double(max(counts[1], 1))) / (2 * log(2))
    }
}

/// The classifiers of one description that are needed: fitted without one fold, and without two.
private struct FoldFits {
    /// What a classifier without the folds a and b (which may be one) says of each row after each stage.
    private var known: [[[[Double]]]]
    private let folds: [Int]

    init(_ rows: [[Double]], _ firstCount: Int, _ folds: [Int], _ foldCount: Int) {
        self.folds = folds
        let trees = BoostedTrees(rows, firstCount: firstCount)
        known = Array(repeating: Array(repeating: [], count: foldCount), count: foldCount)
        for a in 0..<foldCount {
            for b in 0...a {
                let kept = folds.indices.filter { folds[$0] != a && folds[$0] != b }
                known[a][b] = trees.logits(fittedTo: kept, stages: ClassifierDistance.stages)
                known[b][a] = known[a][b]
            }
        }
    }

    /// What is said of a row by a classifier that saw neither a fold nor the row's own.
    func logit(_ row: Int, without fold: Int, _ stage: Int) -> Double { known[fold][folds[row]][stage][row] }
}
