import Tensors

/// Means of a function of two vectors over all pairs of rows, for many parts of the sets in one pass.
///
/// Values are made for a block of rows at a time, so that memory stays within some ten times 8 MB for sets of any size; with the parts'
/// indicator vectors w, a part's sum is the quadratic form w^T K v.
struct PairMeans {
    /// The most values made at a time.
    static let blockSize = 1 << 20

    /// The function, `[a, d]` and `[b, d]` to `[a, b]`.
    let function: @Sendable (Tensor, Tensor) -> Tensor

    /// The mean of f(x, y) for each part.
    func between(_ x: Tensor, _ y: Tensor, _ parts: [Parts]) throws -> [Double] {
        let (first, second) = (parts.map(\.first), parts.map(\.second))
        let sums = try sums(x, y, Self.indicators(first, x.shape[0]), Self.indicators(second, y.shape[0]))
        return zip(sums, parts).map { $0 / (Double($1.first.count) * Double($1.second.count)) }
    }

    /// The mean of f(x, x') for each choice of rows, over pairs of different rows if it is to be unbiased, else over all.
    func within(_ x: Tensor, _ choices: [[Int]], isUnbiased: Bool) throws -> [Double] {
        let indicators = Self.indicators(choices, x.shape[0])
        let sums = try sums(x, x, indicators, indicators, skipsDiagonal: isUnbiased)
        return zip(sums, choices).map { sum, rows in
            sum / (Double(rows.count) * Double(isUnbiased ? rows.count - 1 : rows.count))
        }
    }

    private func sums(_ x: Tensor, _ y: Tensor, _ w: Tensor, _ v: Tensor, skipsDiagonal: Bool = false) throws
        -> [Double]
    {
        var total = Tensor.zeros([w.shape[0]], dtype: .float64)
        for rows in Self.blocks(x.shape[0], against: y.shape[0]) {
            let values = function(x.narrowed(axis: 0, rows), y)
            let part = w.narrowed(axis: 1, rows)
            total += (part.matmul(values) * v).sum(axes: [1])
            guard skipsDiagonal else { continue }
            let diagonal = Self.diagonal([.tensor(values), .int(rows.lowerBound)])
            total -= part.matmul(diagonal.unsqueezed(1)).reshaped([-1])
        }
        return try total.array(of: Double.self)
    }

    /// Runs of rows that make at most `blockSize` values with `others` rows.
    static func blocks(_ count: Int, against others: Int) -> [Range<Int>] {
        let size = max(blockSize / max(others, 1), 1)
        return stride(from: 0, to: count, by: size).map { $0..<min($0 + size, count) }
    }

    /// A row of zeros and ones for each choice of rows, `[choices, count]`.
    private static func indicators(_ choices: [[Int]], _ count: Int) -> Tensor {
        var values = [Double](repeating: 0, count: choices.count * count)
        for (number, rows) in choices.enumerated() {
            for row in rows { values[number * count + row] = 1 }
        }
        return Tensor(values, shape: [choices.count, count])
    }

    /// Squared Euclidean distances, `[a, d]` and `[b, d]` to `[a, b]`.
    static func squaredDistances(_ a: Tensor, _ b: Tensor) -> Tensor {
        let lengths = a.squared().sum(axes: [1], keeping: true) + b.squared().sum(axes: [1]).unsqueezed(0)
        return (lengths - a.matmul(b.transposed()) * 2).clamp(0, .infinity)
    }

    private static let diagonal = Operator("diagonal")
}
