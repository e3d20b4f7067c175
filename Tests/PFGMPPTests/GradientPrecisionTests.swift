import Foundation
import Genera
import GeneraTesting
import Testing

@testable import PFGMPP

/// How far float32 gradients of the training loss are from those in double precision: an element that is the small rest of large parts which
/// cancel has few digits that mean something, in any implementation.
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

    /// How many elements are farther apart than the tolerance of the reference's cases, the worst by its own size, and the largest
    /// difference by the largest element of its tensor.
    private func compare(
        _ single: [(name: String, values: [Double])], _ double: [(name: String, values: [Double])]
    ) -> (count: Int, outside: Int, worst: Double, share: Double) {
        var (count, outside, worst, share) = (0, 0, 0.0, 0.0)
        for (a, b) in zip(single, double) {
            let largest = b.values.map(abs).max() ?? 0
            for (x, y) in zip(a.values, b.values) {
                count += 1
                share = max(share, abs(x - y) / max(largest, 1e-5))
                guard abs(x - y) > 1e-5 + 1e-3 * abs(y) else { continue }
                outside += 1
                worst = max(worst, abs(x - y) / abs(y))
            }
        }
        return (count, outside, worst, share)
    }

    /// Weights as large as those of trained networks.
    private func start() throws -> [(name: String, tensor: Tensor)] {
        let drawn = ParameterScope.drawing(seed: 11, on: .cpu)
        _ = try configuration.network(outputs: 3, in: drawn["model"])
        let noise = Noise(seed: 5, samples: [0])
        return try drawn.entries.enumerated().map { place, entry in
            let tensor = entry.tensor.detached()
            guard entry.isTrainable else { return (entry.name, tensor) }
            let change = try noise.normal([tensor.elementCount], at: .start(draw: place)).reshaped(tensor.shape.sizes)
            return (entry.name, tensor + change * 0.3)
        }
    }

    @Test(
        "From the same weights an element or two of many are off by a part of a per cent, and by nothing beside its tensor"
    )
    func rounding() throws {
        let weights = try start()
        let found = compare(try gradients(of: weights, in: .float32), try gradients(of: weights, in: .float64))
        #expect(found.count > 50_000 && found.outside < 20 && found.share < 1e-4, "\(found)")
    }

    @Test("After three steps of Adam a few are off by per cents, and still by nothing beside their tensors")
    func amplification() throws {
        let (single, double) = (try trained(in: .float32), try trained(in: .float64))
        let found = compare(single, double)
        #expect(found.outside < 200 && found.share < 1e-3, "\(found)")
    }

    /// The gradients after three steps of Adam, all in one type.
    private func trained(in dtype: DType) throws -> [(name: String, values: [Double])] {
        var weights = try start()
        var moments: [String: (m: [Double], v: [Double])] = [:]
        for step in 1...3 {
            for (name, g) in try gradients(of: weights, in: dtype) {
                guard let place = weights.firstIndex(where: { $0.name == name }) else { continue }
                var (m, v) = moments[name] ?? (g.map { _ in 0 }, g.map { _ in 0 })
                var w = try weights[place].tensor.array(of: Double.self)
                for i in g.indices {
                    m[i] = 0.9 * m[i] + 0.1 * g[i]
                    v[i] = 0.999 * v[i] + 0.001 * g[i] * g[i]
                    let (mean, spread) = (m[i] / (1 - pow(0.9, Double(step))), v[i] / (1 - pow(0.999, Double(step))))
                    w[i] -= 1e-3 * mean / (spread.squareRoot() + 1e-8)
                }
                moments[name] = (m, v)
                let shape = weights[place].tensor.shape.sizes
                weights[place].tensor = Tensor(w, shape: shape).to(dtype)
            }
        }
        return try gradients(of: weights, in: dtype)
    }
}
