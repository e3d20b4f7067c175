import Tensors

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// DPM-Solver++ in its multistep forms (Lu et al., 2022): one evaluation a step, in the variable lambda = -ln sigma.
public struct DPMSolverPP: DenoisingSolver {
    /// Which multistep formula.
    public enum Form: Sendable {
        /// Second order, two guesses.
        case secondOrder
        /// Three guesses in the form that is commonly published, which is second-order accurate.
        case thirdOrderPublished
        /// Three guesses with the coefficients that make it third-order accurate.
        case thirdOrderConsistent
    }

    /// The multistep formula: how many guesses it looks back on, and how it weighs them.
    public let form: Form

    /// A solver without noise, by one of the formulas.
    public init(_ form: Form) { self.form = form }

    /// One multistep update; the first steps, which have no history, are of lower order.
    public func step(
        _ state: inout DenoisingState, index: Int, nodes: [Double], noise: (Int) throws -> Tensor, denoise: Denoise
    ) throws {
        guard let start = try state.beginMultistep(index, nodes, denoise) else { return }
        let (sigma, m, h) = (start.sigma, start.guess, start.h)
        let base = state.x * exp(-h) + m * -expm1(-h)
        let past = state.guesses
        guard past.count > 1 else {
            state.x = base
            return
        }
        let r0 = log(past[1].sigma / sigma) / h
        let first = (m - past[1].denoised) / r0
        if form == .secondOrder {
            state.x = base + first * (-expm1(-h) / 2)
            return
        }
        let phi2 = expm1(-h) / h + 1
        guard past.count > 2 else {
            state.x = base + first * phi2
            return
        }
        let phi3 = phi2 / h - 0.5
        let r1 = log(past[2].sigma / past[1].sigma) / h
        let second = (past[1].denoised - past[2].denoised) / r1
        let d1 = first + (first - second) * (r0 / (r0 + r1))
        let d2 = (first - second) / (r0 + r1)
        state.x = base + d1 * phi2 - d2 * (phi3 * (form == .thirdOrderConsistent ? 2 : 1))
    }
}

/// DPM-Solver++ (2M) with noise put back in, "DPM++ 2M SDE". `eta` 0 is DPM-Solver++ (2M). Gaussian noise is exact only for
/// D = infinity.
public struct DPMSolverPPSDE: DenoisingSolver {
    /// How much noise is put back, 0 to 1.
    public var eta: Double
    /// Standard deviation of that noise.
    public var inflation: Double

    /// The method with the part `eta` of the noise, 0 to 1, put back in each step, of standard deviation `inflation`.
    public init(eta: Double = 1, inflation: Double = 1) { (self.eta, self.inflation) = (eta, inflation) }

    /// One stochastic multistep update.
    public func step(
        _ state: inout DenoisingState, index: Int, nodes: [Double], noise: (Int) throws -> Tensor, denoise: Denoise
    ) throws {
        guard let start = try state.beginMultistep(index, nodes, denoise) else { return }
        let (sigma, m, h) = (start.sigma, start.guess, start.h)
        let q = -expm1(-(1 + eta) * h)
        var x = state.x * exp(-h * (1 + eta)) + m * q
        if state.guesses.count > 1 {
            let r = log(state.guesses[1].sigma / sigma) / h
            x = x + (m - state.guesses[1].denoised) * (q / (2 * r))
        }
        let spread = start.next * (-expm1(-2 * eta * h)).squareRoot() * inflation
        state.x = spread > 0 ? x + (try noise(0)) * spread : x
    }

    /// Unless `eta` is 0.
    public var addsNoise: Bool { eta > 0 }

    /// sigma^(-2 eta): in x / sigma^(1 + eta) the noise of a step has the variance next^(-2 eta) - sigma^(-2 eta).
    public func clock(_ sigma: Double) -> Double? { eta > 0 ? pow(sigma, -2 * eta) : nil }
}
