#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Moves the nodes of a falling grid of noise levels, or of times, to where a solver's error is least.
///
/// Gradient-free: each free node in turn is moved in ln(node) between its neighbours, by a step of its own that grows after a
/// success and shrinks after a failure. The first node and a last 0 stay. The result is a function of the arguments alone.
///
///     let best = try GridOptimizer(sweeps: 8).minimum(from: levels + [0]) { grid, _ in try error(of: grid) }
public struct GridOptimizer: Sendable, Equatable {
    /// How often every node is visited at most.
    public var sweeps: Int
    /// First step as a part of the distance to the neighbour, in ln(node).
    public var firstStep: Double
    /// The search ends when every node's step is below this part.
    public var lastStep: Double
    /// The seed of the order in which nodes are visited.
    public var seed: UInt64

    /// A search of at most `sweeps` rounds over all nodes, whose moves shrink from `firstStep` to `lastStep` of the way
    /// to a neighbour.
    public init(sweeps: Int = 12, firstStep: Double = 0.3, lastStep: Double = 0.01, seed: UInt64 = 0) {
        (self.sweeps, self.firstStep, self.lastStep, self.seed) = (sweeps, firstStep, lastStep, seed)
    }

    /// A grid with its error.
    public struct Result: Sendable, Equatable {
        /// The nodes, strictly falling.
        public var grid: [Double]
        /// What the function that is made small gives for it.
        public var error: Double
        /// How many grids were tried.
        public var trials: Int
    }

    /// Searches from a strictly falling grid whose last node may be 0.
    ///
    /// - Parameters:
    ///   - lowest: the level below which no node goes.
    ///   - error: the error of a grid. Its second argument is the first node that differs from the best grid so far (0 for
    ///     the first call), so that work on the nodes before it can be kept.
    ///   - improved: told of each better grid, before the next call of `error`.
    /// - Throws: what `error` throws.
    public func minimum(
        from grid: [Double], lowest: Double = 0, improved: (Result) throws -> Void = { _ in },
        error: (_ grid: [Double], _ firstChanged: Int) throws -> Double
    ) throws -> Result {
        var best = Result(grid: grid, error: try error(grid, 0), trials: 1)
        try improved(best)
        let free = Array(1..<max(1, grid.last == 0 ? grid.count - 1 : grid.count))
        var steps = [Double](repeating: firstStep, count: grid.count)
        var order = VisitingOrder(seed: seed)
        for _ in 0..<sweeps {
            guard free.contains(where: { abs(steps[$0]) >= lastStep }) else { break }
            for node in order.shuffled(free) where abs(steps[node]) >= lastStep {
                // The step's sign is the side that was better last time; the other side is tried when it fails.
                var succeeded = false
                for side in [1.0, -1.0] {
                    let step = steps[node] * side
                    let candidate = moved(best.grid, node, by: step, lowest: lowest)
                    guard candidate[node] != best.grid[node] else { continue }
                    let found = try error(candidate, node)
                    best.trials += 1
                    if found < best.error {
                        (best.grid, best.error) = (candidate, found)
                        try improved(best)
                        steps[node] = min(0.6, abs(step) * 1.3) * (step < 0 ? -1 : 1)
                        succeeded = true
                        break
                    }
                }
                if !succeeded { steps[node] /= 2.5 }
            }
        }
        return best
    }

    /// The grid with one node moved towards a neighbour by a part of the way, up for a step above 0.
    private func moved(_ grid: [Double], _ node: Int, by step: Double, lowest: Double) -> [Double] {
        let here = log(grid[node])
        let above = log(grid[node - 1])
        // Below the last level above 0 there is as much room as above it.
        let next = node + 1 < grid.count ? grid[node + 1] : 0
        let below = next > 0 ? log(next) : here - (above - here)
        let target = exp(step > 0 ? here + step * (above - here) : here - abs(step) * (here - below))
        var grid = grid
        if target > max(next, 0), target >= lowest, target < grid[node - 1] { grid[node] = target }
        return grid
    }
}

/// Shuffles by SplitMix64, so that a seed gives the same order everywhere.
private struct VisitingOrder {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    private mutating func word() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    mutating func shuffled(_ items: [Int]) -> [Int] {
        var items = items
        for last in stride(from: items.count - 1, to: 0, by: -1) {
            items.swapAt(last, Int(word().multipliedFullWidth(by: UInt64(last + 1)).high))
        }
        return items
    }
}
