import Genera
import Synchronization

/// A random walk in the plane with a matrix product in each step, to be sensitive to how lanes are computed.
struct ToySampler: Sampler {
    var stepCount = 5
    var lanes = Lanes.alike(4)
    var poisonedStep = -1
    var poisonedSamples: Set<Int> = [5]
    /// Called with the step and the indices of the samples.
    var onStep: (@Sendable (Int, [Int]) -> Void)?

    func start(noise: Noise) throws -> Tensor { try noise.normal([2], at: .start) }

    func advance(_ state: inout Tensor, step: Int, noise: Noise) throws {
        onStep?(step, noise.samples)
        let turn = Tensor([0.6, -0.8, 0.8, 0.6] as [Float], shape: [2, 2])
        state = state.matmul(turn) + (try noise.normal([2], at: .step(step))) * 0.3
        guard step == poisonedStep else { return }
        let mask = noise.samples.map { poisonedSamples.contains($0) ? Float.nan : 0 }
        state = state + Tensor(mask, shape: [mask.count, 1])
    }

    func finish(_ state: Tensor) throws -> [PointCloud] { try PointCloud.rows(of: state) }
    func evaluations(step: Int) -> Int { step == stepCount - 1 ? 1 : 2 }
    func describe(step: Int) -> String? { "sigma \(stepCount - step)" }
}

/// Learns the rows of a table by a linear map of their index's features, with noise, so that order and noise matter.
final class ToyObjective: Objective {
    let weight: Tensor
    let bias: Tensor
    let running: Tensor
    let datasetSize: Int
    let nanAt: Int?
    private let calls = Atomic<Int>(0)

    let dataDigest: String?

    init(datasetSize: Int = 50, nanAt: Int? = nil, digest: String? = nil) throws {
        dataDigest = digest
        self.datasetSize = datasetSize
        self.nanAt = nanAt
        weight = try Tensor([0.1, -0.2, 0.3, 0.4] as [Float], shape: [2, 2]).requiringGradient()
        bias = try Tensor.zeros([2]).requiringGradient()
        running = Tensor([1, 2] as [Float])
    }

    var parameters: [(name: String, tensor: Tensor)] { [("weight", weight), ("bias", bias)] }
    var buffers: [(name: String, tensor: Tensor)] { [("running", running)] }
    var configuration: String { "{\"width\": 2}" }

    func loss(of batch: Batch) throws -> Tensor {
        let (indices, noise) = (batch.indices, batch.noise)
        let angles = indices.map { Double($0) * 0.37 }
        let x = Tensor(angles.flatMap { [Float(sinApproximation($0)), Float($0 - 9)] }, shape: [indices.count, 2])
        let noisy = x + (try noise.normal([2], at: .start)) * 0.5
        let error = noisy.matmul(weight) + bias - x
        let call = calls.wrappingAdd(1, ordering: .relaxed).oldValue
        return error.squared().sum() * (call == nanAt ? Double.nan : 1)
    }

    func previewSampler(weights: [(name: String, tensor: Tensor)]) throws -> (any Sampler)? { ToySampler() }

    private func sinApproximation(_ x: Double) -> Double { x - x * x * x / 1000 }
}

extension ToyObjective {
    /// Twelve samples a step in parts of five.
    static let plan = OptimiserPlan(
        steps: 30, batch: 12, cut: 5, average: .halfLife(200, batch: 12, ramp: 0.05)
    ) { 0.02 * min(Double($0 * 12) / 100, 1) }

    func bits() throws -> [UInt32] { try parameters.flatMap { try $0.tensor.array(of: Float.self).map(\.bitPattern) } }
}

/// Counts from 1.
final class Counter: Sendable {
    private let value = Mutex(0)

    func next() -> Int {
        value.withLock {
            $0 += 1
            return $0
        }
    }
}
