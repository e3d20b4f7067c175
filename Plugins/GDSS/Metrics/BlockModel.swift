import Genera

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A division of a graph's nodes into blocks that describes it in few bits, by the stochastic block model without correction for degrees.
///
/// The bits are those of Peixoto, "Nonparametric Bayesian inference of the microcanonical stochastic block model", Physical Review E 95
/// (2017), with flat priors: which nodes are in which block, how many edges lie within and between blocks, and which pairs they join.
/// The search is greedy and takes no chances: nodes move to where modularity grows, blocks are merged in order of modularity down to one,
/// the number of blocks with the fewest bits is kept, and nodes move and blocks merge as long as bits are saved. That finds blocks that
/// are as plain as those of the data set `sbm`; it is no sampling of all divisions.
package struct BlockModel {
    /// Each node's block, from 0.
    package private(set) var blocks: [Int]
    /// How many nodes each block has.
    package private(set) var sizes: [Int]
    /// How many edges lie within a block (on the diagonal) and between two.
    package private(set) var edges: [[Int]]

    private let graph: SimpleGraph
    /// Logarithms of factorials.
    private let factorials: [Double]

    /// Finds the blocks of a graph.
    ///
    /// - Complexity: O(nodes² blocks³) at worst; some hundreds of nodes are meant.
    package init(_ graph: SimpleGraph) {
        let nodes = graph.nodeCount
        self.graph = graph
        var table = [0.0]
        for number in 1...max(nodes * (nodes + 1) / 2 + graph.edgeCount, 2 * nodes, 1) {
            table.append(table[number - 1] + log(Double(number)))
        }
        (factorials, blocks, sizes, edges) = (table, Array(0..<nodes), [], [])
        gather()
        moveByModularity()
        mergeByModularity()
        while moveByBits() || mergeByBits() {}
    }

    /// Numbers blocks without gaps and counts.
    private mutating func gather() {
        let used = Set(blocks).sorted()
        let places = Dictionary(uniqueKeysWithValues: used.enumerated().map { ($1, $0) })
        blocks = blocks.map { places[$0] ?? 0 }
        sizes = Array(repeating: 0, count: used.count)
        edges = Array(repeating: Array(repeating: 0, count: used.count), count: used.count)
        for block in blocks { sizes[block] += 1 }
        for (first, second) in graph.edges {
            let (a, b) = (blocks[first], blocks[second])
            edges[a][b] += 1
            if a != b { edges[b][a] += 1 }
        }
    }

    // MARK: Modularity

    private mutating func moveByModularity() {
        let total = Double(2 * max(graph.edgeCount, 1))
        var degrees = graph.neighbours.map(\.count)
        var hasMoved = true
        for _ in 0..<50 where hasMoved {
            hasMoved = false
            for node in blocks.indices {
                let own = graph.neighbours[node].count
                var links: [Int: Int] = [:]
                for next in graph.neighbours[node] { links[blocks[next], default: 0] += 1 }
                degrees[blocks[node]] -= own
                func gain(_ block: Int) -> Double {
                    Double(links[block] ?? 0) - Double(own) * Double(degrees[block]) / total
                }
                var best = blocks[node]
                for block in links.keys.sorted() where gain(block) > gain(best) + 1e-9 { best = block }
                degrees[best] += own
                if best != blocks[node] { (blocks[node], hasMoved) = (best, true) }
            }
        }
        gather()
    }

    /// Merges down to one block and goes back to where the bits were fewest.
    private mutating func mergeByModularity() {
        let total = Double(2 * max(graph.edgeCount, 1))
        var best = (bits: bits(sizes, edges), blocks: blocks)
        while sizes.count > 1 {
            let degrees = edges.indices.map { row in edges[row].reduce(0, +) + edges[row][row] }
            func gain(_ a: Int, _ b: Int) -> Double {
                Double(edges[a][b]) - Double(degrees[a]) * Double(degrees[b]) / total
            }
            var pair = (0, 1)
            for b in sizes.indices { for a in 0..<b where gain(a, b) > gain(pair.0, pair.1) { pair = (a, b) } }
            blocks = blocks.map { $0 == pair.1 ? pair.0 : $0 }
            gather()
            let bits = bits(sizes, edges)
            if bits < best.bits { best = (bits, blocks) }
        }
        blocks = best.blocks
        gather()
    }

    // MARK: Bits

    private func choices(_ all: Int, _ some: Int) -> Double {
        factorials[all] - factorials[some] - factorials[all - some]
    }

    /// The length of the description, in natural units.
    private func bits(_ sizes: [Int], _ edges: [[Int]]) -> Double {
        let kept = sizes.indices.filter { sizes[$0] > 0 }
        let (nodes, count) = (graph.nodeCount, kept.count)
        guard count > 0 else { return 0 }
        var sum = factorials[nodes] + choices(nodes - 1, count - 1) + log(Double(nodes))
        let kinds = count * (count + 1) / 2
        // As many ways are there to deal the edges to the pairs of blocks.
        sum += (0..<graph.edgeCount).reduce(0.0) { $0 + log(Double(kinds + $1) / Double($1 + 1)) }
        for (place, a) in kept.enumerated() {
            sum += choices(sizes[a] * (sizes[a] - 1) / 2, edges[a][a]) - factorials[sizes[a]]
            for b in kept[..<place] { sum += choices(sizes[a] * sizes[b], edges[a][b]) }
        }
        return sum
    }

    /// Moves single nodes; whether any moved.
    private mutating func moveByBits() -> Bool {
        var (moved, current) = (false, bits(sizes, edges))
        for node in blocks.indices {
            for new in sizes.indices where new != blocks[node] {
                let (triedSizes, triedEdges) = counts(moving: node, from: blocks[node], to: new)
                let tried = bits(triedSizes, triedEdges)
                guard tried < current - 1e-9 else { continue }
                (sizes, edges, current, moved) = (triedSizes, triedEdges, tried, true)
                blocks[node] = new
            }
        }
        if moved { gather() }
        return moved
    }

    private func counts(moving node: Int, from old: Int, to new: Int) -> (sizes: [Int], edges: [[Int]]) {
        var (sizes, edges) = (sizes, edges)
        guard old != new else { return (sizes, edges) }
        sizes[old] -= 1
        sizes[new] += 1
        for next in graph.neighbours[node] {
            let block = blocks[next]
            edges[old][block] -= 1
            if block != old { edges[block][old] -= 1 }
            edges[new][block] += 1
            if block != new { edges[block][new] += 1 }
        }
        return (sizes, edges)
    }

    /// Merges the two blocks whose merging saves most; whether any does.
    private mutating func mergeByBits() -> Bool {
        let start = blocks
        var best = (bits: bits(sizes, edges) - 1e-9, blocks: [Int]())
        for b in sizes.indices {
            for a in 0..<b {
                blocks = start.map { $0 == b ? a : $0 }
                gather()
                let tried = bits(sizes, edges)
                if tried < best.bits { best = (tried, blocks) }
                blocks = start
                gather()
            }
        }
        guard !best.blocks.isEmpty else { return false }
        blocks = best.blocks
        gather()
        return true
    }
}
