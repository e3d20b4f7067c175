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

    /// A token that SIGINT (Ctrl-C), SIGTERM and SIGHUP set. A second signal ends the program at once.
    public static func onSignals() -> StopToken {
        interrupts.store(0, ordering: .relaxed)
        StopSignals.handle { number in
            StopSignals.last.store(number, ordering: .relaxed)
            if interrupts.wrappingAdd(1, ordering: .relaxed).newValue > 1 { StopSignals.end(number) }
        }
        return StopToken(listening: true)
    }
}

private let interrupts = Atomic<Int>(0)

/// The signals that ask a program to stop. It ends with 128 and the signal's number then, as shells do.
package enum StopSignals {
    /// The last signal that asked to stop; 0 if none did.
    static let last = Atomic<Int32>(0)

    /// The exit status of a program that was asked to stop: 130 for Ctrl-C, 143 for SIGTERM, 129 for SIGHUP.
    package static var status: Int32 {
        let number = last.load(ordering: .relaxed)
        return 128 + (number == 0 ? SIGINT : number)
    }

    /// What a program does unless it listens for requests: it removes files half written and ends.
    static func endAtOnce() {
        TemporaryFiles.prepare()
        handle { StopSignals.end($0) }
    }

    /// Installs a handler. What whoever started the program has had ignored, as `nohup` does, stays so.
    static func handle(_ body: @escaping @convention(c) (Int32) -> Void) {
        for number in [SIGINT, SIGTERM, SIGHUP] {
            let before = signal(number, body)
            if number == SIGHUP, unsafeBitCast(before, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self) {
                signal(number, SIG_IGN)
            }
        }
    }

    /// Ends the program from a handler.
    static func end(_ number: Int32) {
        TemporaryFiles.removeAll()
        _exit(128 + number)
    }
}
