import Genera
import Synchronization

/// Progress on standard error: a bar where that is a terminal, else a plain line every few seconds.
final class TerminalProgress: ProgressSink {
    private struct State {
        /// The work that goes on; nil between two.
        var work: (total: Int, unit: String, number: Int)?
        var works = 0
        var began = Clock.seconds()
        /// When something was last shown, and the units that were done then.
        var lastShown = -Double.infinity
        var done = 0

        var unit: String { work?.unit ?? "steps" }
    }

    private let state = Mutex(State())
    private let hasTerminal: Bool
    private let isVerbose: Bool
    private let detail: String

    /// Makes a sink.
    ///
    /// - Parameters:
    ///   - detail: a few words that stay beside the rate, for example `35 NFE`.
    ///   - hasTerminal: whether to draw a bar.
    init(detail: String = "", isVerbose: Bool = false, hasTerminal: Bool = Console.isTerminal(2)) {
        self.detail = detail
        self.isVerbose = isVerbose
        self.hasTerminal = hasTerminal
    }

    /// The sink that the options of a command ask for.
    static func sink(_ talk: TalkOptions, detail: String = "") -> any ProgressSink {
        talk.quiet ? SilentProgress() : TerminalProgress(detail: detail, isVerbose: talk.verbose)
    }

    func report(_ event: ProgressEvent) {
        state.withLock { state in
            switch event {
            case let .began(total, unit): begin(&state, total, unit)
            case let .advanced(done, total, rate, detail): advance(&state, done, total, rate, detail)
            case let .note(text): if isVerbose { Console.error(text) }
            case let .warning(text): Console.error("warning: \(text)")
            case let .news(text): Console.error(text)
            case let .finished(text):
                state.work = nil
                Console.error(text)
            }
        }
    }

    private func begin(_ state: inout State, _ total: Int, _ unit: String) {
        let number = state.works + 1
        state = State()
        (state.work, state.works) = ((total, unit, number), number)
        Parallel.detached { [weak self] in
            repeat { ThisProcess.sleep(1) } while self?.isSilentWork(number) == true
        }
    }

    /// Speaks where work has said nothing for long: after 8 seconds, and then ever less often. Whether the work goes on and has yet to say
    /// something.
    private func isSilentWork(_ number: Int) -> Bool {
        state.withLock { state in
            guard let work = state.work, work.number == number, state.done == 0 else { return false }
            let (now, silent) = (Clock.seconds(), Clock.seconds() - state.began)
            let since = max(state.lastShown, state.began)
            guard hasTerminal ? silent >= 2 : now - since >= max(8, (since - state.began) / 2) else { return true }
            state.lastShown = now
            let text = "0/\(work.total.grouped) \(work.unit)  \(silent.duration) since the start"
            if hasTerminal { Console.bar(text) } else { Console.error(text) }
            return true
        }
    }

    private func advance(_ state: inout State, _ done: Int, _ total: Int, _ rate: Double, _ detail: String) {
        let now = Clock.seconds()
        let interval = hasTerminal ? 0.1 : 5
        guard now - state.lastShown >= interval || (hasTerminal && done == total) else { return }
        if !hasTerminal, state.lastShown < 0, now - state.began < interval { return }
        (state.lastShown, state.done) = (now, max(done, 1))
        let left = rate > 0 ? Self.text(left: Double(total - done) / rate) : "?"
        let facts = [
            "\(done.grouped)/\(total.grouped) \(state.unit)", Self.text(rate: rate), self.detail, "\(left) left",
            detail,
        ]
        let text = facts.filter { !$0.isEmpty }.joined(separator: "  ")
        if hasTerminal {
            Console.bar(Self.bar(done, total, width: Console.width >= 60 ? Console.width / 4 : 0) + text)
        } else {
            Console.error(text)
        }
    }

    /// `12.3/s`, or `4.5 s each` where a unit takes longer than a second.
    static func text(rate: Double) -> String {
        rate >= 1 || rate <= 0 ? "\(rate.rounded(toPlaces: 1))/s" : "\((1 / rate).duration) each"
    }

    /// Seconds that are left: `3:05`, or in words from two days on.
    private static func text(left seconds: Double) -> String {
        seconds < 172_800 ? seconds.duration : Text.duration(words: seconds)
    }

    /// A bar of eighths of characters, and a space.
    static func bar(_ done: Int, _ total: Int, width: Int) -> String {
        guard width >= 8, total > 0 else { return "" }
        let eighths = min(done * width * 8 / total, width * 8)
        let part = eighths % 8 == 0 ? "" : ["▏", "▎", "▍", "▌", "▋", "▊", "▉"][eighths % 8 - 1]
        let filled = String(repeating: "█", count: eighths / 8) + part
        return "\(filled.padded(to: width))▕ "
    }
}
