import Foundation
import Genera

/// How a model of text is trained, beside what the optimiser does.
package struct RADDTraining: Sendable {
    /// What is made small.
    package var loss = MaskingLoss.lambdaDCE
    /// Whether a piece begins at any token, not only where pieces are cut.
    package var shifts = true
    /// What biases of norms begin with.
    package var normBias = 1.0
    /// In which numbers the head multiplies.
    package var products = DType.float32
    /// Pieces of the validation text that are measured, at most.
    package var validationPieces = 64
}

/// Trains the transformer on pieces of text.
final class RADDObjective: Objective, @unchecked Sendable {
    private let network: AbsorbingTransformer
    private let training: RADDTraining
    private let text: ShiftedBlocks
    private let validation: TokenBlocks?
    private let tokenizer: any Tokenizer
    private let seed: UInt64

    let parameters: [(name: String, tensor: Tensor)]
    let buffers: [(name: String, tensor: Tensor)]
    let configuration: String
    let dataDigest: String?

    /// - Parameters:
    ///   - start: the weights to go on from; nil draws them.
    ///   - digest: of all that training sees.
    init(
        _ c: RADDConfiguration, _ training: RADDTraining, text: ShiftedBlocks, validation: TokenBlocks?,
        tokenizer: any Tokenizer, start: ModelCheckpoint? = nil, seed: UInt64, digest: String? = nil
    ) throws {
        (self.training, self.text, self.validation, self.seed) = (training, text, validation, seed)
        self.tokenizer = tokenizer
        let scope: ParameterScope =
            try start.map { .loading(try $0.tensors(), trainable: true) } ?? .drawing(seed: seed)
        network = try AbsorbingTransformer(
            c, normBias: training.normBias == 0 ? .zeros : .ones, in: scope)
        try scope.finish()
        parameters = scope.entries.filter(\.isTrainable).map { ($0.name, $0.tensor) }
        buffers = scope.entries.filter { !$0.isTrainable }.map { ($0.name, $0.tensor) }
        configuration = try c.json()
        dataDigest = digest
    }

    var datasetSize: Int { text.blocks.count }

    var facts: [Fact] {
        [
            Fact("text", "\(text.blocks.count) pieces of \(text.blocks.length) tokens"),
            Fact("validation", "\(validation?.count ?? 0) pieces"),
            Fact("loss", training.loss.rawValue),
        ] + network.configuration.facts
    }

    /// What the way back needs of a piece: about 34 numbers a token, channel and block, attention's table apart.
    var sampleBytes: Int? {
        let c = network.configuration.model
        let logits = min(c.length * network.configuration.classes, MaskedLikelihood.largestPiece) * 3
        return 4 * (c.length * c.width * c.blocks * 34 + logits)
    }

    func loss(of batch: Batch) throws -> Tensor {
        let noise = batch.noise
        let shifts =
            training.shifts
            ? try noise.integers(below: text.blocks.length, at: .start(draw: 2)) : batch.indices.map { _ in 0 }
        let sequences = zip(batch.indices, shifts).map { text.block($0, shift: $1) }
        let draws = try training.loss.draws(noise, size: batch.size, length: text.blocks.length)
        let dropout = Dropout(noise: noise, firstDraw: 3)
        return try training.loss.losses(network, sequences, draws, dropout: dropout, products: training.products).sum()
    }

    /// The bound on the validation text, always with the same masks: nats and perplexity of a token.
    func assessment(weights: [(name: String, tensor: Tensor)]) throws -> [Metric] {
        guard let validation else { return [] }
        let scope = ParameterScope.loading(weights)
        let network = try AbsorbingTransformer(network.configuration, in: scope)
        let count = min(validation.count, training.validationPieces)
        let loss = training.loss == .autoregressive ? training.loss : .lambdaDCE
        let nats = try inferenceMode {
            try stride(from: 0, to: count, by: 16).reduce(0.0) { sum, start in
                let rows = Array(start..<min(start + 16, count))
                let draws = try loss.draws(
                    Noise(seed: PhiloxSource.subseed(seed, 1), samples: rows), size: count, length: validation.length)
                return try sum + loss.losses(network, rows.map { validation[$0] }, draws).sum().item()
            }
        }
        let each = nats / Double(count * validation.length)
        return [.latest("valid_nats", each), .latest("valid_perplexity", exp(each))]
    }

    /// Texts in 32 steps, for a look in between. An autoregressive model draws none.
    func previewSampler(weights: [(name: String, tensor: Tensor)]) throws -> (any Sampler)? {
        let c = network.configuration
        guard c.model.isCausal != true else { return nil }
        let packed = try PackedTransformer(c, weights: weights.map { ($0.name, try RawTensor($0.tensor)) })
        var sampling = RADDSampling()
        sampling.steps = 32
        return try RADDSampler(
            packed, c, sampling, prompts: [Prompt(length: text.blocks.length)], tokenizer: tokenizer)
    }
}
