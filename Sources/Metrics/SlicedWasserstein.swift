import Tensors

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The sliced Wasserstein distance: the mean over directions t of the distance between the sets' projections on t,
/// (mean_t W_p(t.x, t.y)^p)^(1/p).
///
/// Each W_p is exact: the L_p distance of the two quantile functions. Bonneel et al., "Sliced and Radon Wasserstein barycenters
/// of measures", Journal of Mathematical Imaging and Vision 51 (2015), eq. 7.
/// - Complexity: O(P (N log N + M log M + N d + M d)) time for P directions.
public struct SlicedWasserstein: SetDistance {
    /// The directions, `[P, d]`; their lengths do not matter.
    public let directions: Tensor
    /// The power p, at least 1.
    public let order: Double

    /// Makes the distance. Standard normal numbers make directions that are equally likely.
    public init(directions: Tensor, order: Double = 1) {
        (self.directions, self.order) = (directions, order)
    }

    /// The distance of each part.
    ///
    /// - Throws: `MetricError` for sets or directions that differ in width or hold NaN, or empty parts.
    public func values(_ x: Tensor, _ y: Tensor, over parts: [Parts]) throws -> [Double] {
        let pair = try SetPair(x, y)
        try pair.check(parts)
        let width = pair.x.shape[1]
        guard directions.rank == 2, directions.shape[1] == width, directions.shape[0] > 0, order >= 1 else {
            throw MetricError(
                "Directions \(directions.shape) and order \(order) do not do for vectors of \(width) numbers.")
        }
        let axes = directions.to(.float64)
        let units = axes / axes.norm(axes: [1], keeping: true).clamp(1e-300, .infinity)
        let (first, second) = (try Slices(pair.x, units), try Slices(pair.y, units))
        var sums = [Double](repeating: 0, count: parts.count)
        let (inFirst, inSecond) = (
            parts.map { first.mask($0.first) }, parts.map { second.mask($0.second) }
        )
        for direction in 0..<units.shape[0] {
            for part in parts.indices {
                let (a, b) = (first.sorted(direction, inFirst[part]), second.sorted(direction, inSecond[part]))
                sums[part] += Self.distance(a, b, order: order)
            }
        }
        return sums.map { pow($0 / Double(units.shape[0]), 1 / order) }
    }

    /// The integral over 0...1 of |F^-1 - G^-1|^p for sorted numbers of any two counts.
    static func distance(_ a: [Double], _ b: [Double], order: Double) -> Double {
        func power(_ difference: Double) -> Double {
            order == 1 ? abs(difference) : order == 2 ? difference * difference : pow(abs(difference), order)
        }
        if a.count == b.count {
            return a.indices.reduce(0) { $0 + power(a[$1] - b[$1]) } / Double(a.count)
        }
        // Both quantile functions are steps; places are counted in 1 / (N M), where they are whole numbers.
        var (i, j, place, sum) = (0, 0, 0, 0.0)
        while i < a.count, j < b.count {
            let (endOfA, endOfB) = ((i + 1) * b.count, (j + 1) * a.count)
            let end = min(endOfA, endOfB)
            sum += Double(end - place) * power(a[i] - b[j])
            place = end
            if endOfA == end { i += 1 }
            if endOfB == end { j += 1 }
        }
        return sum / (Double(a.count) * Double(b.count))
    }
}

/// A set's projections on several directions, sorted once; a part's are those of the whole with gaps.
private struct Slices {
    private let count: Int
    /// Sorted projections, `[P, count]`.
    private let values: [Double]
    /// The rows that they are of.
    private let rows: [Int32]

    init(_ set: Tensor, _ units: Tensor) throws {
        count = set.shape[0]
        let sorted = Self.sort.all([.tensor(units.matmul(set.transposed())), .int(1), .bool(false)])
        values = try sorted[0].array(of: Double.self)
        rows = try sorted[1].array(of: Int32.self)
    }

    /// 1 for each row that is chosen, else 0; nil where all are.
    func mask(_ chosen: [Int]) -> [UInt8]? {
        guard chosen.count < count else { return nil }
        var mask = [UInt8](repeating: 0, count: count)
        for row in chosen { mask[row] = 1 }
        return mask
    }

    /// A part's projections on a direction. Each is written where the next chosen one goes, without a branch: half of the
    /// branches would be guessed wrongly.
    func sorted(_ direction: Int, _ mask: [UInt8]?) -> [Double] {
        let start = direction * count
        guard let mask else { return Array(values[start..<start + count]) }
        return [Double](unsafeUninitializedCapacity: count) { buffer, kept in
            values.withUnsafeBufferPointer { values in
                rows.withUnsafeBufferPointer { rows in
                    mask.withUnsafeBufferPointer { mask in
                        var next = 0
                        for place in start..<start + count {
                            buffer.initializeElement(at: next, to: values[place])
                            next += Int(mask[Int(rows[place])])
                        }
                        kept = next
                    }
                }
            }
        }
    }

    private static let sort = Operator("sort")
}
