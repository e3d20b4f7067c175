import Tensors

/// Which vectors of two sets lie close to each other: what precision, recall, density and coverage are made of.
///
/// Around each vector stands a ball that reaches to its k-th nearest neighbour in its own set. Kept are each vector's
/// nearest 16 k neighbours, so that balls over at least half of the set's rows can be found without the distances, and
/// the pairs of both sets that may lie in each other's balls.
/// - Complexity: O((N + M)^2 d) time; blocks of 8 MB and O(k (N + M)) memory, unless one set crowds inside the other's balls.
public struct Neighbourhoods: Sendable {
    /// The neighbour that a ball reaches to.
    public let k: Int
    let first: Balls
    let second: Balls
    /// Vectors of the first set that may lie in balls of the second.
    let firstInSecond: Candidates
    /// Vectors of the second set that may lie in balls of the first.
    let secondInFirst: Candidates

    /// Finds the neighbours in two sets `[N, d]` and `[M, d]`.
    ///
    /// - Throws: `MetricError` for sets that differ in width, hold NaN or have no k neighbours; errors of tensors.
    public init(_ x: Tensor, _ y: Tensor, k: Int = 3) throws {
        let pair = try SetPair(x, y)
        guard k >= 1, min(pair.x.shape[0], pair.y.shape[0]) > k else {
            throw MetricError(
                "Neighbour \(k) needs more than \(k) vectors in each set, not \(pair.x.shape[0]) and \(pair.y.shape[0])."
            )
        }
        let (x, y) = pair.centred()
        // Squared distances are differences of squared lengths: below this they are rounding.
        let tolerance = 1e-13 * (try (x.squared().sum(axes: [1]).mean() + y.squared().sum(axes: [1]).mean()).item())
        self.k = k
        first = try Balls(x, kept: 16 * k, tolerance)
        second = try Balls(y, kept: 16 * k, tolerance)
        firstInSecond = try Candidates(of: x, in: second, centres: y)
        secondInFirst = try Candidates(of: y, in: first, centres: x)
    }
}

/// The nearest neighbours of each vector within its set.
struct Balls: Sendable {
    /// Vectors in the set.
    let count: Int
    /// Neighbours kept of each.
    let kept: Int
    /// Their squared distances, ascending, `[count, kept]`.
    let squares: [Double]
    /// Their rows.
    let rows: [Int]

    init(_ set: Tensor, kept wanted: Int, _ tolerance: Double) throws {
        count = set.shape[0]
        kept = min(wanted, count - 1)
        var (squares, rows) = ([Double](), [Int]())
        for block in PairMeans.blocks(count, against: count) {
            let distances = PairMeans.squaredDistances(set.narrowed(axis: 0, block), set)
            let far = Tensor.full([block.count], .infinity, dtype: .float64)
            let own = Tensor(block.map { $0 }).unsqueezed(1)
            let others = Self.scatter([.tensor(distances), .int(1), .tensor(own), .tensor(far.unsqueezed(1))])
            let nearest = Self.topK.all([.tensor(others), .int(kept), .int(1), .bool(false), .bool(true)])
            squares += try nearest[0].array(of: Double.self).map { $0 + tolerance }
            rows += try nearest[1].array(of: Int.self)
        }
        (self.squares, self.rows) = (squares, rows)
    }

    /// The squared radius beyond which nothing is kept.
    func reach(_ row: Int) -> Double { squares[row * kept + kept - 1] }

    /// The squared distances of the rows in `mask` to their `k`-th neighbours in it; -1 for other rows.
    func radii(_ k: Int, within mask: [Bool]) -> [Double] {
        (0..<count).map { row in
            guard mask[row] else { return -1 }
            var found = 0
            for place in row * kept..<(row + 1) * kept where mask[rows[place]] {
                found += 1
                if found == k { return squares[place] }
            }
            return reach(row)
        }
    }

    private static let topK = Operator("topk")
    private static let scatter = Operator("scatter", "src")
}

/// Pairs of a vector and a ball of the other set that may hold it.
struct Candidates: Sendable {
    /// Vectors that may lie in balls.
    let count: Int
    private(set) var points: [Int32] = []
    private(set) var centres: [Int32] = []
    private(set) var squares: [Double] = []

    init(of points: Tensor, in balls: Balls, centres: Tensor) throws {
        count = points.shape[0]
        for block in PairMeans.blocks(balls.count, against: count) {
            let distances = try PairMeans.squaredDistances(centres.narrowed(axis: 0, block), points)
                .array(of: Double.self)
            for (line, centre) in block.enumerated() {
                let reach = balls.reach(centre)
                for point in 0..<count where distances[line * count + point] <= reach {
                    self.points.append(Int32(point))
                    self.centres.append(Int32(centre))
                    squares.append(distances[line * count + point])
                }
            }
        }
    }

    /// How many of the balls hold each point, and how many points each ball holds.
    func tally(_ chosen: [Bool], radii: [Double]) -> (ofPoints: [Int], ofBalls: [Int]) {
        var (ofPoints, ofBalls) = ([Int](repeating: 0, count: count), [Int](repeating: 0, count: radii.count))
        for place in points.indices {
            let (point, centre) = (Int(points[place]), Int(centres[place]))
            guard chosen[point], squares[place] <= radii[centre] else { continue }
            ofPoints[point] += 1
            ofBalls[centre] += 1
        }
        return (ofPoints, ofBalls)
    }
}
