import Platform
import Synchronization
import Tensors

/// Runs a sampler over the samples that are wanted: batches, threads, previews, checks, cancellation and counting.
///
/// Indices are cut into groups of the sampler's `laneCount`. A worker takes as many groups as fit in `batch` and carries
/// them through the steps side by side, each by itself. So the same index gives the same bits for any batch, number of
/// workers, shard or choice of other indices, as far as the sampler treats its lanes alike.
public struct SamplingDriver: Sendable {
    /// Who hears about progress.
    public var progress: any ProgressSink
    /// Who may ask to stop.
    public var stop: StopToken

    /// Makes a driver.
    public init(progress: any ProgressSink = SilentProgress(), stop: StopToken = StopToken()) {
        self.progress = progress
        self.stop = stop
    }

    /// Draws the samples of a request. A stopped run returns the samples that were finished.
    ///
    /// - Parameter onPreview: takes previews every `previewEvery` steps and at the start; called from worker threads.
    /// - Throws: the request's own faults, the first error of a worker, or `GeneraError.notFinite`.
    public func run<S: Sampler>(
        _ sampler: S, _ request: SamplingRequest,
        onPreview: (@Sendable (SamplingPreview<S.Sample>) throws -> Void)? = nil
    ) throws -> SamplingResult<S.Sample> {
        try request.validate()
        let indices = request.ownIndices
        let chunks = cut(indices, lanes: max(sampler.laneCount, 1), batch: request.batch, workers: request.workers)
        let units = chunks.reduce(0) { $0 + $1.count * max(sampler.stepCount, 1) }
        let meter = Meter(total: units, progress: progress)
        progress.report(.began(total: units, unit: "steps"))
        let began = Clock.seconds()
        let failure = FirstFailure()
        let outcomes = try Parallel.map(chunks.count, workers: request.workers) { [stop] number in
            Engine.setIntraOpThreads(request.intraOpThreads)
            let chunk = ChunkRun(
                sampler: sampler, request: request, groups: chunks[number],
                isStopped: { stop.isStopped || failure.precedes(number) }, meter: meter, onPreview: onPreview)
            do {
                return try inferenceMode { try chunk.outcome() }
            } catch {
                failure.record(number)
                throw error
            }
        }
        let done = outcomes.reduce(into: ChunkOutcome<S.Sample>()) { $0.append($1) }
        let report = SamplingReport(
            nfe: sampler.evaluationCount, seconds: Clock.seconds() - began, samples: done.samples.count,
            wasStopped: done.samples.count < indices.count)
        progress.report(.finished("\(report.samples) samples in \(Text.significant(report.seconds, 3)) s"))
        let steps = request.keepsTrajectory ? previewSteps(sampler.stepCount, every: request.previewEvery) : []
        return SamplingResult(
            indices: done.indices, samples: done.samples, trajectories: done.trajectories, trajectorySteps: steps,
            report: report)
    }

    /// Chunks of groups of indices. Small requests are spread over the workers.
    private func cut(_ indices: [Int], lanes: Int, batch: Int, workers: Int) -> [[ArraySlice<Int>]] {
        let groups = stride(from: 0, to: indices.count, by: lanes).map {
            indices[$0..<min($0 + lanes, indices.count)]
        }
        let fair = (groups.count + workers - 1) / workers
        let size = max(1, min(batch / lanes, fair))
        return stride(from: 0, to: groups.count, by: size).map { Array(groups[$0..<min($0 + size, groups.count)]) }
    }
}

/// The steps after which previews are due; -1 is the start.
func previewSteps(_ stepCount: Int, every: Int) -> [Int] {
    every > 0 ? [-1] + (0..<stepCount).filter { ($0 + 1) % every == 0 || $0 == stepCount - 1 } : []
}

/// The first chunk that failed. Chunks after it need not go on; those before it do, for they may fail too, and then it is
/// their error that is told, whichever thread was faster.
private final class FirstFailure: Sendable {
    private let number = Atomic<Int>(.max)

    func record(_ chunk: Int) { number.min(chunk, ordering: .relaxed) }

    func precedes(_ chunk: Int) -> Bool { number.load(ordering: .relaxed) < chunk }
}

/// Counts units of work done on all threads.
final class Meter: Sendable {
    private let done = Mutex(0)
    private let total: Int
    private let progress: any ProgressSink
    private let began = Clock.seconds()

    init(total: Int, progress: any ProgressSink) {
        self.total = total
        self.progress = progress
    }

    func advance(_ detail: String) {
        let count = done.withLock { done in
            done += 1
            return done
        }
        let rate = Double(count) / max(Clock.seconds() - began, 1e-9)
        progress.report(.advanced(done: count, total: total, rate: rate, detail: detail))
    }
}
