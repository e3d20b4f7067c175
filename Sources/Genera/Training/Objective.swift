import Tensors

/// What is trained: parameters, and a loss of numbered training samples.
///
/// The driver calls `loss` from several threads at a time, all reading the same parameters.
public protocol Objective: AnyObject, Sendable {
    /// The trainable leaves, float32, named as in the checkpoint.
    var parameters: [(name: String, tensor: Tensor)] { get }

    /// Tensors that are saved with the parameters but not trained.
    var buffers: [(name: String, tensor: Tensor)] { get }

    /// The model's configuration as JSON, for the checkpoint's metadata.
    var configuration: String { get }

    /// The number of training samples.
    var datasetSize: Int { get }

    /// The sum of the losses of some training samples, a scalar.
    ///
    /// - Parameters:
    ///   - indices: training samples in 0..<datasetSize; one may occur more than once.
    ///   - noise: rows are the samples' positions in the step's batch. Each training step has noise of its own, so that
    ///     addresses can be used freely.
    func loss(of indices: [Int], noise: Noise) throws -> Tensor

    /// A sampler over the weights given (averages of the parameters, and the buffers), for previews. Nil for no previews.
    func previewSampler(weights: [(String, Tensor)]) throws -> (any Sampler)?

    /// What can be said of the weights given when training ends, for example how often a classifier is right on data that it
    /// was not trained on: names and numbers, in order. Nothing unless stated.
    func assessment(weights: [(name: String, tensor: Tensor)]) throws -> [(name: String, value: Double)]
}

extension Objective {
    /// No buffers.
    public var buffers: [(name: String, tensor: Tensor)] { [] }
    /// No previews.
    public func previewSampler(weights: [(String, Tensor)]) throws -> (any Sampler)? { nil }
    /// Nothing to say.
    public func assessment(weights: [(name: String, tensor: Tensor)]) throws -> [(name: String, value: Double)] { [] }
}
