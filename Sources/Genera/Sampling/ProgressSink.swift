import Platform
import Synchronization

/// What a driver says while it works.
public enum ProgressEvent: Sendable {
    /// Work of `total` units begins, for example 640 `steps`.
    case began(total: Int, unit: String)
    /// `done` of `total` units are done, at `rate` units a second; `detail` is a few words such as `loss 0.123`.
    case advanced(done: Int, total: Int, rate: Double, detail: String)
    /// Something worth knowing for those who asked for more.
    case note(String)
    /// Something that everyone who waits should read, such as how long it will take.
    case news(String)
    /// Something that went wrong without stopping the work.
    case warning(String)
    /// The work is over.
    case finished(String)
}

/// Where progress goes. Called from several threads.
public protocol ProgressSink: Sendable {
    /// Takes one event.
    func report(_ event: ProgressEvent)
}

/// Says nothing.
public struct SilentProgress: ProgressSink {
    /// Makes a sink.
    public init() {}
    /// Ignores the event.
    public func report(_ event: ProgressEvent) {}
}

/// Writes plain lines to standard error, at most one every few seconds.
public final class LineProgress: ProgressSink {
    private let interval: Double
    private let last = Mutex(-Double.infinity)

    /// Makes a sink. - Parameter interval: least number of seconds between two lines of progress.
    public init(interval: Double = 10) { self.interval = interval }

    /// Writes a line, if it is time for one.
    public func report(_ event: ProgressEvent) {
        switch event {
        case .began: break
        case let .advanced(done, total, rate, detail):
            let now = Clock.seconds()
            let due = last.withLock { last in
                guard now - last >= interval || done == total else { return false }
                last = now
                return true
            }
            if due { write("\(done)/\(total)  \(Text.significant(rate, 3))/s  \(detail)") }
        case let .note(text), let .news(text), let .finished(text): write(text)
        case let .warning(text): write("warning: \(text)")
        }
    }

    private func write(_ line: String) {
        _ = Descriptor.write(Array((line + "\n").utf8), to: 2)
    }
}
