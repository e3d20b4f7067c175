import Genera

/// What a network learns from: clean examples by number.
protocol TrainingExamples: Sendable {
    /// The number of examples.
    var count: Int { get }
    /// The shape of one: `[C, H, W]`, for points `[dimension, 1, 1]`.
    var shape: [Int] { get }

    /// Some examples `[N] + shape`, float32, and what the network is told of their augmentation.
    func clean(_ indices: [Int], noise: Noise) throws -> (examples: Tensor, augmentLabels: Tensor?)

    /// What tells these examples apart from others.
    var digest: String { get }

    /// Class weights `[N, width]`.
    func labels(_ indices: [Int], width: Int) throws -> Tensor
}

/// The draws of one training sample, apart from dropout's masks, which follow from `dropout` on.
enum TrainingDraw {
    static let level = 0, noise = 1, spread = 2, flip = 3, label = 4, point = 5, reference = 6
    static let dropout = 16, augmentation = 1 << 20
}

/// Images in [-1, 1], mirrored and augmented if that is asked for.
struct ImageExamples: TrainingExamples {
    let dataset: ImageDataset
    var xflip = false
    /// Probability of each of EDM's augmentations.
    var augment = 0.0
    var device = Device.cpu

    var count: Int { dataset.count }
    var shape: [Int] { dataset.shape }
    var digest: String { dataset.digest() }

    func labels(_ indices: [Int], width: Int) throws -> Tensor { try dataset.labels(indices, width: width).to(device) }

    func clean(_ indices: [Int], noise: Noise) throws -> (examples: Tensor, augmentLabels: Tensor?) {
        let images = try mirrored(indices, noise: noise)
        guard augment > 0 else { return (images, nil) }
        var next = TrainingDraw.augmentation
        let result = try AugmentPipe.edm(p: augment)(images) { kind, rows in
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

    private func mirrored(_ indices: [Int], noise: Noise) throws -> Tensor {
        let images = dataset.images(indices).to(device).to(.float32) * (1 / 127.5) - 1
        guard xflip else { return images }
        let flips = try noise.uniforms(at: .start(draw: TrainingDraw.flip)).map { $0 < 0.5 }
        let mask = Tensor(flips, shape: [flips.count, 1, 1, 1], device: device)
        return images.replaced(where: mask, with: images.flipped(axes: [3]))
    }
}
