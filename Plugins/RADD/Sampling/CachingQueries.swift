import Genera

// Keys and values that are kept while a block is drawn (section 5.6). Attention goes both ways, so that a token that is revealed
// changes the keys and values of all places: what is kept is an approximation from the second look at a block on.

extension RADDSampling.Caching {
    /// The places that are worked out anew once keys and values are there, in the numbering of the frame; nil for all.
    ///
    /// - Parameter stage: its block goes from the first to the last place that it draws.
    package func active(_ stage: Stage) -> [Int]? {
        guard let first = stage.places.first, let last = stage.places.last else { return nil }
        let start = stage.frame.lowerBound
        switch self {
        case .none: return nil
        case .prefix: return Array(first - start..<stage.frame.count)
        case .dual: return Array(first - start...last - start)
        }
    }
}

extension RADDSampling {
    /// - Throws: `GeneraError.usage` where keys and values cannot be kept.
    func checkCaching(_ conditional: any TokenConditional) throws {
        guard caching != .none else { return }
        guard conditional.keepsCaches else {
            throw GeneraError.usage(
                "This network keeps no keys and values: --approx-cache needs the packed transformer that models are loaded as."
            )
        }
        guard guidance == nil else {
            throw GeneraError.usage("--approx-cache keeps one text's keys and values, and --guidance asks about two.")
        }
    }
}

extension Draft {
    /// Whether this look works out a part of the text alone: the stage's first look fills the cache.
    private func active(_ caching: RADDSampling.Caching) -> [Int]? {
        guard caching != .none, let cache, !cache.bytes.isEmpty else { return nil }
        return caching.active(stages[stage])
    }

    /// Counts a look, and makes a cache for the first of a stage.
    mutating func beginLook(_ caching: RADDSampling.Caching) {
        let all = stages[stage].frame.count
        places.seen += all
        places.worked += active(caching)?.count ?? all
        if caching != .none, cache == nil { cache = KeyValueCache() }
    }

    /// A question about some places of the text, in the window that the network sees.
    func query(_ rows: [Int], _ caching: RADDSampling.Caching) -> TokenQuery {
        let frame = stages[stage].frame
        return TokenQuery(
            Array(tokens[frame]), rows: rows.map { $0 - frame.lowerBound }, active: active(caching),
            cache: caching == .none ? nil : cache)
    }
}

extension KeyValueCache {
    /// Bytes of the caches that are there at a time, about.
    private static let memory = 1 << 30

    /// How many texts are drawn together, so that their caches fit.
    static func textsAtOnce(_ c: RADDConfiguration, _ stages: [[Stage]]) -> Int {
        let longest = stages.flatMap { $0 }.map(\.frame.count).max() ?? 1
        let bytes = 2 * 4 * c.model.width * c.model.blocks * max(longest, 1)
        return min(max(memory / bytes, 1), 32)
    }
}

extension PackedTransformer {
    /// It keeps keys and values.
    package var keepsCaches: Bool { true }
}
