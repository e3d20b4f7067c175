import Tensors

/// Euler's method (which for these equations is DDIM): first order, one evaluation a step.
public struct Euler: DenoisingSolver {
    /// The first-order method, which has no choices: one evaluation a step, no noise.
    public init() {}

    /// One step of the explicit Euler method.
    public func step(
        _ state: inout DenoisingState, index: Int, nodes: [Double], noise: (Int) throws -> Tensor, denoise: Denoise
    ) throws {
        let (sigma, next) = (nodes[index], nodes[index + 1])
        let denoised = try denoise(state.x, sigma)
        state.x = denoised + (state.x - denoised) * (next / sigma)
    }
}

/// Added noise before each step, as in algorithm 2 of Karras et al. (2022).
public struct Churn: Sendable, Equatable {
    /// Total amount, shared among the steps.
    public var amount: Double
    /// The lowest noise level at which noise is added.
    public var minimum: Double
    /// The highest noise level at which noise is added.
    public var maximum: Double
    /// Standard deviation of the added noise; a little over 1 makes up for detail lost.
    public var inflation: Double
    /// The levels that the model knows, to the nearest of which noise raises the state; nil if it knows all.
    public var known: KnownLevels?

    /// Describes the churn; by default there is none.
    public init(amount: Double = 0, minimum: Double = 0, maximum: Double = .infinity, inflation: Double = 1) {
        (self.amount, self.minimum, self.maximum, self.inflation) = (amount, minimum, maximum, inflation)
    }

    /// By which factor the noise level grows at a node, minus one.
    public func gamma(_ sigma: Double, steps: Int) -> Double {
        guard amount > 0, (minimum...maximum).contains(sigma) else { return 0 }
        return min(amount / Double(steps), 2.0.squareRoot() - 1)
    }

    /// The level to which noise raises the state at a node: one that the model knows.
    public func raised(_ sigma: Double, steps: Int) -> Double {
        let gamma = gamma(sigma, steps: steps)
        guard gamma > 0 else { return sigma }
        let raised = sigma * (1 + gamma)
        return known?.nearest(to: raised) ?? raised
    }
}

/// Heun's method with optional churn, the sampler of Karras et al. (2022), algorithms 1 and 2: second order, two evaluations a
/// step and one for the step to 0.
public struct Heun: DenoisingSolver {
    /// The noise added before each step.
    public var churn: Churn

    /// The second-order method, with noise added before each step as `churn` says; none unless stated.
    public init(churn: Churn = Churn()) { self.churn = churn }

    /// One predictor and, unless the step ends at 0, one corrector.
    public func step(
        _ state: inout DenoisingState, index: Int, nodes: [Double], noise: (Int) throws -> Tensor, denoise: Denoise
    ) throws {
        let (sigma, next) = (nodes[index], nodes[index + 1])
        let steps = nodes.last == 0 ? nodes.count - 1 : nodes.count
        let raised = churn.raised(sigma, steps: steps)
        var x = state.x
        if raised > sigma {
            x = x + (try noise(0)) * ((raised * raised - sigma * sigma).squareRoot() * churn.inflation)
        }
        let slope = (x - (try denoise(x, raised))) / raised
        let guess = x + slope * (next - raised)
        guard next > 0 else {
            state.x = guess
            return
        }
        let corrected = (guess - (try denoise(guess, next))) / next
        state.x = x + (slope + corrected) * ((next - raised) / 2)
    }

    /// Two, or one for the step to 0.
    public func evaluations(index: Int, nodes: [Double]) -> Int { nodes[index + 1] > 0 ? 2 : 1 }

    /// Whether there is churn.
    public var addsNoise: Bool { churn.amount > 0 }
}

/// Euler steps that overshoot and put noise back ("ancestral" sampling). `eta` 0 is Euler's method.
public struct AncestralEuler: DenoisingSolver {
    /// How much of the variance is replaced by fresh noise, 0 to 1.
    public var eta: Double

    /// The method with the part `eta` of the variance, 0 to 1, replaced by fresh noise in each step; all of it unless
    /// stated.
    public init(eta: Double = 1) { self.eta = eta }

    /// Down to a lower level, and up again with noise.
    public func step(
        _ state: inout DenoisingState, index: Int, nodes: [Double], noise: (Int) throws -> Tensor, denoise: Denoise
    ) throws {
        let (sigma, next) = (nodes[index], nodes[index + 1])
        let denoised = try denoise(state.x, sigma)
        let variance = next * next * (sigma * sigma - next * next) / (sigma * sigma)
        let up = min(next, eta * variance.squareRoot())
        let down = max(0, next * next - up * up).squareRoot()
        state.x = denoised + (state.x - denoised) * (down / sigma)
        if up > 0 { state.x = state.x + (try noise(0)) * up }
    }

    /// Unless `eta` is 0.
    public var addsNoise: Bool { eta > 0 }

    /// sigma^-2 for `eta` 1: in x / sigma² the noise of a step has the variance next^-2 - sigma^-2. Other noise is no motion.
    public func clock(_ sigma: Double) -> Double? { eta == 1 ? 1 / (sigma * sigma) : nil }
}
