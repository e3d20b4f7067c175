import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Work on real threads with 8 MB stacks. LibTorch's operations block for long, so they do not belong on the cooperative
/// pool of Swift's tasks.
public enum Parallel {
    /// Calls `body` with 0..<workers, each on a thread of its own, and waits for all.
    public static func run(workers: Int, _ body: @escaping @Sendable (Int) -> Void) {
        let threads = (0..<workers).map { worker in start { body(worker) } }
        for thread in threads { pthread_join(thread, nil) }
    }

    /// Calls `body` on a thread of its own, for which nobody waits.
    package static func detached(_ body: @escaping @Sendable () -> Void) { pthread_detach(start(body)) }

    /// The results of `body` for 0..<count in order, worked out by several threads. An error stops the threads before their
    /// next item. Of several errors that of the first item is thrown, so it does not depend on which thread was faster.
    public static func map<Result: Sendable>(
        _ count: Int, workers: Int, _ body: @escaping @Sendable (Int) throws -> Result
    ) throws -> [Result] {
        let shared = Shared<Result>(count)
        run(workers: max(1, min(workers, count))) { _ in
            while let item = shared.next(count) {
                do {
                    let result = try body(item)
                    shared.state.withLock { $0.results[item] = result }
                } catch {
                    shared.state.withLock { state in
                        if item < state.failure?.item ?? count { state.failure = (item, error) }
                    }
                }
            }
        }
        return try shared.state.withLock { state in
            if let failure = state.failure { throw failure.error }
            return state.results.map { $0! }
        }
    }

    private final class Shared<Result: Sendable>: Sendable {
        struct State {
            var next = 0
            var results: [Result?]
            var failure: (item: Int, error: any Error)?
        }

        let state: Mutex<State>

        init(_ count: Int) {
            state = Mutex(State(results: Array(repeating: nil, count: count)))
        }

        func next(_ count: Int) -> Int? {
            state.withLock { state in
                guard state.failure == nil, state.next < count else { return nil }
                defer { state.next += 1 }
                return state.next
            }
        }
    }

    private final class Job {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }

    private static func start(_ body: @escaping @Sendable () -> Void) -> pthread_t {
        // Allocated, not constructed: the C module that owns the struct's initialiser differs from build to build.
        let attributes = UnsafeMutablePointer<pthread_attr_t>.allocate(capacity: 1)
        pthread_attr_init(attributes)
        pthread_attr_setstacksize(attributes, 8 << 20)
        defer {
            pthread_attr_destroy(attributes)
            attributes.deallocate()
        }
        #if canImport(Darwin)
            var thread: pthread_t?
        #else
            var thread = pthread_t()
        #endif
        let job = Unmanaged.passRetained(Job(body)).toOpaque()
        let status = pthread_create(
            &thread, attributes,
            {
                #if canImport(Darwin)
                    Unmanaged<Job>.fromOpaque($0).takeRetainedValue().body()
                #else
                    Unmanaged<Job>.fromOpaque($0!).takeRetainedValue().body()
                #endif
                return nil
            }, job)
        precondition(status == 0, "The system cannot start another thread (error \(status)).")
        #if canImport(Darwin)
            return thread!
        #else
            return thread
        #endif
    }
}
