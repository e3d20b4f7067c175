/// An undirected graph of numbered nodes, without loops and double edges, as what statistics of graphs are taken of.
///
///     let path = SimpleGraph(nodeCount: 3, edges: [(0, 1), (1, 2)])
///     path.neighbours[1]   // [0, 2]
public struct SimpleGraph: Sendable, Hashable {
    /// Each node's neighbours, ascending.
    public let neighbours: [[Int]]

    /// Makes a graph; loops are left out, and edges that come again count once. Ends must be in `0..<nodeCount`.
    public init(nodeCount: Int, edges: some Sequence<(Int, Int)>) {
        var lists = [[Int]](repeating: [], count: nodeCount)
        for (first, second) in edges where first != second {
            lists[first].append(second)
            lists[second].append(first)
        }
        neighbours = lists.map { list in
            var kept: [Int] = []
            for node in list.sorted() where node != kept.last { kept.append(node) }
            return kept
        }
    }

    /// How many nodes there are.
    public var nodeCount: Int { neighbours.count }

    /// How many edges there are.
    public var edgeCount: Int { neighbours.reduce(0) { $0 + $1.count } / 2 }

    /// The edges, each once with its smaller end first, in ascending order.
    public var edges: [(Int, Int)] {
        neighbours.enumerated().flatMap { node, list in list.filter { $0 > node }.map { (node, $0) } }
    }

    /// The number of each node's component; components are numbered from 0 by their first nodes.
    public var components: [Int] {
        var components = [Int](repeating: -1, count: nodeCount)
        var count = 0
        for start in 0..<nodeCount where components[start] < 0 {
            components[start] = count
            var waiting = [start]
            while let node = waiting.popLast() {
                for next in neighbours[node] where components[next] < 0 {
                    components[next] = count
                    waiting.append(next)
                }
            }
            count += 1
        }
        return components
    }

    /// Whether every node can be reached from every other; a graph without nodes is not connected.
    public var isConnected: Bool { nodeCount > 0 && components.allSatisfy { $0 == 0 } }

    /// How many neighbours both ends of each edge have, beside each entry of `neighbours`.
    ///
    /// - Complexity: O(edges · degree).
    var sharedNeighbourCounts: [[Int]] {
        neighbours.enumerated().map { node, list in list.map { Self.sharedCount(neighbours[node], neighbours[$0]) } }
    }

    /// How many numbers two ascending lists share.
    static func sharedCount(_ a: [Int], _ b: [Int]) -> Int {
        var (i, j, count) = (0, 0, 0)
        while i < a.count, j < b.count {
            if a[i] == b[j] { count += 1 }
            let step = a[i] - b[j]
            if step <= 0 { i += 1 }
            if step >= 0 { j += 1 }
        }
        return count
    }
}
