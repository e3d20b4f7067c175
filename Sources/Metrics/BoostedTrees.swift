#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A classifier of rows of numbers into two classes that count alike: trees of two levels, each fitted to what those before it leave
/// (Friedman, "Greedy function approximation: a gradient boosting machine", Annals of Statistics 29, 2001), with Newton's step in each
/// leaf (Chen and Guestrin, "XGBoost", KDD 2016).
///
/// Numbers are sorted into at most 32 bins a column; nothing is drawn at random.
struct BoostedTrees {
    /// Bins of a column.
    private static let bins = 32
    /// The share of each tree's step that is taken.
    private static let rate = 0.15
    /// What is added to the second derivatives of a leaf.
    private static let penalty = 1.0
    /// The fewest rows of a leaf.
    private static let leastRows = 4

    /// Each column's bins, row by row.
    private let columns: [[UInt8]]
    private let rowCount: Int
    private let firstCount: Int

    /// Sorts rows into bins; the first `firstCount` are of the first class. Shorter rows go on with zeros.
    init(_ rows: [[Double]], firstCount: Int) {
        (rowCount, self.firstCount) = (rows.count, firstCount)
        let width = rows.map(\.count).max() ?? 0
        columns = (0..<width).compactMap { column in Self.binned(rows.map { column < $0.count ? $0[column] : 0 }) }
    }

    /// The bins of a column, which even numbers of its different values share; nil for one that is all the same.
    private static func binned(_ values: [Double]) -> [UInt8]? {
        let different = Set(values).sorted()
        guard different.count > 1 else { return nil }
        let sorted = values.sorted()
        let quantiles = (1..<bins).map { sorted[$0 * sorted.count / bins] }
        let edges = different.count <= bins ? Array(different.dropFirst()) : Set(quantiles).sorted()
        return values.map { value in
            var (low, high) = (0, edges.count)
            while low < high {
                let middle = (low + high) / 2
                if edges[middle] <= value { low = middle + 1 } else { high = middle }
            }
            return UInt8(low)
        }
    }

    /// The logarithm of the odds that each row is of the first class, after so many trees each, fitted to some of the rows.
    func logits(fittedTo rows: [Int], stages: [Int]) -> [[Double]] {
        var logits = [Double](repeating: 0, count: rowCount)
        let firsts = rows.count { $0 < firstCount }
        let weights = [firsts, rows.count - firsts].map { Double(rows.count) / Double(2 * max($0, 1)) }
        var found: [[Double]] = []
        for round in 1...(stages.last ?? 1) {
            var slopes = Slopes(count: rowCount)
            for row in rows {
                let p = 1 / (1 + exp(-logits[row]))
                let isFirst = row < firstCount
                let weight = weights[isFirst ? 0 : 1]
                slopes.first[row] = weight * (p - (isFirst ? 1 : 0))
                slopes.second[row] = weight * p * (1 - p)
            }
            grow(rows, slopes, levels: 2, Array(0..<rowCount), &logits)
            if stages.contains(round) { found.append(logits) }
        }
        return found
    }

    /// The loss's derivatives by each row's logit.
    private struct Slopes {
        var first: [Double]
        var second: [Double]

        init(count: Int) { (first, second) = (.init(repeating: 0, count: count), .init(repeating: 0, count: count)) }
    }

    /// Splits rows, or steps where no split helps. `all` are the rows, fitted to or not, that end up here.
    private func grow(_ rows: [Int], _ slopes: Slopes, levels: Int, _ all: [Int], _ logits: inout [Double]) {
        guard levels > 0, let split = bestSplit(rows, slopes) else {
            let (first, second) = rows.reduce((0.0, 0.0)) { ($0.0 + slopes.first[$1], $0.1 + slopes.second[$1]) }
            let step = -Self.rate * first / (second + Self.penalty)
            for row in all { logits[row] += step }
            return
        }
        let column = columns[split.column]
        for isLow in [true, false] {
            let part = { (row: Int) in (column[row] <= split.bin) == isLow }
            grow(rows.filter(part), slopes, levels: levels - 1, all.filter(part), &logits)
        }
    }

    /// The column and the last bin of its lower side that lessen the loss most; nil if none does.
    private func bestSplit(_ rows: [Int], _ slopes: Slopes) -> (column: Int, bin: UInt8)? {
        var best: (gain: Double, column: Int, bin: UInt8)?
        var sums = [(first: Double, second: Double, rows: Int)](repeating: (0, 0, 0), count: Self.bins + 1)
        func score(_ first: Double, _ second: Double) -> Double { first * first / (second + Self.penalty) }
        for (number, column) in columns.enumerated() {
            for bin in sums.indices { sums[bin] = (0, 0, 0) }
            for row in rows {
                let bin = Int(column[row])
                sums[bin].first += slopes.first[row]
                sums[bin].second += slopes.second[row]
                sums[bin].rows += 1
            }
            let total = sums.reduce((0.0, 0.0)) { ($0.0 + $1.first, $0.1 + $1.second) }
            var low = (first: 0.0, second: 0.0, rows: 0)
            for bin in 0..<Self.bins {
                low = (low.first + sums[bin].first, low.second + sums[bin].second, low.rows + sums[bin].rows)
                guard low.rows >= Self.leastRows, rows.count - low.rows >= Self.leastRows else { continue }
                let gain =
                    score(low.first, low.second) + score(total.0 - low.first, total.1 - low.second)
                    - score(total.0, total.1)
                if gain > (best?.gain ?? 1e-9) { best = (gain, number, UInt8(bin)) }
            }
        }
        return best.map { ($0.column, $0.bin) }
    }
}
