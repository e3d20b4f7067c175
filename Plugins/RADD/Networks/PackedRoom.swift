import CRADD
import Genera
import Synchronization

/// Memory in which one forward pass at a time works.
final class PackedRoom: @unchecked Sendable {
    // Whoever has taken it from the network is its only user, and of its threads each works on its own part.
    private let room: OpaquePointer

    init(_ network: OpaquePointer) throws {
        guard let room = radd_room_create(network) else { throw PackedTransformer.noMemory }
        self.room = room
    }

    deinit { radd_room_free(room) }

    /// What a row's logits are handed to.
    private final class Body: Sendable {
        let take: @Sendable (Int, Int, UnsafePointer<Float>) -> Void
        init(_ take: @escaping @Sendable (Int, Int, UnsafePointer<Float>) -> Void) { self.take = take }
    }

    /// Runs some queries; `take` gets the number of a query, that of a row and its logits, on any thread.
    func run(
        _ queries: UnsafeBufferPointer<RADDQuery>, workers: Int,
        _ take: @escaping @Sendable (Int, Int, UnsafePointer<Float>) -> Void
    ) throws {
        guard let first = queries.baseAddress else { return }
        guard radd_prepare(room, first, queries.count, Int32(workers)) == 0 else { throw PackedTransformer.noMemory }
        let body = Body(take)
        if workers == 1 { return work(0, body) }
        Parallel.run(workers: workers) { worker in self.work(worker, body) }
    }

    private func work(_ worker: Int, _ body: Body) {
        withExtendedLifetime(body) {
            radd_work(
                room, Int32(worker),
                { context, query, row, logits in
                    guard let context else { return }
                    Unmanaged<Body>.fromOpaque(context).takeUnretainedValue().take(query, row, logits)
                }, Unmanaged.passUnretained(body).toOpaque())
        }
    }
}

/// What the body of a map gave for each row, or the first error.
final class PackedResults<Value: Sendable>: Sendable {
    private struct State {
        var values: [[Value?]]
        var failure: (query: Int, row: Int, error: any Error)?
    }

    private let state: Mutex<State>
    private let body: @Sendable (Int, Int, UnsafePointer<Float>) throws -> Value

    init(_ rows: [Int], _ body: @escaping @Sendable (Int, Int, UnsafePointer<Float>) throws -> Value) {
        state = Mutex(State(values: rows.map { [Value?](repeating: nil, count: $0) }))
        self.body = body
    }

    /// Calls the body for a row, unless an earlier row has failed.
    func take(_ query: Int, _ row: Int, _ logits: UnsafePointer<Float>) {
        let isLost = state.withLock { state in state.failure.map { ($0.query, $0.row) < (query, row) } ?? false }
        if isLost { return }
        do {
            let value = try body(query, row, logits)
            state.withLock { $0.values[query][row] = value }
        } catch {
            state.withLock { state in
                if let failure = state.failure, (failure.query, failure.row) < (query, row) { return }
                state.failure = (query, row, error)
            }
        }
    }

    /// - Throws: the error of the first row that failed.
    func finish() throws -> [[Value]] {
        try state.withLock { state in
            if let failure = state.failure { throw failure.error }
            return state.values.map { $0.compactMap { $0 } }
        }
    }
}
