import Platform
import Tensors

/// Noise was needed where none was given.
public struct NoiseMissing: KindedError, Sendable {
    /// The step that asked for it.
    public let step: Int

    /// Says in which step noise was missing, from 0.
    public init(step: Int) { self.step = step }

    /// A mistake of the program.
    public var kind: FailureKind { .software }

    /// One sentence.
    public var description: String { "The solver adds noise in step \(step), and no noise was given." }
}

extension DenoisingSolver {
    /// Carries `x` along all nodes, one step after the other.
    ///
    ///     let clean = try UniPC(order: 2, variant: .bh2).solve(prior, along: NoiseLevels.rho(9, low: 0.002, high: 80) + [0]) { x, sigma in
    ///         try denoiser(x, sigma: sigma)
    ///     }
    ///
    /// - Parameters:
    ///   - nodes: falling; the last may be 0.
    ///   - noise: standard normal numbers shaped like `x`, for a step and the number of a draw within it; without it a solver that adds
    ///     noise throws `NoiseMissing`.
    ///   - after: told the state after each step.
    ///   - denoise: the model.
    /// - Returns: `x` at the last node.
    /// - Throws: what the model, the noise or `after` throws.
    public func solve(
        _ x: Tensor, along nodes: [Double],
        noise: (_ step: Int, _ draw: Int) throws -> Tensor = { step, _ in throw NoiseMissing(step: step) },
        after: (_ step: Int, _ state: DenoisingState) throws -> Void = { _, _ in }, denoise: Denoise
    ) throws -> Tensor {
        var state = DenoisingState(x: x)
        try carry(&state, over: 0..<max(0, nodes.count - 1), along: nodes, noise: noise, after: after, denoise: denoise)
        return state.x
    }

    /// Carries a state over some of the steps between `nodes`; see `solve`.
    ///
    /// - Throws: what the model, the noise or `after` throws.
    public func carry(
        _ state: inout DenoisingState, over steps: Range<Int>, along nodes: [Double],
        noise: (_ step: Int, _ draw: Int) throws -> Tensor = { step, _ in throw NoiseMissing(step: step) },
        after: (_ step: Int, _ state: DenoisingState) throws -> Void = { _, _ in }, denoise: Denoise
    ) throws {
        for index in steps {
            try step(&state, index: index, nodes: nodes, noise: { try noise(index, $0) }, denoise: denoise)
            try after(index, state)
        }
    }
}
