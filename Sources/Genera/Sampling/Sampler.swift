import Tensors

/// What a sampler carries from step to step: one or several tensors whose first axis is the batch, or none at all.
public protocol BatchState {
    /// The tensors; the driver checks after each step that they are finite.
    var tensors: [Tensor] { get }

    /// Whether no step is needed any more: the driver then takes no further one. False unless stated: all the sampler's
    /// steps are done.
    var isFinished: Bool { get }

    /// Whether `isFinished` is what ends the way, not the number of steps. Then `stepCount` is a bound, and a state that is
    /// not finished after so many steps is an error. False unless stated.
    var decidesItsEnd: Bool { get }

    /// Evaluations of the network so far, for each sample of the batch. Nil unless stated: then they are the sum of the
    /// sampler's `evaluations(step:)` over the steps that were done. Note the type: an `Int` would not be seen.
    var evaluations: Int? { get }

    /// The same for states whose samples take different numbers: one for each of the batch. Nil unless stated: then all took
    /// `evaluations`.
    var evaluationsOfEach: [Int]? { get }
}

extension BatchState {
    /// The steps decide.
    public var isFinished: Bool { false }
    /// The number of steps does.
    public var decidesItsEnd: Bool { false }
    /// Not counted here.
    public var evaluations: Int? { nil }
    /// All took the same.
    public var evaluationsOfEach: [Int]? { nil }
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

    /// The number of steps; may be 0. Where the state decides its end, the most steps that there may be.
    var stepCount: Int { get }

    /// How many samples are carried together, and which. One at a time unless stated.
    var lanes: Lanes { get }

    /// How many samples there are: views, populations, prompts. Indices beyond are refused. Nil unless stated: any number.
    var sampleCount: Int? { get }

    /// Whether the sampler sees to `--precision` itself, as a network does that was made for it. False unless stated: then
    /// the driver runs it under `Precision.scope`.
    var appliesPrecision: Bool { get }

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

    /// What each of the noise's samples is called, for samples with names: views, populations. Nil unless stated.
    func names(noise: Noise) throws -> [String]?
}

extension Sampler {
    /// One sample at a time.
    public var lanes: Lanes { .alike(1) }
    /// Any number.
    public var sampleCount: Int? { nil }
    /// The driver does.
    public var appliesPrecision: Bool { false }
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
    /// No names.
    public func names(noise: Noise) throws -> [String]? { nil }

    /// Evaluations of the network for one sample (NFE) in all steps. Where states decide their end or count themselves, what
    /// it was is known afterwards, see `SamplingReport.nfe`.
    public var evaluationCount: Int { evaluations(in: 0..<stepCount) }

    /// Evaluations in some steps.
    func evaluations(in steps: Range<Int>) -> Int { steps.reduce(0) { $0 + evaluations(step: $1) } }
}
