import Tensors

/// What came of some samples that were drawn together.
struct ChunkOutcome<Sample: Sendable>: Sendable {
    /// Places in the list of what is wanted.
    var places: [Int] = []
    var indices: [Int] = []
    var samples: [Sample] = []
    var trajectories: [[Sample]] = []
    /// Evaluations of the network, one number a sample.
    var evaluations: [Int] = []
    /// The most steps that a sample took.
    var steps = 0

    mutating func append(_ other: ChunkOutcome) {
        places += other.places
        indices += other.indices
        samples += other.samples
        trajectories += other.trajectories
        evaluations += other.evaluations
        steps = max(steps, other.steps)
    }
}

/// Carries groups of samples through their steps, one group after the other, on one thread.
struct ChunkRun<S: Sampler>: Sendable {
    let sampler: S
    let request: SamplingRequest
    let groups: [LaneGroup]
    /// Whether the user asked to stop, or an earlier chunk failed.
    let isStopped: @Sendable () -> Bool
    let meter: Meter
    let onPreview: (@Sendable (SamplingPreview<S.Sample>) throws -> Void)?

    /// The finished samples: not those of the group that a stop found on its way, nor of groups after it.
    func outcome() throws -> ChunkOutcome<S.Sample> {
        var outcome = ChunkOutcome<S.Sample>()
        for group in groups {
            guard !isStopped(), let one = try self.outcome(of: group) else { break }
            outcome.append(one)
        }
        return outcome
    }

    /// The samples of a group; nil if a stop came before its end.
    private func outcome(of group: LaneGroup) throws -> ChunkOutcome<S.Sample>? {
        let noise = Noise(source: request.noise ?? PhiloxSource(seed: request.seed), samples: group.carried)
        var outcome = ChunkOutcome<S.Sample>(places: group.places, indices: group.indices)
        if request.keepsTrajectory { outcome.trajectories = outcome.indices.map { _ in [] } }
        var state = try sampler.start(noise: noise)
        try check(state, group, step: -1)
        if request.previewEvery > 0 { try show(state, group, step: -1, &outcome) }
        let done = try sampler.carry(&state, over: 0..<sampler.stepCount, noise: noise) { step, state in
            try check(state, group, step: step)
            meter.advance(sampler.describe(step: step) ?? "")
            if isPreviewed(step, state) { try show(state, group, step: step, &outcome) }
            return !isStopped()
        }
        guard state.isFinished || (done == sampler.stepCount && !state.decidesItsEnd) else { return nil }
        outcome.samples = try wanted(sampler.finish(state), group)
        let evaluations = state.evaluations ?? sampler.evaluations(in: 0..<done)
        let ofEach = state.evaluationsOfEach
        outcome.evaluations = group.rows.map { row in
            ofEach.flatMap { $0.indices.contains(row) ? $0[row] : nil } ?? evaluations
        }
        outcome.steps = done
        meter.advance("", by: max(sampler.stepCount, 1) - done)
        return outcome
    }

    /// Whether the state after a step is shown: every so many steps, and at the end.
    private func isPreviewed(_ step: Int, _ state: S.State) -> Bool {
        request.previewEvery > 0
            && ((step + 1) % request.previewEvery == 0 || step == sampler.stepCount - 1 || state.isFinished)
    }

    /// The samples of a group that are wanted.
    private func wanted(_ samples: [S.Sample], _ group: LaneGroup) throws -> [S.Sample] {
        guard samples.count > group.rows.max() ?? 0 else {
            throw GeneraError.software(
                "The sampler made \(samples.count) samples of a batch of \(group.carried.count).")
        }
        return group.rows.map { samples[$0] }
    }

    private func show(_ state: S.State, _ group: LaneGroup, step: Int, _ outcome: inout ChunkOutcome<S.Sample>) throws {
        let samples = try wanted(sampler.preview(state, step: step), group)
        try onPreview?(SamplingPreview(step: step, indices: outcome.indices, samples: samples))
        guard request.keepsTrajectory else { return }
        for (row, sample) in samples.enumerated() { outcome.trajectories[row].append(sample) }
    }

    /// Throws the error of a poisoned tensor, or names the first sample that is not finite.
    private func check(_ state: S.State, _ group: LaneGroup, step: Int) throws {
        for tensor in state.tensors {
            try tensor.checked()
            guard tensor.dtype.isFloatingPoint, try !tensor.isFinite() else { continue }
            var culprit = group.indices[0]
            if tensor.rank > 0, tensor.shape[0] == group.carried.count {
                for (row, index) in group.carried.enumerated() where try !tensor.selected(axis: 0, row).isFinite() {
                    culprit = index
                    break
                }
            }
            throw GeneraError.notFinite(
                sample: culprit, step: step, of: sampler.stepCount,
                detail: step < 0 ? "before the first step" : sampler.describe(step: step))
        }
    }
}
