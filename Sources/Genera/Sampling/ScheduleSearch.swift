import Platform
import Solvers
import Tensors

/// Finds the grid on which a sampler comes closest to an accurate one, over a few samples.
///
/// The error of a grid is the distance of its final states from those of the reference, root mean square over a sample's
/// elements, averaged over the samples. It is a function of sampler, seed and settings alone, whatever the threads.
public struct ScheduleSearch<S: ScheduledSampler>: Sendable {
    /// How the nodes are moved.
    public var optimizer = GridOptimizer()
    /// How many samples the search looks at. As many others tell whether what it found holds for those too.
    public var samples = 16
    /// The samples' seed.
    public var seed: UInt64 = 0
    /// Steps of the reference.
    public var referenceSteps = 64
    /// Threads that share the samples.
    public var workers = 1
    /// How products are computed, for samplers that do not see to it themselves.
    public var precision = Precision.exact
    /// Where the sampler computes.
    public var device = Device.cpu
    /// Who hears about progress.
    public var progress: any ProgressSink = SilentProgress()
    /// Who may ask to stop.
    public var stop = StopToken()

    private let sampler: S

    /// A search for the grid of a sampler, from its own grid on.
    public init(_ sampler: S) { self.sampler = sampler }

    /// What a search came to.
    public struct Finding: Sendable, Equatable {
        /// The best grid.
        public let grid: [Double]
        /// Errors on the samples that the search looked at, with the grid it began from and with the best.
        public let before: Double, after: Double
        /// The same errors on other samples.
        public let heldOutBefore: Double, heldOutAfter: Double
        /// Grids tried.
        public let trials: Int
    }

    /// Searches.
    ///
    /// - Complexity: about 100 grids a node count of 10, each for `samples` samples, and `referenceSteps` steps for twice as many.
    /// - Throws: what the sampler throws; `GeneraError.interrupted` if it was stopped.
    public func run() throws -> Finding {
        let start = sampler.grid
        let bound = optimizer.sweeps * 2 * max(start.count - 2, 1) + Self.bends.count
        progress.report(.began(total: bound, unit: "grids"))
        let fitted = try bench(0..<samples)
        let heldOut = try bench(samples..<2 * samples)
        let before = try fitted.error(start, 0)
        var (first, least) = (start, before)
        try fitted.accept()
        for bend in Self.bends {
            let grid = Self.bent(start, by: bend)
            let error = try fitted.error(grid, 0)
            if error < least { (first, least) = (grid, error) }
        }
        let meter = Meter(total: bound, progress: progress)
        let lowest = start.last { $0 > 0 } ?? 0
        let best = try optimizer.minimum(from: first, lowest: lowest, improved: { _ in try fitted.accept() }) {
            meter.advance("error \(Text.significant(least, 4))")
            let error = try fitted.error($0, $1)
            least = min(least, error)
            return error
        }
        progress.report(
            .finished(
                "\(best.trials + Self.bends.count) grids: error \(Text.significant(before, 4)) to \(Text.significant(best.error, 4))"
            ))
        let (heldOutBefore, heldOutAfter) = (try heldOut.error(start, 0), try heldOut.error(best.grid, 0))
        if heldOutAfter >= heldOutBefore {
            progress.report(
                .warning(
                    "on other samples the schedule is no better than the one that the search began from; give more --samples than \(samples)"
                ))
        }
        return Finding(
            grid: best.grid, before: before, after: best.error, heldOutBefore: heldOutBefore,
            heldOutAfter: heldOutAfter, trials: best.trials + Self.bends.count + 1)
    }

    /// Powers by which the numbers of the first grid's nodes are bent, to begin from the best of a few.
    private static var bends: [Double] { [0.7, 0.85, 1.2, 1.45] }

    /// The grid with its nodes moved along itself: node i to the place (i/n)^bend, ln(node) read between nodes linearly.
    private static func bent(_ grid: [Double], by bend: Double) -> [Double] {
        let levels = grid.filter { $0 > 0 }
        guard levels.count > 2 else { return grid }
        return NoiseLevels.interpolated(levels, count: levels.count, bend: bend) + (grid.last == 0 ? [0] : [])
    }

    private func bench(_ indices: Range<Int>) throws -> SearchBench<S> {
        let groups = sampler.lanes.groups(of: Array(indices), sampleCount: sampler.sampleCount)
        let reference = try sampler.reference(steps: referenceSteps)
        let machine = SamplingRequest(
            indices: Array(indices), seed: seed, workers: workers, precision: precision, device: device)
        try machine.validate(for: sampler)
        let stop = stop
        let lanes = try Parallel.map(groups.count, workers: workers) { number in
            try machine.computing(sampler) { try SearchLane(sampler, reference, groups[number], seed, stop) }
        }
        return SearchBench(lanes: lanes, machine: machine, sampler: sampler)
    }
}

extension SamplingRequest {
    /// Runs `body` on the calling thread as the driver runs its workers.
    fileprivate func computing<S: Sampler, R>(_ sampler: S, _ body: () throws -> R) rethrows -> R {
        Engine.setIntraOpThreads(intraOpThreads)
        return try inferenceMode { try scope(of: sampler, body) }
    }
}

/// The samples of a search.
private struct SearchBench<S: ScheduledSampler> {
    let lanes: [SearchLane<S>]
    let machine: SamplingRequest
    let sampler: S

    /// The error of a grid that differs from the accepted one from node `changed` on.
    func error(_ grid: [Double], _ changed: Int) throws -> Double {
        let (lanes, machine, sampler) = (lanes, machine, sampler)
        let errors = try Parallel.map(lanes.count, workers: machine.workers) { number in
            try machine.computing(sampler) { try lanes[number].errors(grid, changed) }
        }
        let all = errors.flatMap { $0 }
        return all.reduce(0, +) / Double(max(all.count, 1))
    }

    /// Makes the grid tried last the one that others differ from.
    func accept() throws { for lane in lanes { lane.accept() } }
}

/// A few samples that are carried together. One thread uses it at a time.
private final class SearchLane<S: ScheduledSampler>: @unchecked Sendable {
    private let sampler: S
    private let noise: Noise
    private let stop: StopToken
    private let target: Tensor
    /// The rows that are not there only to fill the lanes.
    private let rows: [Int]
    /// The states before each step on the accepted grid, and on the grid tried last.
    private var accepted: [S.State], tried: [S.State] = []

    init(_ sampler: S, _ reference: S, _ group: LaneGroup, _ seed: UInt64, _ stop: StopToken) throws {
        (self.sampler, self.stop, rows) = (sampler, stop, group.rows)
        noise = Noise(seed: seed, samples: group.carried)
        accepted = [try sampler.start(noise: noise)]
        var state = try reference.start(noise: noise)
        try reference.carry(&state, over: 0..<reference.stepCount, noise: noise) { _, _ in try Self.goesOn(stop) }
        target = try Self.outcome(state)
    }

    func errors(_ grid: [Double], _ changed: Int) throws -> [Double] {
        let sampler = try sampler.along(grid)
        // A node is the end of the step before it.
        let first = min(max(changed - 1, 0), accepted.count - 1)
        tried = Array(accepted.prefix(first + 1))
        var state = tried[first]
        try sampler.carry(&state, over: first..<sampler.stepCount, noise: noise) { step, state in
            if step + 1 < sampler.stepCount { tried.append(state) }
            return try Self.goesOn(stop)
        }
        let difference = (try Self.outcome(state) - target).reshaped([target.shape[0], -1])
        let squares = try difference.squared().mean(axes: [1]).array(of: Double.self)
        return rows.map { squares[$0].squareRoot() }
    }

    func accept() { accepted = tried }

    private static func outcome(_ state: S.State) throws -> Tensor {
        guard let tensor = state.tensors.first else { throw GeneraError.software("The sampler's state has no tensor.") }
        return try tensor.to(.float64).checked()
    }

    private static func goesOn(_ stop: StopToken) throws -> Bool {
        if stop.isStopped { throw GeneraError.interrupted("Interrupted; nothing was written.") }
        return true
    }
}
