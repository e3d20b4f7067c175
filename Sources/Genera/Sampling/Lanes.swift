/// How many samples a sampler carries together, and which.
public enum Lanes: Sendable, Equatable {
    /// So many, whichever they are. Rows of a batch do not touch each other; the number is fixed because kernels may give a
    /// row other last bits in a batch of another size. The driver fills up with repetitions where fewer are wanted.
    case alike(Int)
    /// Blocks of so many: sample i always goes with the others of block i / n, for samplers whose samples touch each other,
    /// by a mean over the batch for example. The whole block is carried even if one sample of it is wanted, and shards deal
    /// out whole blocks, so that a sample is the same whatever else was asked for. Where `sampleCount` ends, so does the
    /// last block.
    case coupled(Int)

    /// How many are carried together, at least 1.
    public var count: Int {
        switch self {
        case let .alike(count), let .coupled(count): max(count, 1)
        }
    }

    /// The wanted samples in groups that are carried together, in their order. Samples of a coupled block come with the first
    /// of them.
    func groups(of indices: [Int], sampleCount: Int? = nil) -> [LaneGroup] {
        switch self {
        case .alike:
            return stride(from: 0, to: indices.count, by: count).map { start in
                let places = Array(start..<min(start + count, indices.count))
                let own = places.map { indices[$0] }
                let padding = Array(repeating: own[own.count - 1], count: count - own.count)
                return LaneGroup(carried: own + padding, rows: Array(own.indices), places: places)
            }
        case .coupled:
            let end = min(sampleCount ?? SamplingRequest.indexLimit, SamplingRequest.indexLimit)
            return blocks(of: indices).map { block, places in
                let carried = block * count..<max(min((block + 1) * count, end), block * count + 1)
                return LaneGroup(
                    carried: Array(carried), rows: places.map { indices[$0] - carried.lowerBound }, places: places)
            }
        }
    }

    /// The blocks of some samples in the order in which they first appear, with the places of their samples.
    func blocks(of indices: [Int]) -> [(block: Int, places: [Int])] {
        var order: [Int: Int] = [:]
        var blocks: [(block: Int, places: [Int])] = []
        for (place, index) in indices.enumerated() {
            let block = index / count
            if let known = order[block] {
                blocks[known].places.append(place)
            } else {
                order[block] = blocks.count
                blocks.append((block, [place]))
            }
        }
        return blocks
    }
}

/// Samples that are carried together.
struct LaneGroup: Sendable, Equatable {
    /// The samples of the batch, one a row, wanted or not.
    let carried: [Int]
    /// The rows that are wanted.
    let rows: [Int]
    /// The places of those in the list of what is wanted.
    let places: [Int]

    /// The wanted samples' indices.
    var indices: [Int] { rows.map { carried[$0] } }
}
