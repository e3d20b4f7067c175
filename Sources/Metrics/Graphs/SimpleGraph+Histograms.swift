extension SimpleGraph {
    /// The shares of nodes with 0, 1, 2, ... neighbours; of no nodes, all of them have none.
    public var degreeHistogram: [Double] {
        guard nodeCount > 0 else { return [1] }
        let degrees = neighbours.map(\.count)
        var counts = [Int](repeating: 0, count: (degrees.max() ?? 0) + 1)
        for degree in degrees { counts[degree] += 1 }
        return counts.map { Double($0) / Double(nodeCount) }
    }

    /// Each node's local clustering coefficient: of the pairs of its neighbours, the share that is joined; 0 for a node with fewer
    /// than two.
    public var clusteringCoefficients: [Double] {
        zip(neighbours, sharedNeighbourCounts).map { own, shared in
            let pairs = own.count * (own.count - 1)
            return pairs == 0 ? 0 : Double(shared.reduce(0, +)) / Double(pairs)
        }
    }

    /// The shares of nodes whose local clustering coefficient lies in each of a hundred even bins from 0 to 1; of no nodes, all are
    /// in the first.
    public var clusteringHistogram: [Double] {
        EvenBins(0, 1, count: 100).shares(of: nodeCount == 0 ? [0] : clusteringCoefficients)
    }
}

/// Even bins over an interval, with the edges lower + i · (upper - lower) / count in floating-point numbers: the bins of NumPy's
/// `histogram`, to the last bit.
public struct EvenBins: Sendable {
    /// Where the first bin begins.
    public let lower: Double
    /// Where the last bin ends, which belongs to it.
    public let upper: Double
    /// How many there are.
    public let count: Int

    /// Makes bins; `lower` must be below `upper`.
    public init(_ lower: Double, _ upper: Double, count: Int) {
        (self.lower, self.upper, self.count) = (lower, upper, count)
    }

    private func edge(_ number: Int) -> Double {
        number == count ? upper : Double(number) * ((upper - lower) / Double(count)) + lower
    }

    /// The bin of a value; nil for one that is in none.
    public func bin(of value: Double) -> Int? {
        guard value >= lower, value <= upper else { return nil }
        // What rounding puts beside an edge goes to the side on which it is.
        let bin = min(Int((value - lower) / (upper - lower) * Double(count)), count - 1)
        if value < edge(bin) { return max(bin - 1, 0) }
        return bin < count - 1 && value >= edge(bin + 1) ? bin + 1 : bin
    }

    /// The share of values in each bin, of those that are in any.
    public func shares(of values: [Double]) -> [Double] {
        var counts = [Int](repeating: 0, count: count)
        for value in values { if let bin = bin(of: value) { counts[bin] += 1 } }
        let total = counts.reduce(0, +)
        return counts.map { Double($0) / Double(max(total, 1)) }
    }
}
