import Genera
import Synchronization

/// Two networks with a loss each and an optimiser each: different rates, L2 decay and an average on one, plain Adam with clipping on the
/// other. One backward serves both.
final class TwoNetworks: Trainer {
    private struct State {
        var x: Optimiser
        var a: Optimiser
    }

    private let networks: Mutex<State>
    let configuration = "{\"networks\": 2}"
    let stepCount = 40
    let order = BatchOrder.epochs(samples: 29, batch: 12, keepsLast: true)

    init(seed: UInt64 = 5) throws {
        let scope = ParameterScope.drawing(seed: seed)
        _ = try Linear(2, 3, in: scope["x"])
        _ = try Linear(3, 3, in: scope["a.0"])
        _ = try Linear(3, 1, in: scope["a.1"])
        func part(_ beginning: String) -> [(name: String, tensor: Tensor)] {
            scope.entries.filter { $0.name.hasPrefix(beginning) }.map { ($0.name, $0.tensor) }
        }
        networks = Mutex(
            State(
                x: try Optimiser("x", part("x"), Adam(decay: .l2(1e-2)), average: .counted(0.99)),
                a: try Optimiser("a", part("a"), SGD(momentum: 0.9), clip: 0.5)))
    }

    func advance(_ step: TrainingStep) throws -> [Metric] {
        try networks.withLock { state in
            let parameters = state.x.parameters + state.a.parameters
            let (losses, g) = try step.gradients(of: parameters, cut: 5) { try Self.losses(of: $0, parameters) }
            let rate = 0.02 * (step.epoch % 2 == 0 ? 1 : 0.5)
            return try [.mean("loss-x", losses[0]), .mean("loss-a", losses[1])]
                + state.x.step(Array(g.prefix(state.x.count)), rate: rate)
                + state.a.step(Array(g.dropFirst(state.x.count)), rate: rate)
        }
    }

    /// How well the first network undoes noise, and how well the second tells the index from what the first puts out.
    private static func losses(of batch: Batch, _ p: [Tensor]) throws -> [Tensor] {
        let clean = Tensor(batch.indices.flatMap { [Float($0) / 29, Float($0 % 3)] }, shape: [batch.indices.count, 2])
        let noisy = clean + (try batch.noise.normal([2], at: .start)) * 0.3
        let hidden = noisy.matmul(p[0].transposed()) + p[1]
        let wanted = Tensor.concatenated([clean, clean.sum(axes: [1], keeping: true)], axis: 1)
        let told = (hidden.detached().matmul(p[2].transposed()) + p[3]).tanh().matmul(p[4].transposed()) + p[5]
        let right = clean.narrowed(axis: 1, 0..<1)
        return [(hidden - wanted).squared().sum(axes: [1]).mean(), (told - right).squared().sum(axes: [1]).mean()]
    }

    var state: [(name: String, tensor: Tensor)] { networks.withLock { $0.x.state + $0.a.state } }

    func restore(_ state: TrainingState) throws {
        try networks.withLock {
            try $0.x.restore(state)
            try $0.a.restore(state)
        }
    }

    func model() throws -> ModelCheckpoint {
        try ModelCheckpoint(
            family: "", configuration: configuration, tensors: networks.withLock { $0.x.averaged + $0.a.averaged })
    }
}

/// Bumps in the plane that learn a curve: their number doubles every ten steps, and halfway some are dropped.
final class Bumps: Trainer {
    private let bumps: Mutex<Optimiser>
    let configuration = "{}"
    let stepCount = 40
    let order = BatchOrder.endless(samples: 23, batch: 12)

    init() throws {
        let places = try Tensor([0.1, 0.4, 0.7, 0.2] as [Float], shape: [2, 2]).requiringGradient()
        let heights = try Tensor([0.5, -0.5] as [Float], shape: [2, 1]).requiringGradient()
        bumps = Mutex(
            try Optimiser(
                "bumps", [("place", places), ("height", heights)], Adam(epsilon: 1e-15), average: .counted(0.9)))
    }

    var count: Int { bumps.withLock { $0.parameters[0].shape[0] } }

    func advance(_ step: TrainingStep) throws -> [Metric] {
        try bumps.withLock { bumps in
            let p = bumps.parameters
            let (losses, g) = try step.gradients(of: p, cut: 4) { [try Self.loss(of: $0, p)] }
            var metrics = [Metric.mean("loss", losses[0])] + (try bumps.step(g, rate: 0.05))
            if step.number % 10 == 9 { try Self.double(&bumps, step.noise) }
            if step.number == 24 { try bumps.keep(rows: bumps.parameters[1].reshaped([-1]).abs().isLess(than: 0.45)) }
            metrics.append(.latest("bumps", Double(bumps.parameters[0].shape[0])))
            return metrics
        }
    }

    private static func loss(of batch: Batch, _ p: [Tensor]) throws -> Tensor {
        let x = Tensor(
            batch.indices.flatMap { [Float($0) / 23, Float($0 % 5) / 5] }, shape: [batch.indices.count, 1, 2])
        let moved = x + (try batch.noise.normal([1, 2], at: .start)) * 0.05
        let bells = ((moved - p[0]).squared().sum(axes: [2]) * -4).exp()
        let wanted = Tensor(batch.indices.map { Float($0 % 7) / 7 }, shape: [batch.indices.count, 1])
        return (bells.matmul(p[1]) - wanted).squared().mean()
    }

    /// Adds a moved copy of every bump.
    private static func double(_ bumps: inout Optimiser, _ noise: Noise) throws {
        let rows = noise.of(samples: Array(0..<bumps.parameters[0].shape[0]))
        try bumps.append([
            bumps.parameters[0] + (try rows.normal([2], at: .start(draw: 1))) * 0.1, bumps.parameters[1] * 0.5,
        ])
    }

    var state: [(name: String, tensor: Tensor)] { bumps.withLock { $0.state } }
    func restore(_ state: TrainingState) throws { try bumps.withLock { try $0.restore(state, resizing: true) } }
    func model() throws -> ModelCheckpoint {
        try ModelCheckpoint(family: "", configuration: configuration, tensors: bumps.withLock { $0.averaged })
    }
    func assess() -> [Metric] { [.latest("bumps there", Double(count))] }
}
