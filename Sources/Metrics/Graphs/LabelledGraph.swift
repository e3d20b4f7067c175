/// An undirected graph whose nodes and edges have labels, as whole numbers, for telling which graphs are the same but for the order of
/// their nodes.
///
///     let path = LabelledGraph(nodes: [0, 7, 0], edges: [(0, 1, 1), (1, 2, 1)])
///     try path.isIsomorphic(to: LabelledGraph(nodes: [7, 0, 0], edges: [(0, 2, 1), (0, 1, 1)]))   // true
public struct LabelledGraph: Sendable, Equatable {
    /// Each node's label.
    public let labels: [Int]
    /// Each node's neighbours, itself where it has a loop, with the labels of the edges.
    let links: [[Int: Int]]

    /// Makes a graph; of several edges between two nodes the last counts. Ends must be in `nodes.indices`.
    public init(nodes: [Int], edges: some Sequence<(Int, Int, label: Int)>) {
        var links = [[Int: Int]](repeating: [:], count: nodes.count)
        for (first, second, label) in edges {
            links[first][second] = label
            links[second][first] = label
        }
        (labels, self.links) = (nodes, links)
    }

    /// How many nodes there are.
    public var nodeCount: Int { labels.count }

    /// Whether some renumbering of its nodes makes this graph the other, labels and all.
    ///
    /// Colours are refined by those of neighbours until no more nodes are told apart; where nodes are left alike, one of them is tried
    /// against each of the other graph's, and what is found is checked edge by edge. Exact for all graphs.
    /// - Throws: `MetricError` for very regular graphs that would take too long.
    public func isIsomorphic(to other: LabelledGraph) throws -> Bool {
        guard nodeCount == other.nodeCount, labels.sorted() == other.labels.sorted(),
            links.reduce(0, { $0 + $1.count }) == other.links.reduce(0, { $0 + $1.count })
        else { return false }
        var search = IsomorphismSearch(first: self, second: other)
        return try search.succeeds()
    }

    /// A number for each graph, the same for those that are isomorphic and for no others: 0, 1, ... in the order in which they first
    /// come.
    ///
    /// - Throws: as `isIsomorphic(to:)`.
    public static func classes(of graphs: [LabelledGraph]) throws -> [Int] {
        var known: [UInt64: [(graph: LabelledGraph, number: Int)]] = [:]
        var count = 0
        return try graphs.map { graph in
            let print = graph.fingerprint
            for (other, number) in known[print] ?? [] where try graph.isIsomorphic(to: other) { return number }
            known[print, default: []].append((graph, count))
            count += 1
            return count - 1
        }
    }

    /// A number that does not depend on the order of nodes.
    private var fingerprint: UInt64 { Mixing.all(refined(startColours)) }

    /// Colours that say a node's label, and, of nodes without edges, which all of one label could be each other, how many came before.
    var startColours: [UInt64] {
        var alone: [Int: UInt64] = [:]
        return labels.enumerated().map { node, label in
            let colour = Mixing.of(UInt64(bitPattern: Int64(label)))
            guard links[node].isEmpty else { return colour }
            alone[label, default: 0] += 1
            return Mixing.of(colour &+ alone[label, default: 0])
        }
    }

    /// Colours after those of neighbours have been mixed in until no more nodes are told apart. The same for isomorphic graphs.
    func refined(_ colours: [UInt64]) -> [UInt64] {
        var colours = colours
        var kinds = Set(colours).count
        while kinds < colours.count {
            let next = links.enumerated().map { node, links in
                let around = links.map { next, label in
                    Mixing.of(colours[next] ^ Mixing.of(UInt64(bitPattern: Int64(label)) &+ 1))
                }
                return Mixing.of(colours[node] &* 3 &+ Mixing.all(around))
            }
            let found = Set(next).count
            guard found > kinds else { break }
            (colours, kinds) = (next, found)
        }
        return colours
    }
}

/// Well mixed numbers.
private enum Mixing {
    /// The finaliser of Steele, Lea and Flood, "Fast splittable pseudorandom number generators" (2014).
    static func of(_ value: UInt64) -> UInt64 {
        var z = value &+ 0x9E37_79B9_7F4A_7C15
        z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
        return z ^ z >> 31
    }

    /// A number of several whose order does not count.
    static func all(_ values: [UInt64]) -> UInt64 { values.reduce(UInt64(values.count)) { $0 &+ of($1) } }
}

/// Looks for a renumbering that makes one graph another.
///
/// Colours only ever say what a renumbering keeps, so that two numbers which fall together by chance make the search longer, not wrong.
private struct IsomorphismSearch {
    /// A choice: one node of the first graph, and those of the second that it may be.
    private struct Choice {
        /// The second graph's colours before the choice.
        let before: [UInt64]
        /// The first graph's colours after it.
        let colours: [UInt64]
        var candidates: ArraySlice<Int>
    }

    let first: LabelledGraph
    let second: LabelledGraph
    private var choices: [Choice] = []
    private var work = 0
    /// Nodes and edges looked at, a second or some.
    private static let limit = 200_000_000
    /// Numbers that are kept for choices to come back to.
    private static let memory = 50_000_000

    init(first: LabelledGraph, second: LabelledGraph) { (self.first, self.second) = (first, second) }

    mutating func succeeds() throws -> Bool {
        if try meets(refined(first, first.startColours), refined(second, second.startColours)) { return true }
        while var choice = choices.popLast() {
            guard let node = choice.candidates.popFirst() else { continue }
            choices.append(choice)
            var colours = choice.before
            colours[node] = Self.chosen(colours[node])
            if try meets(choice.colours, refined(second, colours)) { return true }
        }
        return false
    }

    /// Whether colours that tell all nodes apart join the graphs; where they leave some alike, adds a choice.
    private mutating func meets(_ a: [UInt64], _ b: [UInt64]) throws -> Bool {
        let (order, others) = (a.indices.sorted { a[$0] < a[$1] }, b.indices.sorted { b[$0] < b[$1] })
        guard zip(order, others).allSatisfy({ a[$0] == b[$1] }) else { return false }
        guard let cell = Self.smallestCell(order.map { a[$0] }) else { return joins(Array(zip(order, others))) }
        var colours = a
        colours[order[cell.lowerBound]] = Self.chosen(colours[order[cell.lowerBound]])
        let choice = Choice(before: b, colours: try refined(first, colours), candidates: others[cell])
        choices.append(choice)
        guard choices.count * a.count <= Self.memory else { throw tooLong() }
        return false
    }

    /// The shortest run of equal numbers among sorted ones, of more than one; nil if all differ.
    private static func smallestCell(_ sorted: [UInt64]) -> Range<Int>? {
        var (best, start): (Range<Int>?, Int) = (nil, 0)
        for place in 1...max(sorted.count, 1) where place >= sorted.count || sorted[place] != sorted[start] {
            if place - start > 1, place - start < best?.count ?? .max { best = start..<place }
            start = place
        }
        return best
    }

    /// The colour of a node that is told from those it was alike to.
    private static func chosen(_ colour: UInt64) -> UInt64 { Mixing.of(colour &+ 0x5BD1_E995) }

    private mutating func refined(_ graph: LabelledGraph, _ colours: [UInt64]) throws -> [UInt64] {
        work += 1 + graph.links.reduce(graph.nodeCount) { $0 + $1.count }
        guard work <= Self.limit else { throw tooLong() }
        return graph.refined(colours)
    }

    private func tooLong() -> MetricError {
        MetricError(
            "Whether two graphs of \(first.nodeCount) nodes are isomorphic was not found out: they are too regular.")
    }

    /// Whether the pairs, one for each node, carry every edge of one graph to one of the other.
    private func joins(_ pairs: [(Int, Int)]) -> Bool {
        var partner = [Int](repeating: 0, count: first.nodeCount)
        for (own, other) in pairs { partner[own] = other }
        return partner.enumerated().allSatisfy { own, other in
            first.labels[own] == second.labels[other] && first.links[own].count == second.links[other].count
                && first.links[own].allSatisfy { second.links[other][partner[$0.key]] == $0.value }
        }
    }
}
