/// An order of a connected graph's nodes that does not depend on how they are numbered, as far as colour refinement can tell.
///
/// Every node's colour becomes a hash of its own and its neighbours' colours until no more classes appear. Nodes that then
/// still share a colour are told apart one by one, the others refined anew each time. Where such nodes are symmetric the
/// choice does not matter.
struct ColorRefinement {
    /// The nodes by colour.
    private(set) var order: [Int] = []
    /// The same for graphs of the same shape.
    private(set) var key: UInt64 = 0

    private let neighbours: [[Int]]
    private var colors: [UInt64]
    /// Elementary steps that may still be spent; a large symmetric graph stops here, ordered by number where it is tied.
    private var budget = 20_000_000

    init(_ neighbours: [[Int]], marks: [Int]) {
        self.neighbours = neighbours
        colors = marks.map { Self.mixed(UInt64(bitPattern: Int64($0)) &+ 0x5851_F42D_4C95_7F2D) }
        refine()
        let shape = colors.reduce(0, &+)
        rankLeaves()
        refine()
        while budget > 0, let tied = firstTied() {
            colors[tied] = Self.mixed(colors[tied] ^ 0xD1B5_4A32_D192_ED03)
            refine()
        }
        let final = colors
        order = final.indices.sorted { (final[$0], $0) < (final[$1], $1) }
        key = shape
    }

    /// Leaves of one node that look alike are symmetric: they get different colours at once.
    private mutating func rankLeaves() {
        for node in neighbours.indices {
            var seen: [UInt64: UInt64] = [:]
            for leaf in neighbours[node] where neighbours[leaf].count == 1 {
                let rank = seen[colors[leaf], default: 0]
                seen[colors[leaf]] = rank + 1
                colors[leaf] = Self.mixed(colors[leaf] &+ rank &* 0x2545_F491_4F6C_DD1D)
            }
        }
    }

    private mutating func refine() {
        var classes = countClasses()
        while classes < colors.count, budget > 0 {
            var next = colors
            for node in neighbours.indices {
                var sum: UInt64 = 0
                for other in neighbours[node] { sum &+= Self.mixed(colors[other]) }
                next[node] = Self.mixed(colors[node] &* 3 &+ sum)
                budget -= neighbours[node].count + 8
            }
            colors = next
            let now = countClasses()
            if now == classes { return }
            classes = now
        }
    }

    private func countClasses() -> Int {
        let sorted = colors.sorted()
        return zip(sorted, sorted.dropFirst()).reduce(1) { $0 + ($1.0 == $1.1 ? 0 : 1) }
    }

    /// A node of the class with the least colour among those of more than one node.
    private func firstTied() -> Int? {
        let sorted = colors.sorted()
        guard let shared = zip(sorted, sorted.dropFirst()).first(where: { $0 == $1 })?.0 else { return nil }
        return colors.firstIndex(of: shared)
    }

    /// The finisher of SplitMix64.
    static func mixed(_ value: UInt64) -> UInt64 {
        var mixed = value
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}
