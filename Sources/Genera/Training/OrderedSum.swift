import Synchronization
import Tensors

/// Adds what comes in any order in the order of its numbers.
final class OrderedSum: Sendable {
    private struct Terms {
        var losses: [Double] = []
        var gradients: [Tensor] = []
        var next = 0
        var waiting: [Int: (losses: [Double], gradients: [Tensor])] = [:]
    }

    private let terms = Mutex(Terms())

    /// What was added.
    var total: (losses: [Double], gradients: [Tensor]) { terms.withLock { ($0.losses, $0.gradients) } }

    /// Takes the losses and derivatives of part `number`, counted from 0.
    ///
    /// - Throws: errors of tensors, or one that tells parts with different numbers of losses.
    func add(_ number: Int, _ losses: [Double], _ gradients: [Tensor]) throws {
        try terms.withLock { terms in
            terms.waiting[number] = (losses, gradients)
            while let term = terms.waiting.removeValue(forKey: terms.next) {
                if terms.next == 0 {
                    terms.losses = term.losses.map { _ in 0 }
                    // The derivatives may be views of one element repeated, which cannot be added to in place.
                    terms.gradients = try term.gradients.map {
                        try Tensor.zeros($0.shape.sizes, dtype: $0.dtype, device: $0.device).checked()
                    }
                }
                guard term.losses.count == terms.losses.count else {
                    throw GeneraError.software(
                        "Parts of one batch came to \(terms.losses.count) and \(term.losses.count) losses.")
                }
                try TensorList.add(term.gradients, to: terms.gradients)
                terms.losses = zip(terms.losses, term.losses).map { $0 + $1 }
                terms.next += 1
            }
        }
    }
}
