/// The coefficients of an explicit Runge-Kutta method:
///
///     k_i = v(x + h·Σ_j a_ij·k_j, t + c_i·h),    x' = x + h·Σ_i b_i·k_i
public struct ButcherTableau: Sendable, Equatable {
    /// c_i: at which part of the step a stage is evaluated.
    public let nodes: [Double]
    /// a_ij for j < i; row i has i numbers.
    public let stages: [[Double]]
    /// b_i: how much of a stage's slope the step takes.
    public let weights: [Double]
    /// The order of the method.
    public let order: Int

    /// Makes a tableau.
    ///
    /// - Precondition: there are as many rows of stages and weights as nodes, and row i has i numbers.
    public init(nodes: [Double], stages: [[Double]], weights: [Double], order: Int) {
        precondition(nodes.count == stages.count && nodes.count == weights.count && !nodes.isEmpty)
        precondition(stages.enumerated().allSatisfy { $0.offset == $0.element.count }, "row i has i numbers")
        (self.nodes, self.stages, self.weights, self.order) = (nodes, stages, weights, order)
    }

    /// Whether the last stage is evaluated at the end of the step, so that it serves as the next step's first.
    public var endsAtNext: Bool { nodes.last == 1 && weights.last == 0 && stages.last == Array(weights.dropLast()) }
}

extension ButcherTableau {
    /// Euler's method, order 1.
    public static let euler = ButcherTableau(nodes: [0], stages: [[]], weights: [1], order: 1)

    /// The explicit midpoint method, order 2.
    public static let midpoint = heun(alpha: 0.5)

    /// The methods of order 2 with two stages, the second at `alpha` of the step: 1 is Heun's, 1/2 the midpoint method, 2/3
    /// Ralston's.
    public static func heun(alpha: Double = 1) -> ButcherTableau {
        ButcherTableau(
            nodes: [0, alpha], stages: [[], [alpha]], weights: [1 - 1 / (2 * alpha), 1 / (2 * alpha)], order: 2)
    }

    /// The classic method of Runge and Kutta, order 4, weights 1/6, 1/3, 1/3, 1/6.
    public static let rk4 = ButcherTableau(
        nodes: [0, 0.5, 0.5, 1], stages: [[], [0.5], [0, 0.5], [0, 0, 1]],
        weights: [1.0 / 6, 1.0 / 3, 1.0 / 3, 1.0 / 6],
        order: 4)

    /// Kutta's 3/8 rule, order 4, weights 1/8, 3/8, 3/8, 1/8.
    public static let rk4ThreeEighths = ButcherTableau(
        nodes: [0, 1.0 / 3, 2.0 / 3, 1], stages: [[], [1.0 / 3], [-1.0 / 3, 1], [1, -1, 1]],
        weights: [0.125, 0.375, 0.375, 0.125], order: 4)

    /// What torchdyn 1.0.6 calls `rk4`: the classic method with its stages evaluated at the times of the stages before
    /// them. Of order 1 where the velocity depends on time; for numbers that were made with it.
    public static let rk4Torchdyn = ButcherTableau(
        nodes: [0, 0, 0.5, 0.5], stages: rk4.stages, weights: rk4.weights, order: 1)
}
