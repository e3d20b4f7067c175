import Genera

/// Dropout whose masks are addressed noise: the mask of a sample depends on the seed, the step, the sample and
/// the layer, never on what else is in the batch.
final class Dropout {
    private let noise: Noise
    private var layer: Int

    /// - Parameter firstDraw: the masks use the draws from here on.
    init(noise: Noise, firstDraw: Int) { (self.noise, layer) = (noise, firstDraw) }

    /// Zeroes each element with the probability given and scales the others up to keep the mean.
    func callAsFunction(_ x: Tensor, probability: Double) -> Tensor {
        guard probability > 0 else { return x }
        layer += 1
        do {
            let uniform = try noise.uniform(Array(x.shape.sizes.dropFirst()), at: .start(draw: layer))
            let keep = uniform.isLess(than: 1 - probability).to(x.dtype)
            return x * (keep * (1 / (1 - probability)))
        } catch {
            return Tensor(poison: TensorError(op: "dropout", message: "\(error)", file: #fileID, line: #line))
        }
    }
}
