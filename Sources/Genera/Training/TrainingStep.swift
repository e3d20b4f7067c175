import Platform
import Synchronization
import Tensors

/// One step of a training: its numbers, its samples, its noise, and the one costly thing that is done for it.
public struct TrainingStep: Sendable {
    /// Steps done before this one.
    public let number: Int
    /// The epoch, counted from 0.
    public let epoch: Int
    /// The number of the batch in its epoch, counted from 0.
    public let place: Int
    /// The training samples of the batch; one may occur more than once.
    public let indices: [Int]
    /// Noise of this step alone, so that addresses can be used freely; its rows are the samples' places in the batch.
    public let noise: Noise
    /// Whether the metrics of this step make a line. What costs time and is only told need not be worked out otherwise.
    public let isLogged: Bool

    let machine: StepMachine
    private let calls = Count()

    /// The step after `number` others.
    ///
    /// - Parameters:
    ///   - seed: the run's seed. The step's noise is a function of it and `number`.
    ///   - workers: threads that share the micro-batches.
    public init(
        number: Int, indices: [Int], seed: UInt64 = 0, epoch: Int = 0, place: Int = 0, isLogged: Bool = true,
        precision: Precision = .exact, device: Device = .cpu, workers: Int = 1
    ) {
        self.init(
            number: number, epoch: epoch, place: place, indices: indices, seed: seed, isLogged: isLogged,
            machine: StepMachine(precision: precision, device: device, workers: workers))
    }

    init(
        number: Int, epoch: Int, place: Int, indices: [Int], seed: UInt64, isLogged: Bool, machine: StepMachine
    ) {
        (self.number, self.epoch, self.place, self.indices) = (number, epoch, place, indices)
        noise = Noise(seed: PhiloxSource.subseed(seed, number), samples: Array(0..<indices.count))
        (self.isLogged, self.machine) = (isLogged, machine)
    }

    /// The losses of the batch, and the derivatives of their sum by some parameters.
    ///
    /// The batch is cut into parts that the workers share. Where it is cut does not depend on their number, and what they find is added
    /// in the order of the parts, so that the result has the same bits on any number of threads.
    ///
    /// - Parameters:
    ///   - parameters: trainable leaves; where no loss depends on one its derivatives are 0.
    ///   - cut: samples a part, a matter of memory and speed. Nil for losses that see the whole batch at once, such as one that
    ///     compares its samples with each other.
    ///   - losses: the losses of a part, each the mean over its samples: scalars, always as many. Called from several threads at a
    ///     time.
    /// - Returns: the losses, each the mean over the whole batch, and one derivative a parameter.
    /// - Throws: an error that tells a loss that is not finite; the first error of a thread. The first call in a step throws where the
    ///   user asked to stop: let it pass.
    public func gradients(
        of parameters: [Tensor], cut: Int?, _ losses: @escaping @Sendable (Batch) throws -> [Tensor]
    ) throws -> (losses: [Double], gradients: [Tensor]) {
        try summed(parameters, cut, losses) { Double($0.indices.count) / Double($0.size) }
    }

    /// The same for one loss that is the sum over a part's samples; the batch's is divided by their number.
    func gradients(
        of parameters: [Tensor], cut: Int?, ofSum loss: @escaping @Sendable (Batch) throws -> Tensor
    ) throws -> (loss: Double, gradients: [Tensor]) {
        let found = try summed(parameters, cut, { [try loss($0)] }, weight: { 1 / Double($0.size) })
        return (found.losses[0], found.gradients)
    }

    /// Adds the losses of the parts and their derivatives, each times the part's weight.
    private func summed(
        _ parameters: [Tensor], _ cut: Int?, _ losses: @escaping @Sendable (Batch) throws -> [Tensor],
        weight: @escaping @Sendable (Batch) -> Double
    ) throws -> (losses: [Double], gradients: [Tensor]) {
        let parts = parts(cut)
        let (sum, done) = (OrderedSum(), Count())
        let mayStop = calls.next() == 1
        let machine = machine
        _ = try Parallel.map(parts.count, workers: machine.workers) { number in
            if mayStop, machine.stop.isStopped { throw StepAbandoned() }
            Engine.setIntraOpThreads(machine.intraOpThreads)
            let part = parts[number]
            let weight = weight(part)
            let found = try machine.precision.scope(on: machine.device) {
                try losses(part).map { try ($0.dtype == .float64 ? $0 : $0.to(.float32)).checked() }
            }
            guard let first = found.first else { throw GeneraError.software("A training step was given no loss.") }
            let values = try found.map { try $0.item() * weight }
            if let bad = values.first(where: { !$0.isFinite }) { throw NotFiniteLoss(loss: bad) }
            let total = found.dropFirst().reduce(first) { $0 + $1 }
            try sum.add(number, values, (weight == 1 ? total : total * weight).gradients(of: parameters))
            machine.partIsDone(done.next(), parts.count)
        }
        return sum.total
    }

    private func parts(_ cut: Int?) -> [Batch] {
        let size = max(cut ?? indices.count, 1)
        return stride(from: 0, to: indices.count, by: size).map { start in
            let range = start..<min(start + size, indices.count)
            return Batch(
                Array(indices[range]), noise: noise.of(samples: Array(range)), size: indices.count, step: number)
        }
    }

    /// Counts from 1, on any number of threads.
    private final class Count: Sendable {
        private let value = Atomic<Int>(0)
        func next() -> Int { value.wrappingAdd(1, ordering: .relaxed).newValue }
    }
}

/// A part of a step's batch, or all of it.
public struct Batch: Sendable {
    /// The training samples of the part; one may occur more than once.
    public let indices: [Int]
    /// Noise of the step; its rows are the samples' places in the whole batch.
    public let noise: Noise
    /// The number of samples in the whole batch, of all parts.
    public let size: Int
    /// Steps done before this one.
    public let step: Int

    /// A part of a batch of `size` samples; of as many as there are indices, unless stated.
    public init(_ indices: [Int], noise: Noise, size: Int? = nil, step: Int = 0) {
        (self.indices, self.noise, self.size, self.step) = (indices, noise, size ?? indices.count, step)
    }
}

/// How a step is computed. None of it but the precision, and more than one thread an operation, changes bits.
struct StepMachine: Sendable {
    var precision = Precision.exact
    var device = Device.cpu
    var workers = 1
    var intraOpThreads = 1
    var stop = StopToken()
    /// Told after each part of a step how many of how many are done, from several threads.
    var partIsDone: @Sendable (_ done: Int, _ count: Int) -> Void = { _, _ in }
}

/// A step that was given up because someone asked to stop: nothing of it happened.
struct StepAbandoned: Error {}

/// A loss with which no step can be taken. The driver tells it with the step.
struct NotFiniteLoss: Error, Equatable {
    let loss: Double
}
