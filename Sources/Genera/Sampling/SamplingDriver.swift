import Platform
import Synchronization
import Tensors

/// Runs a sampler over the samples that are wanted: lanes, threads, previews, checks, cancellation and counting.
///
/// Indices are cut into groups as the sampler's `lanes` say. A worker takes as many groups as fit in `batch` and carries one
/// after the other through the steps. So the same index gives the same bits for any batch, number of workers, shard or choice
/// of other indices.
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

    /// Draws the samples of a request and hands them over as they are done. A stopped run has handed over all that were
    /// finished.
    ///
    /// Nothing that was handed over is kept, and the work is never more than a few batches a worker ahead, so that memory does
    /// not grow with the number of samples.
    ///
    /// - Parameters:
    ///   - onPreview: takes previews every `previewEvery` steps and at start and end; called from worker threads.
    ///   - deliver: takes indices and their samples, in the order of the request, but that samples of a coupled block come
    ///     together with the first of them. Called from one thread, which is not the caller's and not a worker's.
    /// - Throws: the request's own faults, the first error of a worker (when all samples before it are delivered),
    ///   `GeneraError.notFinite`, or the error of `deliver`.
    public func run<S: Sampler>(
        _ sampler: S, _ request: SamplingRequest,
        onPreview: (@Sendable (SamplingPreview<S.Sample>) throws -> Void)? = nil,
        deliver: ([Int], [S.Sample]) throws -> Void
    ) throws -> SamplingReport {
        var request = request
        request.keepsTrajectory = false
        return try carry(sampler, request, onPreview) { try deliver($0.indices, $0.samples) }
    }

    /// Draws the samples of a request and keeps them. A stopped run returns the samples that were finished.
    ///
    /// - Parameter onPreview: takes previews every `previewEvery` steps and at start and end; called from worker threads.
    /// - Throws: the request's own faults, the first error of a worker, or `GeneraError.notFinite`.
    public func run<S: Sampler>(
        _ sampler: S, _ request: SamplingRequest,
        onPreview: (@Sendable (SamplingPreview<S.Sample>) throws -> Void)? = nil
    ) throws -> SamplingResult<S.Sample> {
        var done = ChunkOutcome<S.Sample>()
        let report = try carry(sampler, request, onPreview) { done.append($0) }
        let order = done.places.indices.sorted { done.places[$0] < done.places[$1] }
        return SamplingResult(
            indices: order.map { done.indices[$0] }, samples: order.map { done.samples[$0] },
            trajectories: request.keepsTrajectory ? order.map { done.trajectories[$0] } : [],
            trajectorySteps: request.keepsTrajectory ? previewSteps(done.steps, every: request.previewEvery) : [],
            report: report)
    }

    private func carry<S: Sampler>(
        _ sampler: S, _ request: SamplingRequest, _ onPreview: (@Sendable (SamplingPreview<S.Sample>) throws -> Void)?,
        deliver: (ChunkOutcome<S.Sample>) throws -> Void
    ) throws -> SamplingReport {
        try request.validate(for: sampler)
        let indices = request.ownIndices(sampler.lanes)
        let groups = sampler.lanes.groups(of: indices, sampleCount: sampler.sampleCount)
        tell(sampler.lanes, request, groups)
        let chunks = Self.cut(groups, lanes: sampler.lanes.count, batch: request.batch, workers: request.workers)
        let meter = Meter(total: groups.count * max(sampler.stepCount, 1), progress: progress)
        progress.report(.began(total: groups.count * max(sampler.stepCount, 1), unit: "steps"))
        let began = Clock.seconds()
        let failure = FirstFailure()
        var cost = SamplingCost()
        try OrderedWork.run(chunks.count, workers: request.workers, ahead: 4 * request.workers) { [stop] number in
            Engine.setIntraOpThreads(request.intraOpThreads)
            let chunk = ChunkRun(
                sampler: sampler, request: request, groups: chunks[number],
                isStopped: { stop.isStopped || failure.precedes(number) }, meter: meter, onPreview: onPreview)
            do {
                return try inferenceMode { try request.scope(of: sampler) { try chunk.outcome() } }
            } catch {
                failure.record(number)
                throw error
            }
        } deliver: { outcome in
            cost.add(outcome.evaluations)
            if !outcome.samples.isEmpty { try deliver(outcome) }
        }
        let report = SamplingReport(cost, seconds: Clock.seconds() - began, wasStopped: cost.samples < indices.count)
        progress.report(.finished("\(report.samples) samples in \(Text.significant(report.seconds, 3)) s"))
        return report
    }

    /// Says where more samples are carried than a person might think.
    private func tell(_ lanes: Lanes, _ request: SamplingRequest, _ groups: [LaneGroup]) {
        if request.batch < lanes.count {
            let text = "\(lanes.count) samples are carried together, which is more than --batch \(request.batch)"
            if case .coupled = lanes { progress.report(.warning(text)) } else { progress.report(.note(text)) }
        }
        let (wanted, carried) = groups.reduce((0, 0)) { ($0.0 + $1.rows.count, $0.1 + $1.carried.count) }
        if case let .coupled(count) = lanes, carried > wanted {
            progress.report(
                .note("samples belong together in blocks of \(count): \(carried) are drawn for the \(wanted) wanted"))
        }
    }

    /// Chunks of groups. Small requests are spread over the workers.
    private static func cut(_ groups: [LaneGroup], lanes: Int, batch: Int, workers: Int) -> [[LaneGroup]] {
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

    /// Counts so many units more; none is no event.
    func advance(_ detail: String, by units: Int = 1) {
        guard units > 0 else { return }
        let count = done.withLock { done in
            done += units
            return done
        }
        let rate = Double(count) / max(Clock.seconds() - began, 1e-9)
        progress.report(.advanced(done: count, total: total, rate: rate, detail: detail))
    }
}
