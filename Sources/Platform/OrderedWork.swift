#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Numbered pieces of work that several threads do at a time and whose results are taken in their order, of which only so
/// many wait to be taken.
public enum OrderedWork {
    /// Does `work` for 0..<count on `workers` threads, and hands the results to `deliver` in order, one at a time, on a thread
    /// of its own, as soon as those before them are done.
    ///
    /// - Parameter ahead: how far the work may be ahead of the deliveries.
    /// - Throws: the error of the first piece that failed, when all before it are delivered; the error of `deliver`.
    public static func run<Result: Sendable>(
        _ count: Int, workers: Int, ahead: Int, work: @escaping @Sendable (Int) throws -> Result,
        deliver: (Result) throws -> Void
    ) throws {
        let line = Line<Result>(count: count, ahead: max(ahead, 1))
        withoutActuallyEscaping(deliver) { deliver in
            // Only one thread calls it, and the caller waits for that thread.
            let delivery = Delivery(body: deliver)
            Parallel.run(workers: max(1, min(workers, count)) + 1) { worker in
                if worker == 0 { line.deliverAll(delivery.body) } else { line.workOff(work) }
            }
        }
        if let failure = line.failure { throw failure }
    }

    private struct Delivery<Result>: @unchecked Sendable {
        let body: (Result) throws -> Void
    }

    /// What the threads share; all of it is touched only while the monitor is held.
    private final class Line<Result: Sendable>: @unchecked Sendable {
        private let monitor = Monitor()
        private let count: Int
        private let ahead: Int
        /// The next piece to begin.
        private var next = 0
        /// Pieces delivered.
        private var delivered = 0
        private var waiting: [Int: Swift.Result<Result, any Error>] = [:]
        /// Whether no further piece is begun.
        private var isClosed = false
        private(set) var failure: (any Error)?

        init(count: Int, ahead: Int) { (self.count, self.ahead) = (count, ahead) }

        func workOff(_ work: (Int) throws -> Result) {
            while let piece = take() {
                let result = Swift.Result { try work(piece) }
                monitor.locked {
                    waiting[piece] = result
                    if case .failure = result { isClosed = true }
                }
            }
        }

        private func take() -> Int? {
            monitor.locked {
                while !isClosed, next < count, next >= delivered + ahead { monitor.wait() }
                guard !isClosed, next < count else { return nil }
                next += 1
                return next - 1
            }
        }

        func deliverAll(_ deliver: (Result) throws -> Void) {
            for piece in 0..<count {
                // Pieces are begun in order, so that whatever is before the first failure has been begun.
                let result = monitor.locked {
                    while waiting[piece] == nil { monitor.wait() }
                    return waiting.removeValue(forKey: piece)!
                }
                do {
                    try deliver(result.get())
                } catch {
                    monitor.locked { (failure, isClosed) = (error, true) }
                    return
                }
                monitor.locked { delivered = piece + 1 }
            }
        }
    }
}

/// A lock that threads can wait under for others to change what it guards. Leaving it wakes those that wait.
private final class Monitor: @unchecked Sendable {
    // Allocated, because both must not move; not constructed, as in `Parallel`.
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    init() {
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(condition, nil)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    func locked<R>(_ body: () throws -> R) rethrows -> R {
        pthread_mutex_lock(mutex)
        defer {
            pthread_cond_broadcast(condition)
            pthread_mutex_unlock(mutex)
        }
        return try body()
    }

    /// Lets others in until one of them has left. Only inside `locked`.
    func wait() { pthread_cond_wait(condition, mutex) }
}
