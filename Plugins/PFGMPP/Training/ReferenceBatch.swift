import Genera
import Synchronization

/// The references of the stable target field: in each training step some examples, all different, drawn anew from its noise.
final class ReferenceBatch: Sendable {
    private struct Batch {
        let seed: UInt64
        let indices: Set<Int>
        let examples: Tensor
    }

    private let examples: any TrainingExamples
    private let size: Int
    /// The batch of the step in work, which its micro-batches share.
    private let latest = Mutex<Batch?>(nil)

    /// - Parameter size: how many references a step has; at most as many as there are examples.
    init(_ examples: any TrainingExamples, size: Int) {
        (self.examples, self.size) = (examples, min(size, examples.count))
    }

    /// What the denoiser shall answer for `noisy`, shaped like it, float32.
    ///
    /// - Parameters:
    ///   - indices: the numbers of the examples that were perturbed, each of which is a reference for its own row too.
    ///   - clean: those examples.
    func targets(
        _ target: StableTarget, noisy: Tensor, sigmas: [Double], indices: [Int], clean: Tensor, noise: Noise
    ) throws -> Tensor {
        let batch = try batch(noise)
        func flat(_ tensor: Tensor) -> Tensor { tensor.reshaped([tensor.shape[0], -1]) }
        let means = target.means(
            of: flat(noisy), sigmas: sigmas, references: flat(batch.examples), own: flat(clean),
            isListed: indices.map(batch.indices.contains))
        return means.to(.float32).reshaped(clean.shape.sizes)
    }

    private func batch(_ noise: Noise) throws -> Batch {
        let seed = (noise.source as? PhiloxSource)?.seed
        return try latest.withLock { latest in
            if let latest, latest.seed == seed { return latest }
            // Places far from those of the batch's samples, so that no draw is used twice.
            let noise = noise.of(samples: (0..<size).map { 1 << 31 + $0 })
            let chosen = Self.choice(
                of: examples.count, try noise.uniforms(at: .start(draw: TrainingDraw.reference)))
            let batch = Batch(
                seed: seed ?? 0, indices: Set(chosen), examples: try examples.clean(chosen, noise: noise).examples)
            if seed != nil { latest = batch }
            return batch
        }
    }

    /// Different numbers below `count`, one for each uniform number: the beginning of a shuffle by Fisher and Yates.
    private static func choice(of count: Int, _ uniforms: [Double]) -> [Int] {
        var moved: [Int: Int] = [:]
        return uniforms.enumerated().map { place, uniform in
            let other = place + Int(uniform * Double(count - place))
            let chosen = moved[other] ?? other
            moved[other] = moved[place] ?? place
            return chosen
        }
    }
}
