import Platform
import Synchronization

/// Watches the steps of a sitting: says once how long the rest will take, and how far a step has come where one takes long.
final class StepWatch: Sendable {
    private struct State {
        /// The number of the step that is being done, and when it began.
        var step = 0
        var began = 0.0
        /// Seconds of the first steps.
        var seconds: [Double] = []
        var hasSpoken = false
    }

    private let state = Mutex(State())
    private let progress: any ProgressSink
    private let total: Int
    private let limit: Double?

    /// Watches a sitting of a run of `total` steps. - Parameter limit: seconds after which it stops.
    init(_ progress: any ProgressSink, total: Int, limit: Double?) {
        (self.progress, self.total, self.limit) = (progress, total, limit)
    }

    /// A step begins, after `step` others.
    func begin(_ step: Int) {
        state.withLock { ($0.step, $0.began) = (step, Clock.seconds()) }
    }

    /// A part of the step is done; called from several threads. Short steps need no word.
    func partIsDone(_ done: Int, of count: Int) {
        guard count > 1, done < count else { return }
        state.withLock { state in
            let elapsed = Clock.seconds() - state.began
            guard elapsed >= 5 else { return }
            let rate = Double(done) / Double(count) / elapsed
            progress.report(
                .advanced(
                    done: state.step, total: total, rate: rate,
                    detail: "part \(done) of \(count) of step \(state.step + 1)"))
            speak(&state, step: 1 / rate, left: total - state.step)
        }
    }

    /// The step is done. After five seconds of steps, or ten of them, enough is known.
    func end() {
        state.withLock { state in
            guard !state.hasSpoken else { return }
            state.seconds.append(Clock.seconds() - state.began)
            guard state.seconds.reduce(0, +) >= 5 || state.seconds.count >= 10 else { return }
            // The first makes things ready, which is not repeated.
            let counted = state.seconds.count >= 3 ? Array(state.seconds.dropFirst()) : state.seconds
            speak(&state, step: counted.reduce(0, +) / Double(counted.count), left: total - state.step - 1)
        }
    }

    private func speak(_ state: inout State, step: Double, left: Int) {
        guard !state.hasSpoken else { return }
        state.hasSpoken = true
        guard left > 0 else { return }
        let (text, isWarning) = Self.forecast(step: step, left: left, limit: limit)
        progress.report(isWarning ? .warning(text) : .news(text))
    }

    /// How long it will take, with a warning where that is more than a day.
    static func forecast(step: Double, left: Int, limit: Double?) -> (text: String, isWarning: Bool) {
        let whole = step * Double(left)
        let rate =
            step >= 1
            ? "\(Text.significant(step, 2)) s a step" : "\(Text.significant(1 / max(step, 1e-9), 2)) steps a second"
        let steps = left == 1 ? "step" : "\(Text.grouped(left)) steps"
        let text = "\(rate): about \(Text.duration(words: whole)) for the \(steps) to come"
        if let limit, limit < whole { return ("\(text), of which \(Text.duration(words: limit)) will be done.", false) }
        guard whole > 86_400 else { return ("\(text).", false) }
        return ("\(text). Choose another --preset, fewer --steps, a smaller network or a faster machine.", true)
    }
}
