import Genera
import Synchronization

/// Keeps the previews of every sample, from several threads.
final class Trajectories<Sample: Sendable>: Sendable {
    private let kept = Mutex<[Int: (last: Int, samples: [Sample])]>([:])

    /// Keeps a preview. An index that was asked for twice is kept once.
    func add(_ preview: SamplingPreview<Sample>) {
        kept.withLock { kept in
            for (index, sample) in zip(preview.indices, preview.samples) {
                let own = kept[index] ?? (Int.min, [])
                if preview.step > own.last { kept[index] = (preview.step, own.samples + [sample]) }
            }
        }
    }

    /// Each sample's previews in their order, by its index.
    var all: [Int: [Sample]] { kept.withLock { $0.mapValues(\.samples) } }
}
