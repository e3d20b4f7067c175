import Tensors

/// What a sampler carries from step to step: one or several tensors whose first axis is the batch.
public protocol BatchState {
    /// The tensors; the driver checks after each step that they are finite.
    var tensors: [Tensor] { get }
}

extension Tensor: BatchState {
    /// The tensor itself.
    public var tensors: [Tensor] { [self] }
}

/// Draws samples by carrying a batch through a sequence of steps.
///
/// A step has no hidden memory: all that evolves is in `State`, so that a run can be stopped, observed and replayed. All
/// randomness comes from `noise`, whose rows are the batch's samples.
public protocol Sampler<Sample>: Sendable {
    /// The batch in flight.
    associatedtype State: BatchState
    /// What a person gets: an image, a graph, a text, a set of points.
    associatedtype Sample: Drawable

    /// The number of steps; may be 0.
    var stepCount: Int { get }

    /// How many samples are carried together. The driver always runs exactly this many, repeating the last one where fewer
    /// are wanted, so that a sample's bits do not depend on how many others were asked for. 1 unless stated.
    var laneCount: Int { get }

    /// The batch before the first step.
    func start(noise: Noise) throws -> State

    /// Carries the batch over step `step`, counted from 0.
    func advance(_ state: inout State, step: Int, noise: Noise) throws

    /// The samples, one for each of the noise's samples.
    func finish(_ state: State) throws -> [Sample]

    /// The samples as they look after step `step`; -1 is the start. `finish(state)` unless stated.
    func preview(_ state: State, step: Int) throws -> [Sample]

    /// Evaluations of the network in a step. 1 unless stated.
    func evaluations(step: Int) -> Int

    /// What a person should know of a step in a message, for example `sigma 0.31`.
    func describe(step: Int) -> String?

    /// Real samples of what is drawn, one for each of the noise's samples, where they are known: a closed form's own law.
    /// `genera evaluate` compares with them. Nil unless stated.
    func reference(noise: Noise) throws -> [Sample]?

    /// Whether `reference(noise:)` gives what each sample is to equal, such as the photograph of the view that is rendered or the
    /// population that was to come, and not just others of the same law. Measures of pairs then compare each with its own. False
    /// unless stated.
    var hasCounterparts: Bool { get }

    /// The class that each of the noise's samples is asked to be, for samplers that draw by class. Nil unless stated.
    func classes(noise: Noise) throws -> [Int]?
}

extension Sampler {
    /// One sample at a time.
    public var laneCount: Int { 1 }
    /// What `finish` makes of the state.
    public func preview(_ state: State, step: Int) throws -> [Sample] { try finish(state) }
    /// One evaluation a step.
    public func evaluations(step: Int) -> Int { 1 }
    /// Nothing to say.
    public func describe(step: Int) -> String? { nil }
    /// None known.
    public func reference(noise: Noise) throws -> [Sample]? { nil }
    /// Others of the same law.
    public var hasCounterparts: Bool { false }
    /// No classes.
    public func classes(noise: Noise) throws -> [Int]? { nil }

    /// Evaluations of the network for one sample (NFE).
    public var evaluationCount: Int { (0..<stepCount).reduce(0) { $0 + evaluations(step: $1) } }
}
