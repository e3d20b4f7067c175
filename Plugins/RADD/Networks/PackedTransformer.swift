import CRADD
import Genera
import Synchronization

/// A transformer for inference on the processor, in kernels of their own.
///
/// It gives what the transformer of tensors gives, to rounding, but works out no more than is asked for: in the last block
/// queries, attention and MLP of the asked rows alone, and logits of these. A row's logits are the same bits whatever else
/// is asked about and for any number of threads. Any number of threads may call it at once.
package final class PackedTransformer: TokenConditional, @unchecked Sendable {
    /// What weights and the inputs of products are rounded to. Sums, the residual stream, norms and softmax are float32.
    package enum Precision: String, CaseIterable, Sendable {
        case float32
        case bfloat16
    }

    /// The sizes.
    package let configuration: RADDConfiguration
    /// What weights are rounded to.
    package let precision: Precision
    /// Threads that work on a call.
    package let workers: Int
    // Only read after `init`, which is what makes the class safe to share.
    private let network: OpaquePointer
    /// Which network keys and values belong to.
    let identity: UInt64
    /// Room in which nobody works just now, so that memory is allocated once.
    private let rooms = Mutex<[PackedRoom]>([])

    private static let count = Atomic<UInt64>(1)
    /// The widest head that the kernels take.
    private static let widestHead = 4096
    /// Places that go through the network together, so that memory does not grow with the number of queries.
    private static let placesAtOnce = 8192
    private let leastShared: Int

    /// Packs a network.
    ///
    /// - Parameters:
    ///   - weights: tensors of any element type under the reference's names; `rotary_emb.inv_freq` may be among them and is
    ///     not used.
    ///   - workers: threads that work on a call.
    ///   - sparing: of the best instruction sets that the processor has, so many are not used; for tests.
    ///   - leastShared: products and sums below which a call stays on one thread, since threads would wait for each other
    ///     longer than they work.
    /// - Throws: `GeneraError.usage` for sizes that make no network, `KeyMismatch` naming every missing, unexpected and
    ///   mis-shaped key, `GeneraError.unavailable` without memory.
    package init(
        _ configuration: RADDConfiguration, weights: [(name: String, tensor: RawTensor)],
        precision: Precision = .float32,
        workers: Int = 1, sparing: Int = 0, leastShared: Int = 500_000_000
    ) throws {
        try configuration.check()
        let model = configuration.model
        guard model.width / model.heads <= Self.widestHead else {
            throw GeneraError.usage(
                "A head of \(model.width / model.heads) numbers is too wide: at most \(Self.widestHead) are possible. "
                    + "Take more heads ('n_heads').")
        }
        guard (1...256).contains(workers) else {
            throw GeneraError.usage("A transformer runs on 1 to 256 threads, not \(workers).")
        }
        let tensors = try PackedNames(configuration).ordered(weights)
        var shape = RADDShape(
            width: Int32(model.width), heads: Int32(model.heads), blocks: Int32(model.blocks),
            classes: Int32(configuration.classes), is_causal: model.isCausal == true ? 1 : 0)
        let code = precision == .bfloat16 ? RADD_BFLOAT16 : RADD_FLOAT32
        guard let network = radd_create(&shape, Int32(code), Int32(clamping: sparing)) else { throw Self.noMemory }
        (self.configuration, self.precision, self.workers) = (configuration, precision, workers)
        self.network = network
        self.leastShared = leastShared
        identity = Self.count.add(1, ordering: .relaxed).oldValue
        for (index, tensor) in tensors.enumerated() {
            guard radd_set(network, index, tensor.floats()) == 0 else { throw Self.noMemory }
        }
        guard radd_finish(network) == 0 else { throw Self.noMemory }
    }

    deinit {
        rooms.withLock { $0 = [] }
        radd_free(network)
    }

    static let noMemory = GeneraError.unavailable("There is not enough memory for the transformer.")

    package var vocabulary: Int { configuration.tokens }

    /// The instruction set that it runs on.
    package var target: String { String(cString: radd_target(network)) }

    /// Bytes of keys and values of a sequence.
    func cacheSize(_ length: Int) throws -> Int {
        let size = radd_cache_size(network, length)
        guard size > 0 || length == 0, size < Int.max / 2 else { throw Self.noMemory }
        return size
    }

    package func map<Value: Sendable>(
        _ queries: [TokenQuery],
        _ body: @Sendable (_ query: Int, _ row: Int, UnsafeBufferPointer<Float>) throws -> Value
    ) throws -> [[Value]] {
        let checked = try PackedQueries(queries, self)
        var values: [[Value]] = []
        var first = 0
        while first < queries.count {
            var (last, places) = (first + 1, checked.places(first))
            while last < queries.count, places + checked.places(last) <= Self.placesAtOnce {
                places += checked.places(last)
                last += 1
            }
            values += try run(checked, first..<last, body)
            first = last
        }
        return values
    }

    /// How many threads some work is worth.
    private func workers(places: Int, rows: Int) -> Int {
        let model = configuration.model
        let perPlace = 24 * model.blocks * model.width * model.width
        let total = places.multipliedReportingOverflow(by: perPlace)
        let head = rows.multipliedReportingOverflow(by: 2 * model.width * configuration.classes)
        guard !total.overflow, !head.overflow else { return workers }
        return total.partialValue / 2 + head.partialValue / 2 < leastShared / 2 ? 1 : workers
    }

    /// Some queries in one pass.
    private func run<Value: Sendable>(
        _ queries: PackedQueries, _ range: Range<Int>,
        _ body: @Sendable (_ query: Int, _ row: Int, UnsafeBufferPointer<Float>) throws -> Value
    ) throws -> [[Value]] {
        let room = try rooms.withLock { $0.popLast() } ?? PackedRoom(network)
        defer { rooms.withLock { $0.append(room) } }
        let classes = configuration.classes
        let counts = queries.rowCounts(range)
        let workers = workers(places: range.reduce(0) { $0 + queries.places($1) }, rows: counts.reduce(0, +))
        return try withoutActuallyEscaping(body) { body in
            let results = PackedResults(counts) { query, row, logits in
                try body(query + range.lowerBound, row, UnsafeBufferPointer(start: logits, count: classes))
            }
            try queries.withPointers(range) { pointers in
                try room.run(pointers, workers: workers) { results.take($0, $1, $2) }
            }
            queries.stamp(range, identity)
            return try results.finish()
        }
    }
}
