/// Which two tokens merge into which, and how early.
struct MergeTable: Sendable {
    /// A merge: the smaller its rank, the earlier it is done.
    struct Merge: Sendable {
        let rank: Int32
        let token: Int32
    }

    // Open addressing with a power of two of places, less than half of which are taken.
    private var keys: [UInt64]
    private var merges: [Merge]
    private let shift: UInt64
    private static let free = UInt64.max

    /// Room for as many merges.
    init(capacity: Int) {
        var bits: UInt64 = 4
        while 1 << bits < 2 * capacity + 2 { bits += 1 }
        keys = Array(repeating: Self.free, count: 1 << bits)
        merges = Array(repeating: Merge(rank: 0, token: 0), count: 1 << bits)
        shift = 64 - bits
    }

    private func place(_ left: Int32, _ right: Int32) -> (key: UInt64, place: Int) {
        let key = UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
        var place = Int((key &* 0x9E37_79B9_7F4A_7C15) >> shift)
        while keys[place] != key && keys[place] != Self.free { place = (place + 1) & (keys.count - 1) }
        return (key, place)
    }

    /// Adds a merge; false if the two merge already.
    mutating func add(_ left: Int32, _ right: Int32, _ merge: Merge) -> Bool {
        let (key, place) = place(left, right)
        guard keys[place] == Self.free else { return false }
        (keys[place], merges[place]) = (key, merge)
        return true
    }

    /// What two tokens merge into; nil if they do not.
    subscript(left: Int32, right: Int32) -> Merge? {
        let (key, place) = place(left, right)
        return keys[place] == key ? merges[place] : nil
    }

    /// Merges the earliest of all pairs side by side, the leftmost of equals, until none merges.
    func merge(_ tokens: inout [Int32]) {
        guard tokens.count > 1 else { return }
        if tokens.count <= Self.fewTokens { return mergeFew(&tokens) }
        mergeMany(&tokens)
    }

    /// Up to so many tokens are looked through for each merge.
    static let fewTokens = 48

    private func mergeFew(_ tokens: inout [Int32]) {
        var pairs = (0..<tokens.count - 1).map { self[tokens[$0], tokens[$0 + 1]] }
        while true {
            var best: (place: Int, rank: Int32)?
            for (place, pair) in pairs.enumerated() {
                if let pair, pair.rank < best?.rank ?? .max { best = (place, pair.rank) }
            }
            guard let place = best?.place, let merge = pairs[place] else { return }
            tokens[place] = merge.token
            tokens.remove(at: place + 1)
            pairs.remove(at: place)
            if place > 0 { pairs[place - 1] = self[tokens[place - 1], tokens[place]] }
            if place < pairs.count { pairs[place] = self[tokens[place], tokens[place + 1]] }
        }
    }

    /// With a heap of pairs and a list of neighbours: n log n for long pieces.
    private func mergeMany(_ tokens: inout [Int32]) {
        let none = -1
        var next = Array(1...tokens.count)
        next[tokens.count - 1] = none
        var previous = Array(-1..<tokens.count - 1)
        var heap = PairHeap()
        func offer(_ place: Int, _ other: Int) {
            guard place != none, other != none, let merge = self[tokens[place], tokens[other]] else { return }
            heap.push(
                .init(rank: merge.rank, place: place, left: tokens[place], right: tokens[other], token: merge.token))
        }
        for place in 0..<tokens.count - 1 { offer(place, place + 1) }
        while let pair = heap.pop() {
            let (place, other) = (pair.place, next[pair.place])
            // Pairs that another merge has changed are still in the heap. -1 is a token that has gone.
            guard other != none, tokens[place] == pair.left, tokens[other] == pair.right else { continue }
            (tokens[place], tokens[other]) = (pair.token, -1)
            next[place] = next[other]
            if next[place] != none { previous[next[place]] = place }
            offer(previous[place], place)
            offer(place, next[place])
        }
        tokens.removeAll { $0 < 0 }
    }
}

/// Pairs that merge, the earliest first, and of equals the leftmost.
private struct PairHeap {
    struct Pair {
        let rank: Int32
        let place: Int
        let left: Int32
        let right: Int32
        let token: Int32

        static func < (a: Pair, b: Pair) -> Bool { (a.rank, a.place) < (b.rank, b.place) }
    }

    private var pairs: [Pair] = []

    mutating func push(_ pair: Pair) {
        pairs.append(pair)
        var place = pairs.count - 1
        while place > 0, pairs[place] < pairs[(place - 1) / 2] {
            pairs.swapAt(place, (place - 1) / 2)
            place = (place - 1) / 2
        }
    }

    mutating func pop() -> Pair? {
        guard let first = pairs.first, let last = pairs.popLast() else { return nil }
        guard !pairs.isEmpty else { return first }
        pairs[0] = last
        var place = 0
        while true {
            var least = place
            for child in [2 * place + 1, 2 * place + 2] where child < pairs.count && pairs[child] < pairs[least] {
                least = child
            }
            guard least != place else { return first }
            pairs.swapAt(place, least)
            place = least
        }
    }
}
