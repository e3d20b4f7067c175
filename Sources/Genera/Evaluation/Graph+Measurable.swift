import Metrics

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

extension Graph: Measurable {
    /// Squared MMDs, unbiased, of what You et al., "GraphRNN", ICML 2018, compare graphs by.
    public static let measures: [Measure<Graph>] = [
        histograms(
            "degree", "Squared MMD of histograms of degrees, Gaussian of the earth mover's distance, unbiased.",
            width: 1, bandwidth: 1, \.degreeHistogram),
        histograms(
            "clustering",
            "Squared MMD of histograms of local clustering coefficients, Gaussian of the earth mover's distance, unbiased.",
            width: 0.01, bandwidth: 0.1, \.clusteringHistogram),
    ]

    /// The MMD of histograms with the kernel exp(-EMD² / (2 bandwidth²)).
    private static func histograms(
        _ name: String, _ summary: String, width: Double, bandwidth: Double,
        _ histogram: @escaping @Sendable (Graph) -> [Double]
    ) -> Measure<Graph> {
        Measure(name, summary, range: -Double.infinity...Double.infinity) { both, parts in
            let sums = KernelSums<[Double]> { a, b in
                let distance = HistogramDistance.earthMover(a, b, width: width)
                return exp(-distance * distance / (2 * bandwidth * bandwidth))
            }
            return try sums.values(both.drawn.map(histogram), both.real.map(histogram), over: parts)
        }
    }

    /// Each node's neighbours, without loops and each once.
    public var neighbours: [Set<Int>] {
        var neighbours = [Set<Int>](repeating: [], count: nodes.count)
        for edge in edges where edge.source != edge.target {
            neighbours[edge.source].insert(edge.target)
            neighbours[edge.target].insert(edge.source)
        }
        return neighbours
    }

    /// The shares of nodes with 0, 1, 2, ... neighbours; of no nodes, all of them have none.
    public var degreeHistogram: [Double] {
        let degrees = neighbours.map(\.count)
        var bins = [Double](repeating: 0, count: (degrees.max() ?? 0) + 1)
        for degree in degrees { bins[degree] += 1 / Double(degrees.count) }
        return degrees.isEmpty ? [1] : bins
    }

    /// The shares of nodes whose local clustering coefficient (of the pairs of neighbours, those that are joined) lies in each of
    /// a hundred even bins from 0 to 1. Nodes with fewer than two neighbours have 0.
    public var clusteringHistogram: [Double] {
        let neighbours = neighbours
        var bins = [Double](repeating: 0, count: 100)
        for own in neighbours {
            let pairs = own.count * (own.count - 1)
            let joined = own.reduce(0) { $0 + neighbours[$1].intersection(own).count }
            // Whole numbers, so that coefficients on the edge of two bins fall where they should.
            bins[pairs == 0 ? 0 : min(100 * joined / pairs, 99)] += 1 / Double(neighbours.count)
        }
        if neighbours.isEmpty { bins[0] = 1 }
        return bins
    }
}
