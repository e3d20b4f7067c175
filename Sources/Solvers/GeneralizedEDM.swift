import Tensors

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The generalised sampler of Karras et al. (2022), algorithm 3: any noise schedule and scaling of the earlier methods, with Euler's or a
/// second-order method. It solves
///
///     dx/dt = (sigma'/sigma + s'/s) x - (sigma' s / sigma) D(x / s; sigma)
///
/// for x = s(t) (data + sigma(t) noise), so that its nodes are times t and not noise levels; `times` makes them.
public struct GeneralizedEDM: DenoisingSolver {
    /// The noise level as a function of time, sigma(t).
    public enum Schedule: Sendable, Equatable {
        /// sqrt(exp(slope t²/2 + offset t) - 1), the variance-preserving diffusion's.
        case vp(slope: Double, offset: Double)
        /// sqrt(t), the variance-exploding diffusion's.
        case ve
        /// sigma(t) = t, as in EDM: time is the noise level.
        case linear
    }

    /// The factor s(t) by which the state is smaller than data plus noise.
    public enum Scaling: String, Sendable, CaseIterable {
        /// 1 / sqrt(1 + sigma²), which preserves the variance of data of variance 1.
        case vp
        /// s(t) = 1: the state is data plus noise.
        case none
    }

    /// How a step is made.
    public enum Method: Sendable, Equatable {
        /// Euler's method.
        case euler
        /// The second-order family whose second evaluation is a part `alpha` of the step on: 1 is Heun's method, 1/2 the midpoint method.
        case secondOrder(alpha: Double)
    }

    /// How a step is made: of first order, or of second with the second slope at a part `alpha` of the step.
    public var method: Method
    /// The noise level as a function of time, sigma(t).
    public var schedule: Schedule
    /// The factor s(t) of the state.
    public var scaling: Scaling
    /// The noise added before each step.
    public var churn: Churn

    /// Makes the solver.
    public init(
        _ method: Method = .secondOrder(alpha: 1), schedule: Schedule = .linear, scaling: Scaling = .none,
        churn: Churn = Churn()
    ) {
        (self.method, self.schedule, self.scaling, self.churn) = (method, schedule, scaling, churn)
    }

    /// One step of the method from `nodes[index]` to `nodes[index + 1]`, times; the step to 0 has first order.
    public func step(
        _ state: inout DenoisingState, index: Int, nodes: [Double], noise: (Int) throws -> Tensor, denoise: Denoise
    ) throws {
        let (t, next) = (nodes[index], nodes[index + 1])
        let low = schedule.sigma(t)
        let level = churn.raised(low, steps: nodes.count - 1)
        let raised = level > low ? schedule.time(of: level) : t
        var x = state.x * (scale(raised) / scale(t))
        if level > low {
            let high = schedule.sigma(raised)
            x = x + (try noise(0)) * (max(0, high * high - low * low).squareRoot() * scale(raised) * churn.inflation)
        }
        let h = next - raised
        let slope = try self.slope(x, raised, denoise)
        guard case let .secondOrder(alpha) = method, index < nodes.count - 2 else {
            state.x = x + slope * h
            return
        }
        let other = try self.slope(x + slope * (alpha * h), raised + alpha * h, denoise)
        state.x = x + (slope * (1 - 1 / (2 * alpha)) + other * (1 / (2 * alpha))) * h
    }

    private func slope(_ x: Tensor, _ t: Double, _ denoise: Denoise) throws -> Tensor {
        let (sigma, slope, s) = (schedule.sigma(t), schedule.slope(t), scale(t))
        let denoised = try denoise(x * (1 / s), sigma)
        return x * (slope / sigma + scaleSlope(t) / s) - denoised * (slope * s / sigma)
    }

    private func scale(_ t: Double) -> Double {
        let sigma = schedule.sigma(t)
        return scaling == .vp ? 1 / (1 + sigma * sigma).squareRoot() : 1
    }

    private func scaleSlope(_ t: Double) -> Double {
        scaling == .vp ? -schedule.sigma(t) * schedule.slope(t) * pow(scale(t), 3) : 0
    }

    /// Two, or one for the last step and for Euler's method.
    public func evaluations(index: Int, nodes: [Double]) -> Int {
        method != .euler && index < nodes.count - 2 ? 2 : 1
    }

    /// Whether there is churn.
    public var addsNoise: Bool { churn.amount > 0 }

    /// False: they are times.
    public var nodesAreLevels: Bool { false }

    /// sigma(t) at the time `node`.
    public func level(of node: Double) -> Double { schedule.sigma(node) }

    /// sigma(t) s(t) at the time `node`.
    public func spread(at node: Double) -> Double { schedule.sigma(node) * scale(node) }
}

extension GeneralizedEDM.Schedule {
    /// The variance-preserving schedule that has the level `low` at the time `epsilon` and `high` at the time 1.
    public static func vp(low: Double, high: Double, epsilon: Double = 1e-3) -> Self {
        let slope = 2 * (log1p(low * low) / epsilon - log1p(high * high)) / (epsilon - 1)
        return .vp(slope: slope, offset: log1p(high * high) - 0.5 * slope)
    }

    /// The time of a level.
    public func time(of sigma: Double) -> Double {
        switch self {
        case let .vp(slope, offset):
            ((offset * offset + 2 * slope * log1p(sigma * sigma)).squareRoot() - offset) / slope
        case .ve: sigma * sigma
        case .linear: sigma
        }
    }

    /// The level at a time.
    public func sigma(_ t: Double) -> Double {
        switch self {
        case let .vp(slope, offset): expm1(0.5 * slope * t * t + offset * t).squareRoot()
        case .ve: t.squareRoot()
        case .linear: t
        }
    }

    /// dsigma/dt at the time `t`.
    public func slope(_ t: Double) -> Double {
        switch self {
        case let .vp(slope, offset): 0.5 * (offset + slope * t) * (sigma(t) + 1 / sigma(t))
        case .ve: 0.5 / t.squareRoot()
        case .linear: 1
        }
    }
}
