import Foundation
import Genera
import GeneraTesting
import Testing

@testable import PFGMPP

/// How far float32 gradients of the training loss are from those in double precision.
@Suite struct GradientPrecisionTests {
    /// Residual encoder, skip decoder, width 8, three resolutions of two blocks, attention at 4: paths of very different length
    /// end in the same weights, so that what they add may nearly cancel.
    private var configuration: NetworkConfiguration {
        var c = NetworkConfiguration()
        (c.imgResolution, c.modelChannels, c.channelMult, c.numBlocks) = (8, 8, [1, 1, 2], 2)
        (c.attnResolutions, c.encoderType, c.decoderType, c.dropout, c.D) = ([4], .residual, .skip, 0, 64)
        return c
    }

    private func gradients(
        of weights: [(name: String, tensor: Tensor)], in dtype: DType
    ) throws -> [(name: String, values: [Double])] {
        let c = configuration
        let scope = ParameterScope.loading(weights, trainable: true, dtype: dtype)
        let network = try c.network(outputs: 3, in: scope["model"])
        try scope.finish()
        let noise = Noise(seed: 3, samples: [0, 1, 2, 3])
        let clean = try noise.normal([3, 8, 8], at: .start).to(dtype) * 0.5
        let sigmas = [0.03, 0.2, 0.9, 6.0]
        func column(_ f: (Double) -> Double) -> Tensor {
            Tensor(sigmas.map { f(Double(Float($0))) }, shape: [4, 1, 1, 1]).to(dtype)
        }
        let noisy = clean + (try noise.normal([3, 8, 8], at: .start(draw: 1)).to(dtype)) * column { $0 }
        let input = noisy * column { 1 / ($0 * $0 + 0.25).squareRoot() }
        let condition = Condition(noise: Tensor(sigmas.map { Float(log($0) / 4) }))
        let F = network(input, embedding: network.embedding(condition), dropout: nil)
        let denoised =
            noisy * column { 0.25 / ($0 * $0 + 0.25) } + F * column { $0 * 0.5 / ($0 * $0 + 0.25).squareRoot() }
        let loss = ((denoised - clean).squared() * column { ($0 * $0 + 0.25) / ($0 * $0 * 0.25) }).sum() / 4
        let entries = scope.entries.filter(\.isTrainable)
        return try zip(entries, loss.gradients(of: entries.map(\.tensor))).map {
            ($0.name, try $1.array(of: Double.self))
        }
    }

    @Test("Single elements are off by per cents, though never by more than rounding of what they are sums of")
    func rounding() throws {
        let drawn = ParameterScope.drawing(seed: 11, on: .cpu)
        _ = try configuration.network(outputs: 3, in: drawn["model"])
        let weights = drawn.entries.map { (name: $0.name, tensor: $0.tensor.detached()) }
        let (single, double) = (try gradients(of: weights, in: .float32), try gradients(of: weights, in: .float64))
        var (count, outside, worst, share) = (0, 0, 0.0, 0.0)
        for (a, b) in zip(single, double) {
            let largest = b.values.map(abs).max() ?? 0
            for (x, y) in zip(a.values, b.values) {
                count += 1
                share = max(share, abs(x - y) / max(largest, 1e-12))
                guard abs(x - y) > 1e-5 + 1e-3 * abs(y) else { continue }
                outside += 1
                worst = max(worst, abs(x - y) / abs(y))
            }
        }
        print(
            "gradients: \(outside) of \(count) elements outside, the worst by \(worst), at most \(share) of a tensor's largest"
        )
        #expect(count > 5000)
        #expect(outside < count / 100 && share < 1e-3)
    }
}
