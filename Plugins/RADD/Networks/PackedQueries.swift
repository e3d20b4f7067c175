import CRADD
import Genera

/// Queries as the kernels take them, checked.
struct PackedQueries {
    private struct Query {
        var length: Int
        var tokens: Int
        /// Where the active places are among the numbers; nil for all places.
        var active: Int?
        var activeCount: Int
        var rows: Int
        var rowCount: Int
        var cache: KeyValueCache?
    }

    private var queries: [Query] = []
    /// Tokens, active places and rows of all queries.
    private var numbers: [Int32] = []

    /// Checks queries, and makes empty caches ready.
    ///
    /// - Throws: `GeneraError.badData` for tokens that the network does not know, `GeneraError.usage` for places and caches
    ///   that do not fit.
    init(_ queries: [TokenQuery], _ network: PackedTransformer) throws {
        var caches: Set<ObjectIdentifier> = []
        for (number, query) in queries.enumerated() {
            try Self.check(query, number, network)
            if let cache = query.cache {
                guard caches.insert(ObjectIdentifier(cache)).inserted else {
                    throw GeneraError.usage(
                        "Query \(number) uses a cache of another query: each sequence needs its own.")
                }
                try PackedCache.prepare(cache, query, number, network)
            }
            var packed = Query(
                length: query.tokens.count, tokens: numbers.count, activeCount: query.tokens.count, rows: 0,
                rowCount: query.rows.count, cache: query.cache)
            numbers += query.tokens
            packed.rows = numbers.count
            numbers += query.rows.map { Int32($0) }
            if let active = query.active, active.count < query.tokens.count {
                (packed.active, packed.activeCount) = (numbers.count, active.count)
                numbers += active.map { Int32($0) }
            }
            self.queries.append(packed)
        }
    }

    /// Says of caches that have been written that they are the network's.
    func stamp(_ range: Range<Int>, _ identity: UInt64) {
        for query in queries[range] {
            query.cache?.bytes.withUnsafeMutableBytes { $0.storeBytes(of: identity, as: UInt64.self) }
        }
    }

    /// How many places of a query are worked out.
    func places(_ query: Int) -> Int { queries[query].activeCount }

    /// How many rows are asked about.
    func rowCounts(_ range: Range<Int>) -> [Int] { queries[range].map(\.rowCount) }

    private static func check(_ query: TokenQuery, _ number: Int, _ network: PackedTransformer) throws {
        let (length, classes) = (query.tokens.count, network.configuration.classes)
        if let place = query.tokens.firstIndex(where: { $0 < 0 || $0 >= classes }) {
            throw GeneraError.badData(
                file: "query \(number)",
                reason: "place \(place) holds token \(query.tokens[place]), and the network knows 0 to \(classes - 1)")
        }
        func require(_ places: [Int], _ name: String) throws {
            var last = -1
            for place in places {
                guard place > last, place < length else {
                    throw GeneraError.usage(
                        "Query \(number): \(name) must be ascending places from 0 to \(length - 1), "
                            + "place \(place) after \(last) is not.")
                }
                last = place
            }
        }
        try require(query.rows, "rows")
        guard let active = query.active else { return }
        try require(active, "active places")
        guard query.cache != nil || active.count == length else {
            throw GeneraError.usage(
                "Query \(number) works out \(active.count) of \(length) places and has no cache for the others.")
        }
        var next = 0
        for row in query.rows {
            while next < active.count, active[next] < row { next += 1 }
            guard next < active.count, active[next] == row else {
                throw GeneraError.usage(
                    "Query \(number): row \(row) is asked about and is not among the active places.")
            }
        }
    }

    /// Calls `body` with the kernels' queries of a range; their memory lasts as long as the call.
    func withPointers<Result>(
        _ range: Range<Int>, _ body: (UnsafeBufferPointer<RADDQuery>) throws -> Result
    ) throws -> Result {
        try numbers.withUnsafeBufferPointer { numbers in
            // An empty list has no memory; nothing is read of it then.
            let empty: [Int32] = [0]
            return try empty.withUnsafeBufferPointer { empty in
                guard let start = numbers.baseAddress ?? empty.baseAddress else { throw PackedTransformer.noMemory }
                var packed: [RADDQuery] = queries[range].map { query in
                    RADDQuery(
                        tokens: start + query.tokens, length: query.length, active: query.active.map { start + $0 },
                        active_count: query.activeCount, rows: start + query.rows, row_count: query.rowCount, cache: nil
                    )
                }
                return try Self.withCaches(Array(queries[range].map(\.cache)), 0, &packed, body)
            }
        }
    }

    /// Holds the caches' memory from `next` on, one inside the other.
    private static func withCaches<Result>(
        _ caches: [KeyValueCache?], _ next: Int, _ packed: inout [RADDQuery],
        _ body: (UnsafeBufferPointer<RADDQuery>) throws -> Result
    ) throws -> Result {
        guard let place = caches[next...].firstIndex(where: { $0 != nil }), let cache = caches[place] else {
            return try packed.withUnsafeBufferPointer(body)
        }
        return try PackedCache.withPairs(cache) { pairs in
            packed[place].cache = pairs
            return try withCaches(caches, place + 1, &packed, body)
        }
    }
}

/// Keys and values of a packed transformer: a line that says whose they are, and the kernels' numbers.
enum PackedCache {
    private static let header = 64

    /// Makes room in a cache that a query fills, or checks that it holds what the query needs.
    static func prepare(_ cache: KeyValueCache, _ query: TokenQuery, _ number: Int, _ network: PackedTransformer) throws
    {
        let (length, size) = (query.tokens.count, try network.cacheSize(query.tokens.count) + header)
        let isFilled = query.active == nil || query.active?.count == length
        let words = words(cache)
        if isFilled {
            if cache.bytes.count != size { cache.bytes = [UInt8](repeating: 0, count: size) }
            cache.bytes.withUnsafeMutableBytes { bytes in
                // Nobody's until it has been written.
                bytes.storeBytes(of: 0, toByteOffset: 0, as: UInt64.self)
                bytes.storeBytes(of: UInt64(length), toByteOffset: 8, as: UInt64.self)
            }
            return
        }
        guard !cache.bytes.isEmpty else {
            throw GeneraError.usage(
                "Query \(number) works out some places alone, and its cache is empty: fill it with all places first.")
        }
        guard words?.identity == network.identity else {
            throw GeneraError.usage("Query \(number) has a cache of another network, or one whose filling failed.")
        }
        guard words?.length == UInt64(length), cache.bytes.count == size else {
            throw GeneraError.usage(
                "Query \(number) has \(length) tokens, and its cache is of a sequence of \(words?.length ?? 0).")
        }
    }

    private static func words(_ cache: KeyValueCache) -> (identity: UInt64, length: UInt64)? {
        cache.bytes.withUnsafeBytes { bytes in
            guard bytes.count >= header else { return nil }
            return (bytes.loadUnaligned(as: UInt64.self), bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        }
    }

    /// The kernels' part of a cache.
    static func withPairs<Result>(
        _ cache: KeyValueCache, _ body: (UnsafeMutableRawPointer) throws -> Result
    ) throws -> Result {
        try cache.bytes.withUnsafeMutableBytes { bytes in
            guard let start = bytes.baseAddress else { throw PackedTransformer.noMemory }
            return try body(start + header)
        }
    }
}
