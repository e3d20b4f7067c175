import Genera

/// Denoising score matching for both networks (the paper's equation 5): each is to find the noise in its own part of the graph,
/// while it sees both parts noisy.
package struct ScoreMatching: Sendable {
    /// What a graph's loss is made of its numbers' squares.
    package enum Reduction: String, Sendable, CaseIterable {
        /// Half their sum.
        case sum
        /// Their mean over all N·F or N·N places, those of nodes that are not there too.
        case mean
        /// Half the sum of (score + z / std)² g(t)², which bounds the likelihood.
        case likelihood
    }

    package let sde: GDSSConfiguration.Pair<GraphSDE>
    package var reduction = Reduction.sum
    /// The earliest time.
    package var earliest: Float = 1e-5
    /// The most nodes, N, that a mean is taken over.
    package let padded: Int

    package init(_ sde: GDSSConfiguration.Pair<GraphSDE>, padded: Int) { (self.sde, self.padded) = (sde, padded) }

    /// Graphs with noise.
    package struct Noisy: Sendable {
        package let x: Tensor
        package let adjacency: Tensor
        package let mask: NodeMask
        package let zx: Tensor
        package let za: Tensor
        /// A time for each graph.
        package let times: [Float]
    }

    /// Adds noise.
    ///
    /// - Parameters:
    ///   - u: a number in 0..<1 for each graph, from which its time comes.
    ///   - nodeNoise: normal numbers `[B, n, F]`.
    ///   - edgeNoise: normal numbers `[B, n, n]`, of which those above the diagonal count.
    package func noisy(
        _ x: Tensor, _ adjacency: Tensor, _ mask: NodeMask, u: [Float], nodeNoise: Tensor, edgeNoise: Tensor
    ) -> Noisy {
        let times = u.map { $0 * (1 - earliest) + earliest }
        let zx = nodeNoise * mask.nodes
        let upper = edgeNoise * Tensor.upperTriangle(edgeNoise.shape[1], on: edgeNoise.device)
        let za = (upper + upper.transposed()) * mask.edges
        let (lawX, lawA) = (times.map(sde.x.marginal), times.map(sde.adj.marginal))
        return Noisy(
            x: (rows(lawX.map(\.mean)) * x + rows(lawX.map(\.deviation)) * zx) * mask.nodes,
            adjacency: (rows(lawA.map(\.mean)) * adjacency + rows(lawA.map(\.deviation)) * za) * mask.edges,
            mask: mask, zx: zx, za: za, times: times)
    }

    private func rows(_ values: [Float]) -> Tensor { Tensor(values, shape: [values.count, 1, 1]) }

    /// The loss of each graph `[B]`, for node features and for edges.
    package func losses(_ noisy: Noisy, x: any ScoreNetwork, adjacency: any ScoreNetwork) -> (
        x: Tensor, adjacency: Tensor
    ) {
        (
            loss(x(noisy.x, noisy.adjacency, noisy.mask), noisy.zx, sde.x, noisy.times, places: noisy.x.shape[2]),
            loss(adjacency(noisy.x, noisy.adjacency, noisy.mask), noisy.za, sde.adj, noisy.times, places: padded)
        )
    }

    private func loss(_ out: Tensor, _ z: Tensor, _ sde: GraphSDE, _ times: [Float], places: Int) -> Tensor {
        let deviation = rows(times.map { sde.marginal($0).deviation })
        let score = sde.kind == .ve ? out : -(out / deviation)
        switch reduction {
        case .sum: return (score * deviation + z).squared().sum(axes: [1, 2]) * 0.5
        case .mean:
            return (score * deviation + z).squared().sum(axes: [1, 2]) / Double(padded * places)
        case .likelihood:
            let g = Tensor(times.map { sde.coefficients($0).diffusion })
            return (score + z / deviation).squared().sum(axes: [1, 2]) * 0.5 * g.squared()
        }
    }
}

extension Tensor {
    /// Ones above the diagonal, `[n, n]`.
    package static func upperTriangle(_ n: Int, on device: Device = .cpu) -> Tensor {
        var values = [Float](repeating: 0, count: n * n)
        for i in 0..<n { for j in i + 1..<max(n, i + 1) { values[i * n + j] = 1 } }
        return Tensor(values, shape: [n, n], device: device)
    }
}
