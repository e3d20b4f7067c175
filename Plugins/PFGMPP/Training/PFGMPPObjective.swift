import Foundation
import Genera

/// Trains a preconditioned network on images.
final class PFGMPPObjective: Objective, @unchecked Sendable {
    private let denoiser: NetworkDenoiser
    private let dataset: ImageDataset
    private let loss: DenoisingLoss
    private let kernel: StudentT
    private let options: PFGMPPTrainingOptions
    private let device: Device

    let parameters: [(name: String, tensor: Tensor)]
    let buffers: [(name: String, tensor: Tensor)]
    let configuration: String
    var datasetSize: Int { dataset.count }

    init(_ options: PFGMPPTrainingOptions, context: RunContext) throws {
        self.options = options
        device = context.device
        dataset = try ImageDataset.load(options.data, limit: options.maxImages)
        let network = try options.networkConfiguration(for: dataset)
        configuration = try network.json()
        kernel = StudentT(D: options.D.value)
        loss = DenoisingLoss(
            pMean: options.pMean, pStd: options.pStd, sigmaData: network.sigmaData,
            levelScale: options.lsun ? 380.0 / 80 : 1)
        let scope: ParameterScope
        if let transfer = options.transfer {
            let source = try context.checkpoints.load(transfer)
            scope = .loading(source.weights, trainable: true, device: context.device)
        } else {
            scope = .drawing(seed: context.seed, on: context.device)
        }
        denoiser = try NetworkDenoiser(network, in: scope)
        try scope.finish()
        parameters = denoiser.entries.filter(\.isTrainable).map { ($0.name, $0.tensor) }
        buffers = denoiser.entries.filter { !$0.isTrainable }.map { ($0.name, $0.tensor) }
    }

    /// The draws of one sample, apart from dropout's masks, which
    /// follow from `dropout` on.
    private enum Draw {
        static let level = 0, noise = 1, spread = 2, flip = 3, label = 4
        static let dropout = 16, augmentation = 1 << 20
    }

    func loss(of indices: [Int], noise: Noise) throws -> Tensor {
        let (clean, augmentLabels) = try augmented(images(indices, noise: noise), noise: noise)
        let sigmas = loss.levels(try noise.normals(at: .start(draw: Draw.level)))
        let normal = try noise.normal(dataset.shape, at: .start(draw: Draw.noise))
        let spreads = try kernel.spreads(noise, at: .start(draw: Draw.spread))
        let scales = zip(sigmas, spreads).map { Float($0 * $1) }
        let noisy = clean + normal.to(device) * Tensor(scales, shape: [scales.count, 1, 1, 1], device: device)
        let dropout = Dropout(noise: noise, firstDraw: Draw.dropout)
        return loss(
            denoiser, clean: clean, noisy: noisy, sigmas: sigmas, labels: try labels(indices, noise: noise),
            augment: augmentLabels, dropout: dropout
        ).sum()
    }

    /// The images through EDM's augmentation with its labels `[N, 9]`, or as they are if none was asked for.
    private func augmented(_ images: Tensor, noise: Noise) throws -> (Tensor, labels: Tensor?) {
        guard options.augment > 0 else { return (images, nil) }
        var next = Draw.augmentation
        let result = try AugmentPipe.edm(p: options.augment)(images) { kind, rows in
            try (0..<rows).map { _ in
                defer { next += 1 }
                switch kind {
                case .uniform: return try noise.uniforms(at: .start(draw: next))
                case .normal: return try noise.normals(at: .start(draw: next))
                case let .integers(bound):
                    return try noise.integers(below: bound, at: .start(draw: next)).map(Double.init)
                }
            }
        }
        return (result.images, result.labels.to(device))
    }

    /// The images in [-1, 1], some mirrored if that was asked for.
    private func images(_ indices: [Int], noise: Noise) throws -> Tensor {
        let images = dataset.images(indices).to(device).to(.float32) * (1 / 127.5) - 1
        guard options.xflip else { return images }
        let flips = try noise.uniforms(at: .start(draw: Draw.flip)).map { $0 < 0.5 }
        let mask = Tensor(flips, shape: [flips.count, 1, 1, 1], device: device)
        return images.replaced(where: mask, with: images.flipped(axes: [3]))
    }

    /// One-hot labels `[N, labels]`, with some rows zeroed where guidance is trained for.
    private func labels(_ indices: [Int], noise: Noise) throws -> Tensor? {
        guard denoiser.configuration.labelDim > 0 else { return nil }
        let labels = try dataset.labels(indices, width: denoiser.configuration.labelDim).to(device)
        let p = denoiser.configuration.labelDropout
        guard p > 0 else { return labels }
        let keep = try noise.uniforms(at: .start(draw: Draw.label)).map { Float($0 >= p ? 1 : 0) }
        return labels * Tensor(keep, shape: [keep.count, 1], device: device)
    }

    func previewSampler(weights: [(String, Tensor)]) throws -> (any Sampler)? {
        let scope = ParameterScope.loading(weights.map { (name: $0.0, tensor: $0.1) }, device: device)
        let network = try NetworkDenoiser(denoiser.configuration, in: scope)
        try scope.finish()
        let labels = network.configuration.labelDim > 0 ? LabelChoice.cycling : .none
        return PFGMPPSampler(
            network: network, kernel: kernel, solver: UniPC(order: 3, variant: .bh2),
            nodes: NoiseLevels.rho(10, low: 0.002, high: 80) + [0], labels: labels)
    }
}
