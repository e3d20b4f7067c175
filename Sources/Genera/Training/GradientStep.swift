import Platform
import Synchronization
import Tensors

/// Works out the loss of a batch and its derivatives, micro-batch by micro-batch on several threads.
///
/// Micro-batches are cut the same way whatever the number of threads, and their derivatives are added in their order, so
/// that the sum has the same bits on one thread or many.
struct GradientStep: Sendable {
    let objective: any Objective
    let settings: TrainingSettings
    let intraOpThreads: Int

    /// The mean loss of the batch and its derivatives by the parameters.
    ///
    /// - Throws: the first error of a thread.
    func run(step: Int, indices: [Int], parameters: [Tensor]) throws -> (loss: Double, gradients: [Tensor]) {
        let seed = PhiloxSource.subseed(settings.seed, step)
        let size = settings.microBatch
        let ranges = stride(from: 0, to: indices.count, by: size).map { $0..<min($0 + size, indices.count) }
        let sum = OrderedSum()
        let share = 1 / Double(indices.count)
        _ = try Parallel.map(ranges.count, workers: settings.workers) { number in
            Engine.setIntraOpThreads(intraOpThreads)
            let range = ranges[number]
            let noise = Noise(seed: seed, samples: Array(range))
            let loss = try settings.precision.scope(on: settings.device) {
                try objective.loss(of: Array(indices[range]), noise: noise).to(.float32).checked()
            }
            let gradients = try (loss * share).gradients(of: parameters)
            try sum.add(number, try loss.item(), gradients)
        }
        let (loss, gradients) = sum.total
        return (loss * share, gradients)
    }
}

/// Adds what comes in any order in the order of its numbers.
private final class OrderedSum: Sendable {
    private struct Terms {
        var loss = 0.0
        var gradients: [Tensor] = []
        var next = 0
        var waiting: [Int: (loss: Double, gradients: [Tensor])] = [:]
    }

    private let terms = Mutex(Terms())

    var total: (loss: Double, gradients: [Tensor]) { terms.withLock { ($0.loss, $0.gradients) } }

    func add(_ number: Int, _ loss: Double, _ gradients: [Tensor]) throws {
        try terms.withLock { terms in
            terms.waiting[number] = (loss, gradients)
            while let term = terms.waiting.removeValue(forKey: terms.next) {
                if terms.next == 0 {
                    // The derivatives may be views of one element repeated, which cannot be added to in place.
                    terms.gradients = try term.gradients.map {
                        try Tensor.zeros($0.shape.sizes, device: $0.device).checked()
                    }
                }
                try TensorList.add(term.gradients, to: terms.gradients)
                terms.loss += term.loss
                terms.next += 1
            }
        }
    }
}
