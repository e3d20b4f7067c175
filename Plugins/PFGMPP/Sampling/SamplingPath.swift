import Genera

/// The way from noise to data: a solver and the nodes that it goes along, the last of them 0.
struct SamplingPath: Sendable {
    let solver: any DenoisingSolver
    let nodes: [Double]

    var stepCount: Int { nodes.count - 1 }

    /// By what a draw of scale 1 is multiplied at the start.
    var startScale: Double { solver.spread(at: nodes[0]) }

    /// The levels, or nothing where the nodes are others.
    var grid: [Double] { solver.nodesAreLevels ? nodes : [] }

    func evaluations(step: Int) -> Int { solver.evaluations(index: step, nodes: nodes) }

    func describe(step: Int) -> String {
        "sigma \(solver.level(of: nodes[step])) to \(solver.level(of: nodes[step + 1]))"
    }

    /// The same solver along other levels.
    func along(_ grid: [Double]) throws -> SamplingPath {
        guard solver.nodesAreLevels else {
            throw GeneraError.usage("The generalised sampler has no free noise levels: leave out --disc and --scaling.")
        }
        guard grid.first == nodes.first, zip(grid, grid.dropFirst()).allSatisfy({ $0 > $1 && $1 >= 0 }) else {
            throw GeneraError.software("The noise levels \(grid) do not fall from \(nodes.first ?? 0).")
        }
        return SamplingPath(solver: solver, nodes: grid)
    }

    /// Heun's method along many levels between the same bounds.
    func reference(steps: Int) throws -> SamplingPath {
        guard solver.nodesAreLevels, let low = nodes.last(where: { $0 > 0 }), let high = nodes.first
        else { return try along([]) }
        guard !solver.addsNoise else {
            throw GeneraError.usage(
                "A sampler that adds noise has no single end to compare with: choose a solver without noise.")
        }
        return SamplingPath(solver: Heun(), nodes: NoiseLevels.rho(max(steps, 2), low: low, high: high) + [0])
    }
}

/// A sampler that follows a path and leaves its schedule to it.
protocol PathSampler: ScheduledSampler {
    /// The way from noise to data.
    var path: SamplingPath { get set }
}

extension PathSampler {
    var stepCount: Int { path.stepCount }
    var grid: [Double] { path.grid }

    func describe(step: Int) -> String? { path.describe(step: step) }

    func along(_ grid: [Double]) throws -> Self {
        var other = self
        other.path = try path.along(grid)
        return other
    }

    func reference(steps: Int) throws -> Self {
        var other = self
        other.path = try path.reference(steps: steps)
        return other
    }
}
