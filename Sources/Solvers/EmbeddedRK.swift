import Tensors

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A pair of explicit Runge-Kutta methods that chooses its steps by the difference between the two.
///
///     var solver = EmbeddedRK.dopri5
///     (solver.absolute, solver.relative) = (1e-4, 1e-4)
///     let end = try solver.solve([x], at: [0, 1]) { x, t in [model(x[0], t)] }.states[1]
///
/// A step is tried until the error's norm is at most 1; the next length is `h·min(10, max(0.9·r^(-1/p), low))` for an error
/// r and the order p, where `low` is 1 after a good step and 0.2 after a bad one (Hairer, Nørsett, Wanner, Solving Ordinary
/// Differential Equations I, section II.4). The first length is chosen as there, with one evaluation more.
///
/// All rows of a batch share their steps: put samples that must not depend on each other into states of their own.
public struct EmbeddedRK: ODESolver {
    /// The two methods that share evaluations: one goes on, their difference is the error.
    public let pair: EmbeddedPair
    /// The error tolerated where the solution is 0.
    public var absolute: Double
    /// The error tolerated beside that, as a part of the solution's size.
    public var relative: Double
    /// How errors become one number.
    public var norm = ErrorNorm.all
    /// How `solve` meets the times that are asked for.
    public var stops = Stops.interpolated
    /// The most steps that `solve` takes.
    public var maxSteps = 100_000

    /// How `solve` meets the times that are asked for.
    public enum Stops: Sendable {
        /// Steps are as long as they may be; values at times between are interpolated. The cheapest.
        case interpolated
        /// A step ends at each time, and the next is as long as was proposed before.
        case landed
        /// A step ends at each time as in torchdyn 1.0.6: the next length is what was left of the proposed one, times the
        /// usual factor. For numbers that were made with it.
        case torchdyn
    }

    /// A solver with some tolerances.
    public init(_ pair: EmbeddedPair, absolute: Double = 1e-5, relative: Double = 1e-5) {
        (self.pair, self.absolute, self.relative) = (pair, absolute, relative)
    }

    /// Bogacki and Shampine's, order 3(2), tolerances 1e-5.
    public static let bosh3 = EmbeddedRK(.bosh3)
    /// Dormand and Prince's, order 5(4), tolerances 1e-5.
    public static let dopri5 = EmbeddedRK(.dopri5)
    /// Tsitouras's, order 5(4), tolerances 1e-5.
    public static let tsit5 = EmbeddedRK(.tsit5)

    /// The order of the method that is followed.
    public var order: Int { pair.tableau.order }

    /// One good step towards `end`; those that were rejected on the way to it stay inside.
    public func step(_ state: inout ODEState, until end: Double, _ velocity: Velocity) throws {
        _ = try interpolatedStep(&state, until: end, velocity)
    }

    /// One good step, and the solution at the times during it.
    ///
    /// - Throws: as `step`: `ODEError.stepTooShort` where no step is short enough, `notFinite` for a slope that is not.
    public func interpolatedStep(_ state: inout ODEState, until end: Double, _ velocity: Velocity) throws -> Interpolant
    {
        while state.t != end {
            if let step = try attempt(&state, until: end, horizon: end, velocity) { return step }
        }
        return Interpolant(pair, from: end, state.x, to: end, state.x, [])
    }

    /// Tries one step of the length that the state proposes. Nil if its error is too large; then it proposes a shorter one.
    ///
    /// - Parameters:
    ///   - end: where the step ends at the latest.
    ///   - horizon: where the solution ends, at `end` or after it.
    private func attempt(_ state: inout ODEState, until end: Double, horizon: Double, _ velocity: Velocity) throws
        -> Interpolant?
    {
        let direction: Double = end > state.t ? 1 : -1
        let slope = try state.currentSlope(velocity)
        if state.h == 0 {
            state.h = try firstLength(&state, slope, direction, within: abs(horizon - state.t), velocity)
        }
        let proposed = min(state.h, abs(horizon - state.t))
        let left = abs(end - state.t)
        let h = min(proposed, left)
        guard h == left || state.t + direction * h != state.t else {
            throw ODEError.stepTooShort(t: state.t, h: h)
        }
        let slopes = try pair.tableau.slopes(&state, direction * h, velocity)
        let x = combined(state.x, direction * h, pair.tableau.weights, slopes)
        let ratio = try tolerance.ratio(errors(h, slopes), at: state.x, and: x)
        let isGood = ratio <= 1
        state.h = next(h, proposed, ratio)
        guard isGood else { return nil }
        let (start, before) = (state.t, state.x)
        state.x = x
        state.t = h == left ? end : start + direction * h
        if pair.tableau.endsAtNext { state.slope = slopes.last }
        return Interpolant(pair, from: start, before, to: state.t, x, slopes)
    }

    private var tolerance: Tolerance { Tolerance(absolute: absolute, relative: relative, norm: norm) }

    /// h·Σ (b_i - b̂_i)·k_i.
    private func errors(_ h: Double, _ slopes: [[Tensor]]) -> [Tensor] {
        let terms = zip(pair.error, slopes).filter { $0.0 != 0 }
        return slopes[0].indices.map { place in
            terms.dropFirst().reduce(terms[0].1[place] * terms[0].0) { $0 + $1.1[place] * $1.0 } * h
        }
    }

    /// The length to try after one of length `h` with the error `ratio`, where `proposed` was possible but for a stop.
    private func next(_ h: Double, _ proposed: Double, _ ratio: Double) -> Double {
        let low = ratio < 1 ? 1.0 : 0.2
        let factor =
            ratio == 0 ? 10 : ratio.isFinite ? min(10, max(0.9 * pow(ratio, -1 / Double(order)), low)) : 0.2
        guard h < proposed else { return h * factor }
        if stops == .torchdyn { return (proposed - h) * factor }
        return ratio <= 1 ? max(proposed, h * factor) : h * factor
    }

    /// A first length, by one explicit Euler step's change of slope.
    private func firstLength(
        _ state: inout ODEState, _ slope: [Tensor], _ direction: Double, within left: Double, _ velocity: Velocity
    ) throws -> Double {
        let size = try tolerance.ratio(state.x, at: state.x)
        let steepness = try tolerance.ratio(slope, at: state.x)
        guard size.isFinite, steepness.isFinite else { throw ODEError.notFinite(t: state.t) }
        let guess = min(size < 1e-5 || steepness < 1e-5 ? 1e-6 : 0.01 * size / steepness, left)
        let ahead = combined(state.x, direction * guess, [1], [slope])
        let other = try state.ask(velocity, ahead, state.t + direction * guess)
        let bend = try tolerance.ratio(zip(other, slope).map { $0 - $1 }, at: state.x) / guess
        guard bend.isFinite else { return guess }
        let curved =
            max(steepness, bend) <= 1e-15
            ? max(1e-6, guess * 1e-3) : pow(0.01 / max(steepness, bend), 1 / Double(order + 1))
        return min(100 * guess, curved)
    }
}

extension EmbeddedRK {
    /// The solution at each of `times`, as `stops` says.
    ///
    /// - Throws: as `step`; `ODEError.times`, and `tooManySteps` beyond `maxSteps`.
    public func solve(_ x: [Tensor], at times: [Double], _ velocity: Velocity) throws -> ODESolution {
        var state = try ODEState.beginning(x, times)
        guard let horizon = times.last else { return ODESolution(times: [], states: [], evaluations: 0) }
        var states = [x]
        var steps = 0
        while states.count < times.count {
            let end = stops == .interpolated ? horizon : times[states.count]
            guard steps < maxSteps else { throw ODEError.tooManySteps(maxSteps, t: state.t, h: state.h) }
            steps += 1
            guard let step = try attempt(&state, until: end, horizon: horizon, velocity) else { continue }
            while states.count < times.count, step.covers(times[states.count]) {
                states.append(step(times[states.count]))
            }
        }
        return ODESolution(times: times, states: states, evaluations: state.evaluations)
    }
}
