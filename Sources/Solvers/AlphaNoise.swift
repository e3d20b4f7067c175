import Tensors

/// Another solver with noise added to its state before every step: x + alpha · sigma · z. The robustness experiment of
/// Xu et al. (2023, section 5.2). Meant for solvers that ask the model at the start of each step; UniPC keeps the guess of the
/// step before.
public struct AlphaNoise<Base: DenoisingSolver>: DenoisingSolver {
    /// The solver that is disturbed.
    public var base: Base
    /// The added noise's standard deviation as a multiple of the noise level.
    public var alpha: Double

    /// Disturbs a solver: before each step noise of `alpha` times the noise level is added.
    public init(_ base: Base, alpha: Double) { (self.base, self.alpha) = (base, alpha) }

    /// Adds noise, then does the base's step. The base's own draws keep their numbers; the added noise is draw 16.
    public func step(
        _ state: inout DenoisingState, index: Int, nodes: [Double], noise: (Int) throws -> Tensor, denoise: Denoise
    ) throws {
        if alpha != 0 { state.x = state.x + (try noise(16)) * (alpha * base.spread(at: nodes[index])) }
        try base.step(&state, index: index, nodes: nodes, noise: noise, denoise: denoise)
    }

    /// As many as the base's.
    public func evaluations(index: Int, nodes: [Double]) -> Int { base.evaluations(index: index, nodes: nodes) }

    /// As the base says.
    public var nodesAreLevels: Bool { base.nodesAreLevels }

    /// As the base says.
    public func level(of node: Double) -> Double { base.level(of: node) }

    /// As the base says.
    public func spread(at node: Double) -> Double { base.spread(at: node) }

    /// Unless `alpha` is 0 and the base adds none.
    public var addsNoise: Bool { alpha != 0 || base.addsNoise }
}
