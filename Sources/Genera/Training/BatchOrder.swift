/// In which order training samples come, and how many a step. Each epoch is a permutation of all samples (`DataOrder`); where batches
/// lie in it is what differs.
public struct BatchOrder: Sendable, Equatable {
    /// What happens where an epoch ends.
    public enum Ends: Sendable, Equatable {
        /// Batches run across it, so that all have the same size.
        case endless
        /// A batch ends with it. The last one of an epoch is smaller where the samples do not divide evenly, or is left out.
        case epochs(keepsLast: Bool)
    }

    /// The number of training samples.
    public var samples: Int
    /// Samples a step.
    public var batch: Int
    /// What happens where an epoch ends.
    public var ends: Ends

    /// Batches of `batch` out of `samples` training samples.
    public init(samples: Int, batch: Int, ends: Ends = .endless) {
        (self.samples, self.batch, self.ends) = (samples, batch, ends)
    }

    /// Batches that run on across the ends of epochs.
    public static func endless(samples: Int, batch: Int) -> BatchOrder { BatchOrder(samples: samples, batch: batch) }

    /// Batches that end with their epoch.
    public static func epochs(samples: Int, batch: Int, keepsLast: Bool) -> BatchOrder {
        BatchOrder(samples: samples, batch: batch, ends: .epochs(keepsLast: keepsLast))
    }

    /// The batch of one step.
    public struct Place: Sendable, Equatable {
        /// The epoch, counted from 0, in which its first sample lies.
        public let epoch: Int
        /// The number of the batch in its epoch, counted from 0.
        public let place: Int
        /// Its samples, counted through all epochs: sample `draw % samples` of the permutation of epoch `draw / samples`.
        public let draws: Range<Int>

        /// A batch of the draws given.
        public init(epoch: Int, place: Int, draws: Range<Int>) {
            (self.epoch, self.place, self.draws) = (epoch, place, draws)
        }
    }

    /// Where the batch of step `step`, counted from 0, lies.
    public func place(of step: Int) -> Place {
        switch ends {
        case .endless:
            let epoch = step * batch / samples
            let first = (epoch * samples + batch - 1) / batch
            return Place(epoch: epoch, place: step - first, draws: step * batch..<(step + 1) * batch)
        case .epochs:
            let (epoch, place) = step.quotientAndRemainder(dividingBy: batchesPerEpoch)
            let start = epoch * samples + place * batch
            return Place(epoch: epoch, place: place, draws: start..<min(start + batch, (epoch + 1) * samples))
        }
    }

    /// Samples seen in the first `steps` steps.
    public func samplesSeen(after steps: Int) -> Int {
        guard case .epochs(keepsLast: true) = ends else { return steps * batch }
        let (epochs, rest) = steps.quotientAndRemainder(dividingBy: batchesPerEpoch)
        return epochs * samples + rest * batch
    }

    /// Steps an epoch, where batches end with it; else the whole number of them.
    public var batchesPerEpoch: Int {
        ends == .epochs(keepsLast: true) ? (samples + batch - 1) / batch : max(samples / batch, 1)
    }

    /// Refuses an order that cannot be followed for so many steps.
    ///
    /// - Throws: `GeneraError.usage`.
    func check(steps: Int) throws {
        guard samples > 0 else { throw GeneraError.usage("The data set is empty.") }
        guard samples <= 1 << 32 else {
            throw GeneraError.usage("A data set has at most 2^32 samples, this one \(samples).")
        }
        guard (1...Self.largestBatch).contains(batch) else {
            throw GeneraError.usage("A batch has from 1 to \(Self.largestBatch) samples, got \(batch).")
        }
        guard (1...Self.mostSteps).contains(steps) else {
            throw GeneraError.usage("A training has from 1 to 10^12 steps, got \(steps).")
        }
        if case .epochs(keepsLast: false) = ends, batch > samples {
            throw GeneraError.usage(
                "A batch of \(batch) is more than the \(samples) training samples. Choose smaller batches, or more data."
            )
        }
    }

    /// More would be a slip of the fingers, and 10^12 steps of this size can still be counted.
    public static let largestBatch = 1_000_000
    /// The most steps of a training.
    public static let mostSteps = 1_000_000_000_000
}
