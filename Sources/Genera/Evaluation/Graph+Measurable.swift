import Metrics
import Platform

extension Graph: Measurable {
    /// Squared MMDs as they are published, of degrees, clustering, orbits and spectra; how many graphs are new and different; and how
    /// well a classifier tells drawn from real ones. Loops and several edges between two nodes do not count for the first.
    public static let measures: [Measure<Graph>] =
        GraphDescriptor.allCases.map { mmd($0) } + GraphDescriptor.allCases.map { mmd($0, isTotalVariation: true) } + [
            share("unique", "Share of different graphs among those drawn: isomorphic ones count once.") { both, part in
                Set(try both.isomorphismClasses(of: part.first)).count
            },
            share("novel", "Share of drawn graphs that are isomorphic to no real one they are compared with.") {
                both, part in
                let real = Set(try both.isomorphismClasses(of: part.second.map { both.drawn.count + $0 }))
                return try both.isomorphismClasses(of: part.first).count { !real.contains($0) }
            },
            share("connected", "Share of drawn graphs whose nodes are all connected.") { both, part in
                let connected = both.remembered("connected") { both.drawn.map(\.simple.isConnected) }
                return part.first.count { connected[$0] }
            },
            classifier,
        ]

    /// How well graphs that a classifier has not seen are told by their degrees, clustering, orbits or spectra.
    private static var classifier: Measure<Graph> {
        Measure(
            "classifier",
            "How well a classifier tells drawn graphs from real ones, 0 to 1: root of a lower bound of the Jensen-Shannon divergence.",
            range: 0...1
        ) { both, parts in
            let distance = try both.remembered("classifier") {
                try ClassifierDistance(
                    descriptions: GraphDescriptor.allCases.map { descriptor in
                        let (drawn, real) = try both.descriptions(descriptor)
                        return (drawn + real).map(descriptor.features)
                    },
                    firstCount: both.drawn.count, folds: both.folds(of: 4))
            }
            return try distance.values(over: parts)
        }
    }

    /// A hundred: sets of twenty or forty test graphs, as published ones are, leave models apart that chance could swap.
    public static var tellingCount: Int { 100 }

    /// A squared MMD as published results are: over all pairs, a graph with itself among them.
    private static func mmd(_ descriptor: GraphDescriptor, isTotalVariation: Bool = false) -> Measure<Graph> {
        let kernel = isTotalVariation ? descriptor.totalVariationKernel : descriptor.kernel
        let name = isTotalVariation ? "\(descriptor.rawValue)-tv" : descriptor.rawValue
        return Measure(name, "Squared MMD of \(descriptor.summary), \(kernel.summary), biased (V-statistic).") {
            both, parts in
            let (drawn, real) = try both.descriptions(descriptor)
            // Biased values are never below 0 but by rounding.
            return try KernelSums<[Double]>(.biased) { kernel($0, $1) }.values(drawn, real, over: parts).map {
                max($0, 0)
            }
        }
    }

    private static func share(
        _ name: String, _ summary: String,
        count: @escaping @Sendable (Comparison<Graph>, Parts) throws -> Int
    ) -> Measure<Graph> {
        Measure(name, summary, isLowerBetter: false, range: 0...1) { both, parts in
            try parts.map { Double(try count(both, $0)) / Double(max($0.first.count, 1)) }
        }
    }
}

extension Comparison<Graph> {
    /// The rows of numbers that a descriptor makes of the graphs of both sets, worked out once.
    ///
    /// - Throws: `MetricError` for graphs that are too large for it.
    public func descriptions(_ descriptor: GraphDescriptor) throws -> (drawn: [[Double]], real: [[Double]]) {
        let all = try remembered("description \(descriptor.rawValue)") {
            let graphs = drawn + real
            return try Parallel.map(graphs.count, workers: settings.workers) { number in
                try descriptor.values(of: graphs[number].simple)
            }
        }
        return (Array(all[..<drawn.count]), Array(all[drawn.count...]))
    }

    /// A fold for each drawn graph and then each real one, at random under the seed; both sets are shared out evenly.
    fileprivate func folds(of count: Int) -> [Int] {
        [drawn.count, real.count].enumerated().flatMap { number, size in
            let order = DataOrder(size: size, seed: PhiloxSource.subseed(settings.seed, -10 - number)).indices(0..<size)
            var folds = [Int](repeating: 0, count: size)
            for (place, graph) in order.enumerated() { folds[graph] = place % count }
            return folds
        }
    }

    /// Numbers of some graphs, counted through the drawn ones and then the real ones: the same for isomorphic graphs. Labels and
    /// categories of nodes count, and types of edges; colours and weights do not.
    ///
    /// - Throws: `MetricError` for graphs that are too regular.
    public func isomorphismClasses(of graphs: [Int]) throws -> [Int] {
        let classes = try remembered("isomorphism") { try Graph.isomorphismClasses(drawn + real) }
        return graphs.map { classes[$0] }
    }
}

extension Graph {
    /// Which nodes are joined, without loops, and each pair once.
    public var simple: SimpleGraph {
        SimpleGraph(nodeCount: nodes.count, edges: edges.lazy.map { ($0.source, $0.target) })
    }

    /// A number for each graph, the same for isomorphic ones: 0, 1, ... as they first come. Labels and categories of nodes count, and
    /// types of edges; colours and weights do not.
    ///
    /// - Throws: `MetricError` for graphs that are too regular to tell.
    public static func isomorphismClasses(_ graphs: [Graph]) throws -> [Int] {
        var kinds: [Node: Int] = [:]
        return try LabelledGraph.classes(
            of: graphs.map { graph in
                let labels = graph.nodes.map { node in
                    let kind = Node(label: node.label, category: node.category)
                    let number = kinds[kind] ?? kinds.count
                    kinds[kind] = number
                    return number
                }
                return LabelledGraph(
                    nodes: labels, edges: graph.edges.lazy.map { ($0.source, $0.target, label: $0.type) })
            })
    }

    /// Each node's neighbours, without loops and each once.
    public var neighbours: [Set<Int>] { simple.neighbours.map { Set($0) } }

    /// The shares of nodes with 0, 1, 2, ... neighbours; of no nodes, all of them have none.
    public var degreeHistogram: [Double] { simple.degreeHistogram }

    /// The shares of nodes whose local clustering coefficient (of the pairs of neighbours, those that are joined) lies in each of
    /// a hundred even bins from 0 to 1. Nodes with fewer than two neighbours have 0.
    public var clusteringHistogram: [Double] { simple.clusteringHistogram }
}

extension GraphDescriptor {
    /// What is compared, for summaries.
    fileprivate var summary: String {
        switch self {
        case .degree: "histograms of degrees"
        case .clustering: "histograms of local clustering coefficients"
        case .orbit: "mean counts of the places of subgraphs of up to four nodes"
        case .spectral: "histograms of eigenvalues of the normalised Laplacian"
        }
    }

    /// A description for a classifier that looks at one number at a time: of a histogram, what lies below every fourth bin.
    fileprivate func features(_ values: [Double]) -> [Double] {
        let stride = self == .clustering || self == .spectral ? 4 : 1
        guard self != .orbit else { return values }
        var sum = 0.0
        return values.enumerated().compactMap { bin, share in
            sum += share
            return bin % stride == stride - 1 ? sum : nil
        }
    }
}

extension HistogramKernel {
    /// Of what distance it is, for summaries.
    fileprivate var summary: String {
        switch self {
        case .earthMover: "Gaussian of the earth mover's distance"
        case .totalVariation: "Gaussian of the total variation"
        case .euclidean: "Gaussian of the distance"
        }
    }
}
