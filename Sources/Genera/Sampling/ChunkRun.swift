import Tensors

/// What came of a chunk of samples.
struct ChunkOutcome<Sample: Sendable>: Sendable {
    var indices: [Int] = []
    var samples: [Sample] = []
    var trajectories: [[Sample]] = []

    mutating func append(_ other: ChunkOutcome) {
        indices += other.indices
        samples += other.samples
        trajectories += other.trajectories
    }
}

/// Carries groups of samples through all steps side by side, on one thread.
struct ChunkRun<S: Sampler> {
    let sampler: S
    let request: SamplingRequest
    let groups: [ArraySlice<Int>]
    /// Whether the user asked to stop, or an earlier chunk failed.
    let isStopped: @Sendable () -> Bool
    let meter: Meter
    let onPreview: (@Sendable (SamplingPreview<S.Sample>) throws -> Void)?

    /// The finished samples; none if a stop came before the last step.
    func outcome() throws -> ChunkOutcome<S.Sample> {
        if isStopped() { return ChunkOutcome() }
        let source = request.noise ?? PhiloxSource(seed: request.seed)
        let noises = groups.map { group in
            let padding = max(sampler.laneCount, 1) - group.count
            return Noise(source: source, samples: group + Array(repeating: group[group.endIndex - 1], count: padding))
        }
        var states = try noises.map { try sampler.start(noise: $0) }
        for (group, state) in zip(groups, states) { try check(state, group, step: -1) }
        let previewed = Set(previewSteps(sampler.stepCount, every: request.previewEvery))
        var outcome = ChunkOutcome<S.Sample>(indices: groups.flatMap { $0 })
        if request.keepsTrajectory { outcome.trajectories = outcome.indices.map { _ in [] } }
        if previewed.contains(-1) { try show(states, step: -1, &outcome) }
        for step in 0..<sampler.stepCount {
            for (number, noise) in noises.enumerated() {
                if isStopped() { return ChunkOutcome() }
                try sampler.advance(&states[number], step: step, noise: noise)
                try check(states[number], groups[number], step: step)
                meter.advance(sampler.describe(step: step) ?? "")
            }
            if previewed.contains(step) { try show(states, step: step, &outcome) }
        }
        outcome.samples = try collect(states) { try sampler.finish($0) }
        if sampler.stepCount == 0 { for _ in groups { meter.advance("") } }
        return outcome
    }

    private func collect(_ states: [S.State], _ body: (S.State) throws -> [S.Sample]) throws -> [S.Sample] {
        try zip(groups, states).flatMap { group, state in
            let samples = try body(state)
            guard samples.count >= group.count else {
                throw GeneraError.software(
                    "The sampler made \(samples.count) samples of a batch of \(sampler.laneCount).")
            }
            return samples.prefix(group.count)
        }
    }

    private func show(_ states: [S.State], step: Int, _ outcome: inout ChunkOutcome<S.Sample>) throws {
        let samples = try collect(states) { try sampler.preview($0, step: step) }
        try onPreview?(SamplingPreview(step: step, indices: outcome.indices, samples: samples))
        guard request.keepsTrajectory else { return }
        for (row, sample) in samples.enumerated() { outcome.trajectories[row].append(sample) }
    }

    /// Throws the error of a poisoned tensor, or names the first sample that is not finite.
    private func check(_ state: S.State, _ group: ArraySlice<Int>, step: Int) throws {
        for tensor in state.tensors {
            try tensor.checked()
            guard tensor.dtype.isFloatingPoint, try !tensor.isFinite() else { continue }
            var culprit = group[group.startIndex]
            if tensor.rank > 0, tensor.shape[0] >= group.count {
                for (row, index) in group.enumerated() where try !tensor.selected(axis: 0, row).isFinite() {
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
