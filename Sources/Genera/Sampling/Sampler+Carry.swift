extension Sampler {
    /// Carries a state over steps, until it is finished: the one loop over a sampler's steps.
    ///
    ///     var state = try sampler.start(noise: noise)
    ///     try sampler.carry(&state, over: 0..<sampler.stepCount, noise: noise)
    ///     let samples = try sampler.finish(state)
    ///
    /// - Parameter after: called after each step with its number and the state; false ends the way there.
    /// - Returns: how many steps were done.
    /// - Throws: what the steps and `after` throw; `GeneraError.software` for a state that decides its end and is not
    ///   finished after the sampler's last step.
    @discardableResult
    public func carry(
        _ state: inout State, over steps: Range<Int>, noise: Noise,
        after: (Int, State) throws -> Bool = { _, _ in true }
    ) throws -> Int {
        for step in steps {
            if state.isFinished { return step - steps.lowerBound }
            try advance(&state, step: step, noise: noise)
            guard try after(step, state) else { return step + 1 - steps.lowerBound }
        }
        if steps.upperBound == stepCount { try requireEnd(state, noise) }
        return steps.count
    }

    private func requireEnd(_ state: State, _ noise: Noise) throws {
        guard state.decidesItsEnd, !state.isFinished else { return }
        let detail = stepCount > 0 ? describe(step: stepCount - 1).map { " (\($0))" } ?? "" : ""
        let samples = Set(noise.samples).sorted()
        let subject = samples.count == 1 ? "Sample \(samples[0]) is" : "Samples \(IndexList.text(samples)) are"
        throw GeneraError.software(
            "\(subject) not finished after \(stepCount) steps\(detail), the most that there may be. Allow more steps, or looser tolerances."
        )
    }
}
