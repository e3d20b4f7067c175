import Foundation
import Genera

/// What driver, addressed noise and samples cost a model that is as small as models get: 100,000 points of a Gaussian mixture by 50
/// Euler steps of its closed-form flow, beside a loop over tensors written by hand.
func coreShare() throws {
    let (points, lanes) = (100_000, 1024)
    let sampler = RingSampler(stepCount: 50, lanes: .alike(lanes))
    let request = SamplingRequest(indices: Array(0..<points), seed: 1, batch: lanes)
    func loop(in size: Int) throws -> [Float] {
        var values: [Float] = []
        values.reserveCapacity(points * 2)
        for first in stride(from: 0, to: points, by: size) {
            // Numbers of a plain generator would do for a loop; the same ones keep the comparison to the rest of the core.
            var x = try Noise(seed: 1, samples: Array(first..<min(first + size, points))).normal([2], at: .start)
            try inferenceMode { for step in 0..<50 { try sampler.advance(&x, step: step) } }
            values += try x.array(of: Float.self)
        }
        return values
    }
    let driven = try median(of: 5) { _ = try SamplingDriver().run(sampler, request) }
    let chunks = try median(of: 5) { _ = try loop(in: lanes) }
    let whole = try median(of: 5) { _ = try loop(in: points) }
    func row(_ name: String, _ seconds: Double) -> [String] {
        [name, milliseconds(seconds), String(format: "%.1f", (driven - seconds) / driven * 100)]
    }
    printTable(
        "100,000 points, 50 steps, one thread", ["way", "ms", "share of the core, %"],
        [
            ["`SamplingDriver`, groups of \(lanes)", milliseconds(driven), ""],
            row("loop by hand, batches of \(lanes)", chunks), row("loop by hand, one batch", whole),
        ])
}

/// Eight normal laws on a ring, and the velocity that carries noise to them.
private struct RingSampler: Sampler {
    typealias Sample = PointCloud
    let stepCount: Int
    let lanes: Lanes
    private let centres = Tensor(
        [2, 0, 1.41, 1.41, 0, 2, -1.41, 1.41, -2, 0, -1.41, -1.41, 0, -2, 1.41, -1.41] as [Float], shape: [8, 2])

    init(stepCount: Int, lanes: Lanes) {
        self.stepCount = stepCount
        self.lanes = lanes
    }

    func start(noise: Noise) throws -> Tensor { try noise.normal([2], at: .start) }
    func advance(_ x: inout Tensor, step: Int, noise: Noise) throws { try advance(&x, step: step) }

    func advance(_ x: inout Tensor, step: Int) throws {
        let t = Double(step) / Double(stepCount)
        let variance = (1 - t) * (1 - t) + t * t * 0.0225
        let offsets = x.unsqueezed(1) - centres.unsqueezed(0) * t
        let weights = (offsets.squared().sum(axes: [2]) * (-0.5 / variance)).softmax(axis: 1).unsqueezed(2)
        let velocity = (weights * (centres.unsqueezed(0) + offsets * ((t * 0.0225 - (1 - t)) / variance))).sum(axes: [1]
        )
        x = x + velocity * (1 / Double(stepCount))
    }
}
