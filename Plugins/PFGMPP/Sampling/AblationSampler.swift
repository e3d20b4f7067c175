import Foundation
import Genera

/// The generalised sampler of Karras et al. (2022), algorithm 3: any choice of discretisation, noise schedule and scaling of
/// the earlier methods, with Euler's or a second-order method.
public struct AblationSampler: Sendable {
    /// How the noise levels are spaced.
    public enum Discretization: String, Sendable, CaseIterable { case vp, ve, iddpm, edm }
    /// sigma(t).
    public enum Schedule: String, Sendable, CaseIterable { case vp, ve, linear }
    /// s(t).
    public enum Scaling: String, Sendable, CaseIterable { case vp, none }
    /// Euler's method, or the second-order family with parameter `alpha`.
    public enum Solver: String, Sendable, CaseIterable { case euler, heun }

    /// Numbers of the discretisations, with the reference's defaults.
    public struct Constants: Sendable, Equatable {
        /// epsilon_s, the time of the lowest level of `vp`.
        public var epsilon = 1e-3
        /// C_1 of `iddpm`, the least ratio of neighbouring products.
        public var c1 = 0.001
        /// C_2 of `iddpm`, the offset of its cosine.
        public var c2 = 0.008
        /// M, the number of levels that `iddpm` chooses from.
        public var levels = 1000

        /// The reference's.
        public init() {}
    }

    let solver: Solver
    let schedule: Schedule
    let scaling: Scaling
    let alpha: Double
    let churn: Churn
    /// Slope and offset of the variance-preserving schedule through the bounds.
    private let vp: (slope: Double, offset: Double)
    /// Times of the steps, ending with 0.
    public let times: [Double]

    /// Makes the sampler.
    ///
    /// - Parameters:
    ///   - range: bounds of sigma; where nil, those that belong to the discretisation.
    ///   - limits: the noise levels that the model accepts.
    ///   - alpha: 1 is Heun's method, 1/2 the midpoint method.
    /// - Throws: `GeneraError.usage` where no such discretisation or schedule goes through the bounds.
    public init(
        steps: Int, solver: Solver = .heun, discretization: Discretization = .edm, schedule: Schedule = .linear,
        scaling: Scaling = .none, alpha: Double = 1, churn: Churn = Churn(), low: Double? = nil, high: Double? = nil,
        limits: ClosedRange<Double> = 0...Double.infinity, rho: Double = 7, constants: Constants = Constants()
    ) throws {
        let epsilon = constants.epsilon
        (self.solver, self.schedule, self.scaling, self.alpha, self.churn) = (solver, schedule, scaling, alpha, churn)
        func original(_ t: Double) -> Double { expm1(0.5 * 19.1 * t * t + 0.1 * t).squareRoot() }
        let bounds: (low: Double, high: Double) =
            switch discretization {
            case .vp: (original(epsilon), original(1))
            case .ve: (0.02, 100)
            case .iddpm: (0.002, 81)
            case .edm: (0.002, 80)
            }
        let (smin, smax) = (max(low ?? bounds.low, limits.lowerBound), min(high ?? bounds.high, limits.upperBound))
        let slope = 2 * (log1p(smin * smin) / epsilon - log1p(smax * smax)) / (epsilon - 1)
        vp = (slope, log1p(smax * smax) - 0.5 * slope)
        let fractions = (0..<steps).map { Double($0) / Double(max(1, steps - 1)) }
        let sigmas: [Double]
        switch discretization {
        case .vp: sigmas = NoiseLevels.variancePreserving(steps, low: smin, high: smax, epsilon: epsilon)
        case .ve: sigmas = fractions.map { (smax * smax * pow(smin * smin / (smax * smax), $0)).squareRoot() }
        case .iddpm:
            let all = Self.iddpmLevels(constants.levels, c1: constants.c1, c2: constants.c2).filter {
                smin <= $0 && $0 <= smax
            }
            guard !all.isEmpty else {
                throw GeneraError.usage("The iddpm discretisation has no noise level from \(smin) to \(smax).")
            }
            sigmas = fractions.map { all[Int((Double(all.count - 1) * $0).rounded(.toNearestOrEven))] }
        case .edm: sigmas = NoiseLevels.rho(steps, low: smin, high: smax, rho: rho)
        }
        var times: [Double] = []
        for sigma in sigmas { times.append(Self.time(of: sigma, schedule, slope: slope, offset: vp.offset)) }
        self.times = times + [0]
        // More iDDPM steps than there are levels repeat some, which does no harm.
        guard zip(self.times, self.times.dropFirst()).allSatisfy({ $0.isFinite && $0 >= $1 }) else {
            throw GeneraError.usage(
                "No \(discretization.rawValue) discretisation with the \(schedule.rawValue) schedule goes from sigma "
                    + "\(smax) to \(smin): give another --sigma-min or --sigma-max.")
        }
    }

    private static func iddpmLevels(_ count: Int, c1: Double, c2: Double) -> [Double] {
        func abar(_ j: Int) -> Double { pow(sin(0.5 * .pi * Double(j) / Double(count) / (c2 + 1)), 2) }
        var u = [Double](repeating: 0, count: count + 1)
        for j in stride(from: count, to: 0, by: -1) {
            u[j - 1] = ((u[j] * u[j] + 1) / max(abar(j - 1) / abar(j), c1) - 1).squareRoot()
        }
        return u
    }

    private static func time(of sigma: Double, _ schedule: Schedule, slope: Double, offset: Double) -> Double {
        switch schedule {
        case .vp: ((offset * offset + 2 * slope * log1p(sigma * sigma)).squareRoot() - offset) / slope
        case .ve: sigma * sigma
        case .linear: sigma
        }
    }

    private func sigma(_ t: Double) -> Double {
        switch schedule {
        case .vp: expm1(0.5 * vp.slope * t * t + vp.offset * t).squareRoot()
        case .ve: t.squareRoot()
        case .linear: t
        }
    }

    private func sigmaSlope(_ t: Double) -> Double {
        switch schedule {
        case .vp: 0.5 * (vp.offset + vp.slope * t) * (sigma(t) + 1 / sigma(t))
        case .ve: 0.5 / t.squareRoot()
        case .linear: 1
        }
    }

    private func scale(_ t: Double) -> Double { scaling == .vp ? 1 / (1 + sigma(t) * sigma(t)).squareRoot() : 1 }

    private func scaleSlope(_ t: Double) -> Double {
        scaling == .vp ? -sigma(t) * sigmaSlope(t) * pow(scale(t), 3) : 0
    }

    /// By what unit-normal latents are multiplied at the start.
    public var startScale: Double { sigma(times[0]) * scale(times[0]) }

    /// The number of steps, the one to 0 included.
    public var stepCount: Int { times.count - 1 }

    /// How often a step asks the model.
    public func evaluations(index: Int) -> Int { solver == .heun && index < stepCount - 1 ? 2 : 1 }

    /// The noise level at the beginning of a step, or 0 at the end.
    public func level(_ index: Int) -> Double { sigma(times[index]) }

    /// Carries `x` over step `index`.
    ///
    /// - Parameter noise: standard normal numbers shaped like `x`, asked for only where noise is added.
    /// - Throws: what the model throws.
    public func step(_ x: Tensor, index: Int, noise: () throws -> Tensor, denoise: Denoise) throws -> Tensor {
        let (t, next) = (times[index], times[index + 1])
        let gamma = churn.gamma(sigma(t), steps: times.count - 1)
        let raised = gamma > 0 ? Self.time(of: sigma(t) * (1 + gamma), schedule, slope: vp.slope, offset: vp.offset) : t
        var x = x * (scale(raised) / scale(t))
        if gamma > 0 {
            let added = max(0, sigma(raised) * sigma(raised) - sigma(t) * sigma(t)).squareRoot()
            x = x + (try noise()) * (added * scale(raised) * churn.inflation)
        }
        let h = next - raised
        let slope = try self.slope(x, raised, denoise)
        guard solver == .heun, index < times.count - 2 else { return x + slope * h }
        let middle = raised + alpha * h
        let other = try self.slope(x + slope * (alpha * h), middle, denoise)
        return x + (slope * (1 - 1 / (2 * alpha)) + other * (1 / (2 * alpha))) * h
    }

    private func slope(_ x: Tensor, _ t: Double, _ denoise: Denoise) throws -> Tensor {
        let (sigma, s) = (sigma(t), scale(t))
        let denoised = try denoise(x * (1 / s), sigma)
        return x * (sigmaSlope(t) / sigma + scaleSlope(t) / s) - denoised * (sigmaSlope(t) * s / sigma)
    }
}
