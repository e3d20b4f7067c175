extension SimpleGraph {
    /// The most nodes of a graph whose spectrum is computed: as a matrix it takes 128 MB then.
    public static let largestSpectrum = 4000

    /// The eigenvalues, ascending, of the normalised Laplacian 1 - D^(-1/2) A D^(-1/2), which lie in 0...2; the row of a node without
    /// neighbours is 0.
    ///
    /// - Throws: `MetricError` for a graph of more than `largestSpectrum` nodes.
    public func laplacianSpectrum() throws -> [Double] {
        let n = nodeCount
        guard n <= Self.largestSpectrum else {
            throw MetricError(
                "The spectrum of a graph of \(n) nodes is not computed, only up to \(Self.largestSpectrum) nodes: leave spectra out."
            )
        }
        var matrix = [Double](repeating: 0, count: n * n)
        let roots = neighbours.map { Double($0.count).squareRoot() }
        for (node, list) in neighbours.enumerated() where !list.isEmpty {
            matrix[node * n + node] = 1
            for other in list { matrix[node * n + other] = -1 / (roots[node] * roots[other]) }
        }
        return try SymmetricEigenvalues.of(matrix, size: n)
    }

    /// The shares of eigenvalues of the normalised Laplacian in each of two hundred even bins from -1e-5 to 2; of no nodes, all are in
    /// that of 0.
    ///
    /// A graph with two sides (bipartite) has the eigenvalue 2, which rounding may lift over the edge: it is counted in the last bin
    /// all the same.
    /// - Throws: as `laplacianSpectrum()`.
    public func spectralHistogram() throws -> [Double] {
        let spectrum = nodeCount == 0 ? [0] : try laplacianSpectrum()
        return EvenBins(-1e-5, 2, count: 200).shares(of: spectrum.map { min($0, 2) })
    }
}
