import Tensors

/// What a run trains. A trainer owns its step: its losses, its optimisers, how many weights it has and when. The driver owns the
/// run: the folder, the order of the data, metrics, checkpoints, resumption, previews, the clock and signals.
///
/// A sum of losses with one optimiser needs no trainer of its own: write an `Objective` and hand it to `ObjectiveTrainer`.
///
///     func advance(_ step: TrainingStep) throws -> [Metric] {
///         let (losses, g) = try step.gradients(of: x.parameters + a.parameters, cut: nil) { try self.losses(of: $0) }
///         let rate = self.rate * pow(0.999, Double(step.epoch))
///         return try [.mean("loss-x", losses[0]), .mean("loss-a", losses[1])]
///             + x.step(Array(g.prefix(x.count)), rate: rate) + a.step(Array(g.dropFirst(x.count)), rate: rate)
///     }
///
/// All that evolves belongs into `state`. Weights, and so samples, are then functions of the options, the seed and the step: a run
/// that was stopped, killed and resumed ends with the same bits as one that was not.
public protocol Trainer: AnyObject, Sendable {
    /// The model's configuration as JSON, for the metadata of checkpoints.
    var configuration: String { get }

    /// The number of steps of a whole run; `--steps` wins over it.
    var stepCount: Int { get }

    /// In which order training samples come, and how many a step.
    var order: BatchOrder { get }

    /// The number of weights that are trained, for people. Those of `model()` unless stated.
    var parameterCount: Int { get throws }

    /// What is trained and how, in a few facts that stand before the first step: the network's form, for example. None unless stated.
    var facts: [Fact] { get }

    /// Bytes that a part of a step takes on one worker for its activations and their derivatives, roughly. Nil, for not known,
    /// unless stated.
    var partBytes: Int? { get }

    /// Into how many parts a step is cut, which workers share. 1 unless stated.
    var partCount: Int { get }

    /// What tells the training data apart from other data, for example a hash of it: a run goes on with the data that it began with.
    /// Nil, for not known, unless stated.
    var dataDigest: String? { get throws }

    /// Does one step, and says what came of it; what matters most comes first.
    ///
    /// The first call of `step.gradients` may end the step where the user asked to stop: nothing of `state` may have been changed
    /// before it.
    ///
    /// - Throws: whatever stops the run. Nothing is saved after it.
    func advance(_ step: TrainingStep) throws -> [Metric]

    /// All that evolves, under names that differ: weights, what optimisers remember, averages, counters (as scalars). It is saved
    /// after whole steps, and read back by `restore`.
    var state: [(name: String, tensor: Tensor)] { get }

    /// Takes over a state that was saved. Shapes may differ from those at the start.
    ///
    /// - Throws: `GeneraError.badData` for a state of something else.
    func restore(_ state: TrainingState) throws

    /// The model as it is now (averages where there are any), ready for sampling. Its family's name, version and recipe are filled
    /// in by the driver.
    func model() throws -> ModelCheckpoint

    /// A sampler of the model as it is now, for previews. Nil, for none, unless stated.
    func sampler() throws -> (any Sampler)?

    /// What can be said of the model as it is now, for example how often a classifier is right on data that it was not trained on.
    /// Asked for every `--assess-every` steps and at the end. Nothing unless stated.
    func assess() throws -> [Metric]
}

extension Trainer {
    /// The number of the model's weights.
    public var parameterCount: Int {
        get throws { try model().weights.reduce(0) { $0 + $1.tensor.elementCount } }
    }
    /// None.
    public var facts: [Fact] { [] }
    /// Not known.
    public var partBytes: Int? { nil }
    /// One.
    public var partCount: Int { 1 }
    /// Not known.
    public var dataDigest: String? { get throws { nil } }
    /// No previews.
    public func sampler() throws -> (any Sampler)? { nil }
    /// Nothing to say.
    public func assess() throws -> [Metric] { [] }
}
