#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// What a graph is described by where laws of graphs are compared: a row of numbers.
///
/// Degrees and clustering as in You et al., "GraphRNN", ICML 2018; orbits as there, as means over the nodes; spectra as in Liao et al.,
/// "Efficient graph generation with graph recurrent attention networks", NeurIPS 2019.
public enum GraphDescriptor: String, Sendable, CaseIterable {
    /// The shares of nodes with 0, 1, 2, ... neighbours.
    case degree
    /// The shares of nodes with local clustering coefficients in a hundred bins from 0 to 1.
    case clustering
    /// How often a node stands in each of the fifteen places of subgraphs of up to four nodes, on average.
    case orbit
    /// The shares of eigenvalues of the normalised Laplacian in two hundred bins from -1e-5 to 2.
    case spectral

    /// The numbers of a graph.
    ///
    /// - Throws: `MetricError` for spectra of graphs of too many nodes, and orbits of nodes with too many neighbours.
    public func values(of graph: SimpleGraph) throws -> [Double] {
        switch self {
        case .degree: graph.degreeHistogram
        case .clustering: graph.clusteringHistogram
        case .orbit: try Self.orbits(of: graph)
        case .spectral: try graph.spectralHistogram()
        }
    }

    /// The most neighbours of a node whose subgraphs are counted, so that the counts are whole numbers of the machine.
    private static let largestDegree = 1_000_000

    private static func orbits(of graph: SimpleGraph) throws -> [Double] {
        let degree = graph.neighbours.map(\.count).max() ?? 0
        guard degree <= largestDegree else {
            throw MetricError(
                "Subgraphs around a node with \(degree) neighbours are not counted; \(largestDegree) can be done.")
        }
        return graph.orbitMeans
    }

    /// The kernel under which results are published first: of the earth mover's distance with bandwidth 1 between degrees and between
    /// spectra (in bins), 0.1 between clustering coefficients, and of the distance with bandwidth 30 between orbits.
    public var kernel: HistogramKernel {
        switch self {
        case .degree, .spectral: .earthMover(width: 1, bandwidth: 1)
        case .clustering: .earthMover(width: 0.01, bandwidth: 0.1)
        case .orbit: .euclidean(bandwidth: 30)
        }
    }

    /// The kernel of the total variation, of later publications, with the same bandwidths.
    public var totalVariationKernel: HistogramKernel {
        switch self {
        case .degree, .spectral: .totalVariation(bandwidth: 1)
        case .clustering: .totalVariation(bandwidth: 0.1)
        case .orbit: .totalVariation(bandwidth: 30)
        }
    }
}

/// A kernel exp(-distance² / (2 bandwidth²)) of two rows of numbers, the shorter of which goes on with zeros.
public enum HistogramKernel: Sendable, Equatable {
    /// Of the earth mover's distance between shares in bins of a width.
    case earthMover(width: Double, bandwidth: Double)
    /// Of the total variation, half of the sum of differences.
    case totalVariation(bandwidth: Double)
    /// Of the Euclidean distance.
    case euclidean(bandwidth: Double)

    /// The kernel of two rows: 1 for equal ones.
    public func callAsFunction(_ a: [Double], _ b: [Double]) -> Double {
        switch self {
        case let .earthMover(width, bandwidth):
            Self.gaussian(HistogramDistance.earthMover(a, b, width: width), bandwidth)
        case let .totalVariation(bandwidth): Self.gaussian(HistogramDistance.totalVariation(a, b), bandwidth)
        case let .euclidean(bandwidth): Self.gaussian(HistogramDistance.euclidean(a, b), bandwidth)
        }
    }

    private static func gaussian(_ distance: Double, _ bandwidth: Double) -> Double {
        exp(-distance * distance / (2 * bandwidth * bandwidth))
    }
}
