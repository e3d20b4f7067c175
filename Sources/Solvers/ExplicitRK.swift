import Tensors

/// An explicit Runge-Kutta method of fixed steps: each step goes all the way to the time that is asked for.
///
///     let grid = (0...20).map { Double($0) / 20 }
///     let solution = try ExplicitRK.rk4.solve([x], at: grid) { x, t in [model(x[0], t)] }
///
/// Rows of a batch do not touch each other, so a sample's solution does not depend on what is solved beside it.
public struct ExplicitRK: ODESolver, Equatable {
    /// The method's coefficients: nodes, weights, and how slopes enter those after them.
    public let tableau: ButcherTableau

    /// A method of some coefficients.
    public init(_ tableau: ButcherTableau) { self.tableau = tableau }

    /// Euler's method, order 1.
    public static let euler = ExplicitRK(.euler)
    /// The midpoint method, order 2.
    public static let midpoint = ExplicitRK(.midpoint)
    /// The classic method of order 4.
    public static let rk4 = ExplicitRK(.rk4)
    /// The 3/8 rule of order 4.
    public static let rk4ThreeEighths = ExplicitRK(.rk4ThreeEighths)
    /// torchdyn's `rk4`, see `ButcherTableau.rk4Torchdyn`.
    public static let rk4Torchdyn = ExplicitRK(.rk4Torchdyn)
    /// The family of Heun's method, order 2, see `ButcherTableau.heun`.
    public static func heun(alpha: Double = 1) -> ExplicitRK { ExplicitRK(.heun(alpha: alpha)) }

    /// The order: the error of a whole way shrinks with this power of the step.
    public var order: Int { tableau.order }

    /// How often a step asks for the velocity; one time less where the step before gave its first slope.
    public var stageCount: Int { tableau.nodes.count }

    /// One step from `state.t` to `end`.
    public func step(_ state: inout ODEState, until end: Double, _ velocity: Velocity) throws {
        let h = end - state.t
        guard h != 0 else { return }
        let slopes = try tableau.slopes(&state, h, velocity)
        state.x = combined(state.x, h, tableau.weights, slopes)
        state.t = end
        if tableau.endsAtNext { state.slope = slopes.last }
    }
}

extension ButcherTableau {
    /// The slopes k_i of a step of (signed) length `h`; the first is the state's own if it is known.
    func slopes(_ state: inout ODEState, _ h: Double, _ velocity: Velocity) throws -> [[Tensor]] {
        var slopes = [try state.currentSlope(velocity)]
        for stage in 1..<max(nodes.count, 1) {
            let x = combined(state.x, h, stages[stage], slopes)
            slopes.append(try state.ask(velocity, x, state.t + nodes[stage] * h))
        }
        return slopes
    }
}

/// x + h·Σ weight·slope for each tensor. One slope with a weight is scaled once, several are added up before they are.
func combined(_ x: [Tensor], _ h: Double, _ weights: [Double], _ slopes: [[Tensor]]) -> [Tensor] {
    let terms = zip(weights, slopes).filter { $0.0 != 0 }
    guard let first = terms.first else { return x }
    return x.indices.map { place in
        if terms.count == 1 { return x[place] + first.1[place] * (first.0 * h) }
        let sum = terms.dropFirst().reduce(first.1[place] * first.0) { $0 + $1.1[place] * $1.0 }
        return x[place] + sum * h
    }
}
