import Genera
import Synchronization

/// Progress on standard error: a bar where that is a terminal, else a plain line every few seconds.
final class TerminalProgress: ProgressSink {
    private struct State {
        var unit = "steps"
        var began = Clock.seconds()
        var lastShown = -Double.infinity
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
            case let .began(_, unit):
                state = State()
                state.unit = unit
            case let .advanced(done, total, rate, detail): advance(&state, done, total, rate, detail)
            case let .note(text): if isVerbose { Console.error(text) }
            case let .warning(text): Console.error("warning: \(text)")
            case let .finished(text): Console.error(text)
            }
        }
    }

    private func advance(_ state: inout State, _ done: Int, _ total: Int, _ rate: Double, _ detail: String) {
        let now = Clock.seconds()
        let interval = hasTerminal ? 0.1 : 5
        guard now - state.lastShown >= interval || (hasTerminal && done == total) else { return }
        if !hasTerminal, state.lastShown < 0, now - state.began < interval { return }
        state.lastShown = now
        let left = rate > 0 ? (Double(total - done) / rate).duration : "?"
        let facts = [
            "\(done)/\(total) \(state.unit)", "\(rate.rounded(toPlaces: 1))/s", self.detail, "\(left) left", detail,
        ]
        let text = facts.filter { !$0.isEmpty }.joined(separator: "  ")
        if hasTerminal {
            Console.bar(Self.bar(done, total, width: Console.width >= 60 ? Console.width / 4 : 0) + text)
        } else {
            Console.error(text)
        }
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
