import Genera

/// Trains a preconditioned network on images or points.
final class PFGMPPObjective: Objective, @unchecked Sendable {
    private let denoiser: NetworkDenoiser
    private let examples: any TrainingExamples
    private let loss: DenoisingLoss
    private let kernel: StudentT
    private let references: ReferenceBatch?
    /// Whether radii are drawn as the reference implementation draws them.
    private let clipsRadii: Bool
    private let lossScale: Double
    private let device: Device

    let parameters: [(name: String, tensor: Tensor)]
    let buffers: [(name: String, tensor: Tensor)]
    let configuration: String
    let dataDigest: String?
    let facts: [Fact]
    let sampleBytes: Int?
    var datasetSize: Int { examples.count }

    init(_ training: PFGMPP.Training, seed: UInt64, device: Device) throws {
        try training.validate()
        self.device = device
        let network = training.network
        examples = try training.data.examples(on: device)
        dataDigest = examples.digest
        configuration = try network.json()
        (facts, sampleBytes) = (network.facts, network.trainingBytes)
        kernel = StudentT(D: network.D ?? .infinity)
        loss = training.loss
        if case let .stable(count) = training.targets {
            references = ReferenceBatch(examples, size: count)
        } else {
            references = nil
        }
        (clipsRadii, lossScale) = (training.radii == .clipped, training.lossScale)
        let scope: ParameterScope =
            switch training.start {
            case let .model(source): .loading(try source.tensors(), trainable: true, device: device)
            case .drawn: .drawing(seed: seed, on: device)
            }
        denoiser = try NetworkDenoiser(network, in: scope)
        try scope.finish()
        parameters = denoiser.entries.filter(\.isTrainable).map { ($0.name, $0.tensor) }
        buffers = denoiser.entries.filter { !$0.isTrainable }.map { ($0.name, $0.tensor) }
    }

    func loss(of batch: Batch) throws -> Tensor {
        let (indices, noise) = (batch.indices, batch.noise)
        let (clean, augmentLabels) = try examples.clean(indices, noise: noise)
        let sigmas = try loss.levels(noise, at: .start(draw: TrainingDraw.level))
        let noisy = try perturbed(clean, sigmas, noise)
        let target = try references?.targets(
            StableTarget(kernel: kernel), noisy: noisy, sigmas: sigmas, indices: indices, clean: clean, noise: noise)
        let dropout = Dropout(noise: noise, firstDraw: TrainingDraw.dropout + 1)
        let sum = loss(
            denoiser, clean: target ?? clean, noisy: noisy, sigmas: sigmas,
            labels: try labels(indices, noise: noise), augment: augmentLabels, dropout: dropout
        ).sum()
        return lossScale == 1 ? sum : sum * lossScale
    }

    /// The examples with the kernel's noise.
    private func perturbed(_ clean: Tensor, _ sigmas: [Double], _ noise: Noise) throws -> Tensor {
        let normal = try noise.normal(examples.shape, at: .start(draw: TrainingDraw.noise))
        let spread = DrawAddress.start(draw: TrainingDraw.spread)
        if clipsRadii, !kernel.isGaussian {
            let dimension = Double(examples.shape.reduce(1, *))
            let radii = ReferenceRadius.training(
                beta: try noise.beta(dimension / 2, kernel.D / 2, at: spread), sigma: sigmas, D: kernel.D)
            return clean + ReferenceRadius.scaled(normal, by: radii).to(.float32).to(device)
        }
        let scales = zip(sigmas, try kernel.spreads(noise, at: spread)).map { Float($0 * $1) }
        return clean + normal.to(device) * Tensor(scales, shape: [scales.count, 1, 1, 1], device: device)
    }

    /// One-hot labels `[N, labels]`, with some rows zeroed where guidance is trained for.
    private func labels(_ indices: [Int], noise: Noise) throws -> Tensor? {
        guard denoiser.configuration.labelDim > 0 else { return nil }
        let labels = try examples.labels(indices, width: denoiser.configuration.labelDim)
        let p = denoiser.configuration.labelDropout
        guard p > 0 else { return labels }
        let keep = try noise.uniforms(at: .start(draw: TrainingDraw.label)).map { Float($0 >= p ? 1 : 0) }
        return labels * Tensor(keep, shape: [keep.count, 1], device: device)
    }

    func previewSampler(weights: [(name: String, tensor: Tensor)]) throws -> (any Sampler)? {
        let scope = ParameterScope.loading(weights, device: device)
        let network = try NetworkDenoiser(denoiser.configuration, in: scope)
        try scope.finish()
        let way = PFGMPP.Way.solver(.unipc(order: 2), .rho(steps: 10))
        return network.sampler(
            kernel, try way.path(for: network),
            labels: network.configuration.labelDim > 0 ? .cycling : .none, device: device)
    }
}
