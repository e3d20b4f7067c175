import Platform
import Tensors

/// dx/dt of some tensors at time `t`: one slope for each of them, shaped like it.
public typealias Velocity = (_ x: [Tensor], _ t: Double) throws -> [Tensor]

/// How far the solution of dx/dt = v(x, t) has come.
public struct ODEState: Sendable {
    /// The solution: one tensor or several that evolve together, such as a pair (X, A). Setting it forgets the slope.
    public var x: [Tensor] { didSet { slope = nil } }
    /// The time. Setting it forgets the slope.
    public var t: Double { didSet { slope = nil } }
    /// The length of the step that is tried next, whichever way time runs; 0 as long as none is proposed. Only methods that
    /// choose their steps look at it.
    public var h: Double
    /// dx/dt here, where a method already knows it from the step before.
    public var slope: [Tensor]?
    /// How often the velocity was asked for so far.
    public var evaluations: Int

    /// A solution that begins at `x`.
    public init(x: [Tensor], t: Double = 0) { (self.x, self.t, h, slope, evaluations) = (x, t, 0, nil, 0) }

    /// The slope here, asked for only if it is not known.
    ///
    /// - Throws: what the velocity throws; `ODEError.count` if it gives another number of tensors.
    mutating func currentSlope(_ velocity: Velocity) throws -> [Tensor] {
        if let slope { return slope }
        let found = try ask(velocity, x, t)
        slope = found
        return found
    }

    /// Asks for a slope, and counts it.
    mutating func ask(_ velocity: Velocity, _ x: [Tensor], _ t: Double) throws -> [Tensor] {
        evaluations += 1
        let slope = try velocity(x, t)
        guard slope.count == x.count else { throw ODEError.count(slope.count, wanted: x.count) }
        return slope
    }
}

/// A method that solves dx/dt = v(x, t), forwards or backwards in time.
///
/// A solver is a value without memory: what it needs from one step to the next is in `ODEState`.
///
///     let solution = try EmbeddedRK.dopri5.solve([x], at: [0, 1]) { x, t in [model(x[0], t)] }
public protocol ODESolver: Sendable {
    /// The order p: the error at a fixed time shrinks like h^p with the length h of the steps.
    var order: Int { get }

    /// Carries the state one step nearer to the time `end`: all the way for a method of fixed steps, and as far as its
    /// tolerance lets it for a method that chooses its steps. The last step ends exactly at `end`; at `end` nothing is done.
    ///
    /// - Throws: what the velocity throws; `ODEError`.
    func step(_ state: inout ODEState, until end: Double, _ velocity: Velocity) throws

    /// The solution at each of `times`, which rise or fall from the first, where it is `x`.
    ///
    /// - Throws: as `step`; `ODEError.times` if they neither rise nor fall.
    func solve(_ x: [Tensor], at times: [Double], _ velocity: Velocity) throws -> ODESolution
}

/// The solution of an equation at some times.
public struct ODESolution: Sendable {
    /// The times of `values`, in the order in which they were asked for.
    public let times: [Double]
    /// The tensors at each time.
    public let states: [[Tensor]]
    /// How often the velocity was asked for.
    public let evaluations: Int
}

extension ODESolver {
    /// The solution at each of `times`, by steps that end at every one of them.
    public func solve(_ x: [Tensor], at times: [Double], _ velocity: Velocity) throws -> ODESolution {
        var state = try ODEState.beginning(x, times)
        var states = times.isEmpty ? [] : [x]
        for time in times.dropFirst() {
            while state.t != time { try step(&state, until: time, velocity) }
            states.append(state.x)
        }
        return ODESolution(times: times, states: states, evaluations: state.evaluations)
    }
}

extension ODEState {
    /// The state at the first of some times.
    ///
    /// - Throws: `ODEError.times` if they neither rise nor fall.
    static func beginning(_ x: [Tensor], _ times: [Double]) throws -> ODEState {
        let pairs = zip(times, times.dropFirst())
        guard times.allSatisfy(\.isFinite), pairs.allSatisfy({ $0 < $1 }) || pairs.allSatisfy({ $0 > $1 }) else {
            throw ODEError.times(times)
        }
        return ODEState(x: x, t: times.first ?? 0)
    }
}

/// Why an equation could not be solved.
public enum ODEError: KindedError, Sendable, Equatable {
    /// Steps became so short that time stands still.
    case stepTooShort(t: Double, h: Double)
    /// More steps would be needed than allowed.
    case tooManySteps(Int, t: Double, h: Double)
    /// The slope is NaN or infinite.
    case notFinite(t: Double)
    /// The velocity gave another number of tensors than the state has.
    case count(Int, wanted: Int)
    /// Times that neither rise nor fall.
    case times([Double])

    /// The equation does not fit the method, or the velocity breaks its promise.
    public var kind: FailureKind { .software }

    /// One or two sentences.
    public var description: String {
        switch self {
        case let .stepTooShort(t, h):
            "The equation cannot be solved beyond t = \(t): steps of \(h) are still too long for the tolerances there. "
                + "Its slope jumps or is very steep, or the tolerances are finer than the numbers' type: loosen them, or compute in float64."
        case let .tooManySteps(count, t, h):
            "The equation takes more than \(count) steps; the last, at t = \(t), were about \(h) long. It may be stiff: loosen the tolerances, or allow more steps."
        case let .notFinite(t): "The slope dx/dt is NaN or infinite at t = \(t)."
        case let .count(count, wanted):
            "The velocity gave \(count) tensors for a state of \(wanted); one slope for each was expected."
        case let .times(times): "The times of a solution must all rise or all fall, got \(times)."
        }
    }
}
