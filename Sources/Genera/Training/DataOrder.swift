import Synchronization

/// In which order training samples are used: each epoch is a permutation of all, a function of seed and epoch alone.
public final class DataOrder: Sendable {
    /// The number of training samples.
    public let size: Int
    private let seed: UInt64
    private let cache: Mutex<[Int: [UInt32]]>

    /// The order of `size` samples under a seed.
    public init(size: Int, seed: UInt64) {
        precondition(size > 0 && size <= 1 << 32, "A data set has between 1 and 2^32 samples, got \(size).")
        self.size = size
        self.seed = PhiloxSource.subseed(seed, -2)
        cache = Mutex([:])
    }

    /// The samples of draws `range`, counted from the start of training.
    public func indices(_ range: Range<Int>) -> [Int] {
        guard let first = range.first, let last = range.last else { return [] }
        let epochs = first / size...last / size
        return cache.withLock { cache in
            cache = cache.filter { epochs.contains($0.key) }
            for epoch in epochs where cache[epoch] == nil { cache[epoch] = permutation(epoch) }
            return range.map { Int(cache[$0 / size]![$0 % size]) }
        }
    }

    /// The permutation of an epoch, by Fisher and Yates.
    func permutation(_ epoch: Int) -> [UInt32] {
        let stream = PhiloxStream(
            philox: Philox(seed: seed), lane: 0, stage: UInt32(truncatingIfNeeded: epoch), sample: 0)
        var order = (0..<size).map { UInt32(truncatingIfNeeded: $0) }
        var block: UInt32 = 0
        for last in stride(from: size - 1, to: 0, by: -1) {
            order.swapAt(last, Int(stream.integer(below: UInt64(last + 1), block: &block)))
        }
        return order
    }
}
