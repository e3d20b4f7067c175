extension SimpleGraph {
    /// For each node, how often it stands in each of the fifteen places of connected induced subgraphs of two to four nodes.
    ///
    /// In the order of Pržulj, "Biological network comparison using graphlet degree distribution", Bioinformatics 23 (2007): 0 an
    /// edge's end; 1 and 2 end and middle of a path of three; 3 a triangle; 4 and 5 end and inner node of a path of four; 6 and 7 leaf
    /// and centre of a star of four; 8 a cycle of four; 9, 10 and 11 of a triangle with a tail the tail's end, a node without it and
    /// the one with it; 12 and 13 the ends of degree two and three of a cycle of four with a chord; 14 a complete graph of four.
    ///
    /// Subgraphs that need not be induced are counted by degrees, triangles and common neighbours, and complete ones by looking; a
    /// triangular system of equations gives the induced ones, as in Hočevar and Demšar, "A combinatorial approach to graphlet
    /// counting", Bioinformatics 30 (2014).
    /// - Complexity: O(edges · degree²).
    public var orbitCounts: [[Int]] {
        let shared = sharedNeighbourCounts
        let complete = completeCounts
        let degrees = neighbours.map(\.count)
        let triangles = shared.map { $0.reduce(0, +) / 2 }
        let squares = (0..<nodeCount).map(squareCount)
        return (0..<nodeCount).map { node in
            let own = degrees[node]
            var n = [Int](repeating: 0, count: 15)
            (n[0], n[3], n[2]) = (own, triangles[node], Self.pairs(own) - triangles[node])
            (n[7], n[8], n[11], n[14]) = (Self.triples(own), squares[node], triangles[node] * (own - 2), complete[node])
            for (next, t) in zip(neighbours[node], shared[node]) {
                let other = degrees[next]
                n[1] += other - 1 - t
                n[4] += pathEnds(node, next, degrees)
                n[5] += (own - 1) * (other - 1) - t
                n[6] += Self.pairs(other - 1)
                n[9] += triangles[next] - t
                n[10] += t * (other - 2)
                n[13] += Self.pairs(t)
            }
            n[12] = chordedEnds(node, shared)
            return Self.induced(n)
        }
    }

    /// The means over the nodes of `orbitCounts`; zeros for no nodes.
    public var orbitMeans: [Double] {
        let counts = orbitCounts
        return (0..<15).map { orbit in
            Double(counts.reduce(0) { $0 + $1[orbit] }) / Double(max(nodeCount, 1))
        }
    }

    /// Takes from each count what larger subgraphs on the same nodes add to it.
    private static func induced(_ counts: [Int]) -> [Int] {
        var n = counts
        for orbit in [12, 13] { n[orbit] -= 3 * n[14] }
        n[11] -= 2 * n[13] + 3 * n[14]
        n[10] -= 2 * n[12] + 2 * n[13] + 6 * n[14]
        n[9] -= 2 * n[12] + 3 * n[14]
        n[8] -= n[12] + n[13] + 3 * n[14]
        n[7] -= n[11] + n[13] + n[14]
        n[6] -= n[9] + n[10] + 2 * n[12] + n[13] + 3 * n[14]
        n[5] -= 2 * n[8] + n[10] + 2 * n[11] + 2 * n[12] + 4 * n[13] + 6 * n[14]
        n[4] -= 2 * n[8] + 2 * n[9] + n[10] + 4 * n[12] + 2 * n[13] + 6 * n[14]
        return n
    }

    private static func pairs(_ n: Int) -> Int { n * (n - 1) / 2 }

    private static func triples(_ n: Int) -> Int { n * (n - 1) * (n - 2) / 6 }

    /// Paths of four nodes that begin with `node` and `next`.
    private func pathEnds(_ node: Int, _ next: Int, _ degrees: [Int]) -> Int {
        // Beside `node` itself, every neighbour of `next` goes on to its neighbours but `next` and, where it is one, `node`.
        let own = neighbours[node]
        var (sum, place) = (0, 0)
        for middle in neighbours[next] where middle != node {
            while place < own.count, own[place] < middle { place += 1 }
            sum += degrees[middle] - 1 - (place < own.count && own[place] == middle ? 1 : 0)
        }
        return sum
    }

    /// Cycles of four through a node, by how many neighbours it has in common with each node two steps away.
    private func squareCount(_ node: Int) -> Int {
        var common: [Int: Int] = [:]
        for next in neighbours[node] {
            for far in neighbours[next] where far != node { common[far, default: 0] += 1 }
        }
        return common.values.reduce(0) { $0 + Self.pairs($1) }
    }

    /// Cycles of four with a chord (or more) that a node is an end of without the chord: a triangle, and another on its far side.
    private func chordedEnds(_ node: Int, _ shared: [[Int]]) -> Int {
        let own = neighbours[node]
        var sum = 0
        for first in own {
            var place = 0
            for (second, t) in zip(neighbours[first], shared[first]) where second > first {
                while place < own.count, own[place] < second { place += 1 }
                if place < own.count, own[place] == second { sum += t - 1 }
            }
        }
        return sum
    }

    /// In how many complete subgraphs of four each node is.
    private var completeCounts: [Int] {
        var counts = [Int](repeating: 0, count: nodeCount)
        for (first, second) in edges {
            let common = Self.shared(neighbours[first], neighbours[second]).filter { $0 > second }
            for third in common {
                for fourth in Self.shared(neighbours[third], common) where fourth > third {
                    for node in [first, second, third, fourth] { counts[node] += 1 }
                }
            }
        }
        return counts
    }

    /// What two ascending lists share.
    private static func shared(_ a: [Int], _ b: [Int]) -> [Int] {
        var (i, j, both) = (0, 0, [Int]())
        while i < a.count, j < b.count {
            if a[i] == b[j] { both.append(a[i]) }
            let step = a[i] - b[j]
            if step <= 0 { i += 1 }
            if step >= 0 { j += 1 }
        }
        return both
    }
}
