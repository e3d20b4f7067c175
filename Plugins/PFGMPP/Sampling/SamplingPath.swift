import Genera

/// The way from noise to data: a solver along noise levels, or the generalised sampler along its times.
enum SamplingPath: Sendable {
    /// A solver, and the levels with the final 0.
    case levels(any DenoisingSolver, [Double])
    /// The generalised sampler of Karras et al. (2022).
    case ablation(AblationSampler)

    var stepCount: Int {
        switch self {
        case let .levels(_, nodes): nodes.count - 1
        case let .ablation(sampler): sampler.stepCount
        }
    }

    /// By what a draw of scale 1 is multiplied at the start.
    var startScale: Double {
        switch self {
        case let .levels(_, nodes): nodes[0]
        case let .ablation(sampler): sampler.startScale
        }
    }

    /// The levels, or nothing where they are not free.
    var grid: [Double] {
        if case let .levels(_, nodes) = self { return nodes }
        return []
    }

    func evaluations(step: Int) -> Int {
        switch self {
        case let .levels(solver, nodes): solver.evaluations(index: step, nodes: nodes)
        case let .ablation(sampler): sampler.evaluations(index: step)
        }
    }

    func describe(step: Int) -> String {
        switch self {
        case let .levels(_, nodes): "sigma \(nodes[step]) to \(nodes[step + 1])"
        case let .ablation(sampler): "sigma \(sampler.level(step)) to \(sampler.level(step + 1))"
        }
    }

    /// Carries the state over a step.
    func advance(
        _ state: inout DenoisingState, step: Int, noise: (Int) throws -> Tensor, denoise: Denoise
    ) throws {
        switch self {
        case let .levels(solver, nodes):
            try solver.step(&state, index: step, nodes: nodes, noise: noise, denoise: denoise)
        case let .ablation(sampler):
            state.x = try sampler.step(state.x, index: step, noise: { try noise(0) }, denoise: denoise)
        }
    }

    /// The same solver along other levels.
    func along(_ grid: [Double]) throws -> SamplingPath {
        guard case let .levels(solver, nodes) = self else {
            throw GeneraError.usage("The generalised sampler has no free noise levels: leave out --disc and --scaling.")
        }
        guard grid.first == nodes.first, zip(grid, grid.dropFirst()).allSatisfy({ $0 > $1 && $1 >= 0 }) else {
            throw GeneraError.software("The noise levels \(grid) do not fall from \(nodes.first ?? 0).")
        }
        return .levels(solver, grid)
    }

    /// Heun's method along many levels between the same bounds.
    func reference(steps: Int) throws -> SamplingPath {
        guard case let .levels(solver, nodes) = self, let low = nodes.last(where: { $0 > 0 }), let high = nodes.first
        else { return try along([]) }
        guard !solver.addsNoise else {
            throw GeneraError.usage(
                "A sampler that adds noise has no single end to compare with: choose a solver without noise.")
        }
        return .levels(Heun(), NoiseLevels.rho(max(steps, 2), low: low, high: high) + [0])
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
