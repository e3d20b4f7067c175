import Tensors

/// The short form of what a run trains: the parameters of one network, and a loss that is a sum over samples.
/// `ObjectiveTrainer(objective, plan)` makes a `Trainer` of it. What needs several losses, several optimisers or a changing number of
/// weights is a `Trainer` of its own.
///
/// `loss` is called from several threads at a time, all reading the same parameters.
public protocol Objective: AnyObject, Sendable {
    /// The trainable leaves, float32, named as in the checkpoint.
    var parameters: [(name: String, tensor: Tensor)] { get }

    /// Tensors that are saved with the parameters but not trained. None unless stated.
    var buffers: [(name: String, tensor: Tensor)] { get }

    /// The model's configuration as JSON, for the checkpoint's metadata.
    var configuration: String { get }

    /// The number of training samples.
    var datasetSize: Int { get }

    /// What is trained, in a few facts that stand before the first step. None unless stated.
    var facts: [Fact] { get }

    /// Bytes that `loss` and its derivatives take for a sample, roughly. Nil, for not known, unless stated.
    var sampleBytes: Int? { get }

    /// What tells the training data apart from other data. Nil, for not known, unless stated.
    var dataDigest: String? { get throws }

    /// The sum of the losses of a batch's samples, a scalar. The batch may be a part of the step's, see `OptimiserPlan.cut`; the driver
    /// adds the parts and divides by the size of the whole.
    func loss(of batch: Batch) throws -> Tensor

    /// A sampler over the weights given (averages of the parameters, and the buffers), for previews. Nil, for none, unless stated.
    func previewSampler(weights: [(name: String, tensor: Tensor)]) throws -> (any Sampler)?

    /// What can be said of the weights given, for example how often a classifier is right on data that it was not trained on. Nothing
    /// unless stated.
    func assessment(weights: [(name: String, tensor: Tensor)]) throws -> [Metric]
}

extension Objective {
    /// No buffers.
    public var buffers: [(name: String, tensor: Tensor)] { [] }
    /// None.
    public var facts: [Fact] { [] }
    /// Not known.
    public var sampleBytes: Int? { nil }
    /// Not known.
    public var dataDigest: String? { get throws { nil } }
    /// No previews.
    public func previewSampler(weights: [(name: String, tensor: Tensor)]) throws -> (any Sampler)? { nil }
    /// Nothing to say.
    public func assessment(weights: [(name: String, tensor: Tensor)]) throws -> [Metric] { [] }
}
