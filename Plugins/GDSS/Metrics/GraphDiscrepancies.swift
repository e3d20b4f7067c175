import Genera

/// The squared MMDs of two lists of graphs as they are published: of degrees, clustering, orbits and spectra, biased.
package struct GraphDiscrepancies: Sendable {
    /// Whose distance the kernel is of.
    package enum Kernel: String, CaseIterable, Sendable {
        /// The earth mover's, of orbits the Euclidean: the paper's.
        case emd
        /// The total variation, of later papers.
        case tv
    }

    private let kernel: Kernel
    private let real: [[[Double]]]
    private let workers: Int

    /// Graphs to compare with.
    ///
    /// - Throws: `MetricError` for graphs that are too large.
    package init(_ real: [Graph], _ kernel: Kernel = .emd, workers: Int = 1) throws {
        (self.kernel, self.workers) = (kernel, workers)
        self.real = try Self.rows(real, workers)
    }

    private static func rows(_ graphs: [Graph], _ workers: Int) throws -> [[[Double]]] {
        let each = try Parallel.map(graphs.count, workers: workers) { number in
            try GraphDescriptor.allCases.map { try $0.values(of: graphs[number].simple) }
        }
        return GraphDescriptor.allCases.indices.map { place in each.map { $0[place] } }
    }

    /// Degree, clustering, orbit and spectral discrepancy, in this order. Graphs without nodes are left out.
    ///
    /// - Throws: `GeneraError.usage` where one list is too short.
    package func callAsFunction(_ drawn: [Graph]) throws -> [Double] {
        let drawn = drawn.filter { !$0.nodes.isEmpty }
        guard drawn.count >= 2, real[0].count >= 2 else {
            throw GeneraError.usage(
                "Laws of graphs are compared by two graphs of each or more, not by \(drawn.count) and \(real[0].count)."
            )
        }
        let rows = try Self.rows(drawn, workers)
        return try GraphDescriptor.allCases.enumerated().map { place, descriptor in
            let own = kernel == .emd ? descriptor.kernel : descriptor.totalVariationKernel
            let parts = Parts(first: Array(drawn.indices), second: Array(real[place].indices))
            return try KernelSums<[Double]>(.biased) { own($0, $1) }.values(rows[place], real[place], over: [parts])[0]
        }
    }
}
