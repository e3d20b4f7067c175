/// A largest matching of a graph by Edmonds's blossoms (1965): which nodes are paired over edges.
struct Matching {
    /// Each node's partner; -1 for none.
    private(set) var partners: [Int]
    private let neighbours: [[Int]]
    private var parents: [Int]
    private var bases: [Int]
    private var isUsed: [Bool] = []

    /// A matching of a graph with no pairs yet.
    init(_ neighbours: [[Int]]) {
        self.neighbours = neighbours
        partners = Array(repeating: -1, count: neighbours.count)
        (parents, bases) = (partners, Array(neighbours.indices))
    }

    /// Pairs `node`, if it can be without leaving another alone.
    ///
    /// - Returns: whether it is paired.
    mutating func pair(_ node: Int) -> Bool {
        if partners[node] >= 0 { return true }
        if let free = neighbours[node].first(where: { partners[$0] < 0 && $0 != node }) {
            (partners[node], partners[free]) = (free, node)
            return true
        }
        var end = path(from: node)
        guard end >= 0 else { return false }
        while end >= 0 {
            let before = parents[end]
            let next = partners[before]
            (partners[end], partners[before]) = (before, end)
            end = next
        }
        return true
    }

    /// Searches an alternating path from `root` to a free node; its end, or -1.
    private mutating func path(from root: Int) -> Int {
        isUsed = Array(repeating: false, count: neighbours.count)
        parents = Array(repeating: -1, count: neighbours.count)
        bases = Array(neighbours.indices)
        isUsed[root] = true
        var queue = [root]
        var next = 0
        while next < queue.count {
            let node = queue[next]
            next += 1
            for other in neighbours[node] where bases[node] != bases[other] && partners[node] != other {
                if other == root || partners[other] >= 0 && parents[partners[other]] >= 0 {
                    queue += contract(node, other)
                } else if parents[other] < 0 {
                    parents[other] = node
                    guard partners[other] >= 0 else { return other }
                    isUsed[partners[other]] = true
                    queue.append(partners[other])
                }
            }
        }
        return -1
    }

    /// Makes an odd ring one node; the nodes that are new to the search.
    private mutating func contract(_ node: Int, _ other: Int) -> [Int] {
        let base = commonBase(node, other)
        var isInside = [Bool](repeating: false, count: bases.count)
        mark(node, base, other, &isInside)
        mark(other, base, node, &isInside)
        var fresh: [Int] = []
        for place in bases.indices where isInside[bases[place]] {
            bases[place] = base
            if !isUsed[place] {
                isUsed[place] = true
                fresh.append(place)
            }
        }
        return fresh
    }

    private func commonBase(_ one: Int, _ two: Int) -> Int {
        var isAbove = [Bool](repeating: false, count: bases.count)
        var node = bases[one]
        while true {
            isAbove[node] = true
            guard partners[node] >= 0, parents[partners[node]] >= 0 else { break }
            node = bases[parents[partners[node]]]
        }
        node = bases[two]
        while !isAbove[node] { node = bases[parents[partners[node]]] }
        return node
    }

    private mutating func mark(_ start: Int, _ base: Int, _ child: Int, _ isInside: inout [Bool]) {
        var (node, child) = (start, child)
        while bases[node] != base {
            isInside[bases[node]] = true
            isInside[bases[partners[node]]] = true
            parents[node] = child
            child = partners[node]
            node = parents[partners[node]]
        }
    }
}
