import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Asks a running driver to stop at the next step and keep what is done. Copies share the request.
public struct StopToken: Sendable {
    private final class Flag: Sendable {
        let isSet = Atomic<Bool>(false)
    }

    private let flag = Flag()
    private let listensToSignals: Bool

    /// A token that only `stop()` sets.
    public init() { listensToSignals = false }

    private init(listening: Bool) { listensToSignals = listening }

    /// Asks to stop.
    public func stop() { flag.isSet.store(true, ordering: .relaxed) }

    /// Whether someone asked to stop.
    public var isStopped: Bool {
        flag.isSet.load(ordering: .relaxed) || (listensToSignals && interrupts.load(ordering: .relaxed) > 0)
    }

    /// A token that SIGINT (Ctrl-C) and SIGTERM set. A second signal ends the program at once with status 130.
    public static func onSignals() -> StopToken {
        interrupts.store(0, ordering: .relaxed)
        for number in [SIGINT, SIGTERM] {
            signal(number) { _ in
                if interrupts.wrappingAdd(1, ordering: .relaxed).newValue > 1 { _exit(130) }
            }
        }
        return StopToken(listening: true)
    }
}

private let interrupts = Atomic<Int>(0)
