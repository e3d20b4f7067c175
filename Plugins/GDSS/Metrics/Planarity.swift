import Genera

/// Whether a graph can be drawn in the plane without crossings, by the left-right criterion.
///
/// de Fraysseix and Rosenstiehl, "A depth-first-search characterization of planarity", Annals of Discrete Mathematics 13 (1982), in the
/// form of Brandes, "The left-right planarity test" (2009): after a first depth-first search has turned every edge, a second one keeps
/// a stack of pairs of intervals of edges that go back, of which those of one pair must lie on different sides.
/// - Complexity: O(nodes log nodes); a graph with more than 3 nodes - 6 edges is told at once.
package enum Planarity {
    /// Whether the graph is planar.
    package static func holds(_ graph: SimpleGraph) -> Bool {
        guard graph.nodeCount < 3 || graph.edgeCount <= 3 * graph.nodeCount - 6 else { return false }
        var test = LeftRightTest(Orientation(graph))
        return test.succeeds()
    }
}

/// The edges of a graph, turned by a depth-first search: down the tree, or back up.
private struct Orientation {
    /// Where each edge begins and ends.
    private(set) var from: [Int]
    private(set) var to: [Int]
    /// How deep the highest and the second-highest node is that an edge, or what hangs on it, goes back to.
    private(set) var low: [Int]
    private(set) var second: [Int]
    /// Each node's depth.
    private(set) var height: [Int]
    /// The edge by which a node was found; -1 for roots.
    private(set) var parent: [Int]
    private(set) var roots: [Int] = []
    /// Each node's edges away from it, the ones that lie outermost first.
    private(set) var outgoing: [[Int]] = []

    private var nesting: [Int]

    init(_ graph: SimpleGraph) {
        let (nodes, edges) = (graph.nodeCount, graph.edges)
        (from, to) = (Array(repeating: -1, count: edges.count), Array(repeating: -1, count: edges.count))
        (low, second, nesting) = (from, from, from)
        (height, parent) = (Array(repeating: -1, count: nodes), Array(repeating: -1, count: nodes))
        var around = [[(node: Int, edge: Int)]](repeating: [], count: nodes)
        for (number, edge) in edges.enumerated() {
            around[edge.0].append((edge.1, number))
            around[edge.1].append((edge.0, number))
        }
        for root in 0..<nodes where height[root] < 0 {
            height[root] = 0
            roots.append(root)
            search(root, around)
        }
        outgoing = Array(repeating: [], count: nodes)
        for edge in edges.indices.sorted(by: { (nesting[$0], $0) < (nesting[$1], $1) }) {
            outgoing[from[edge]].append(edge)
        }
    }

    /// Goes through a component without recursion: a node whose child is done goes on with the edge that led there.
    private mutating func search(_ root: Int, _ around: [[(node: Int, edge: Int)]]) {
        var (stack, next) = ([root], [Int: Int]())
        while let node = stack.last {
            let place = next[node, default: 0]
            guard place < around[node].count else {
                stack.removeLast()
                continue
            }
            let (other, edge) = around[node][place]
            if from[edge] < 0 {
                (from[edge], to[edge]) = (node, other)
                (low[edge], second[edge]) = (height[node], height[node])
                if height[other] < 0 {
                    (parent[other], height[other]) = (edge, height[node] + 1)
                    stack.append(other)
                    continue
                }
                low[edge] = height[other]
            }
            if from[edge] == node { finish(edge) }
            next[node] = place + 1
        }
    }

    /// Takes what an edge goes back to into account for the edge before it.
    private mutating func finish(_ edge: Int) {
        let node = from[edge]
        nesting[edge] = 2 * low[edge] + (second[edge] < height[node] ? 1 : 0)
        let before = parent[node]
        guard before >= 0 else { return }
        if low[edge] < low[before] {
            second[before] = min(low[before], second[edge])
            low[before] = low[edge]
        } else {
            second[before] = min(second[before], low[edge] > low[before] ? low[edge] : second[edge])
        }
    }
}

/// Edges that go back and must lie on one side, from the lowest to the highest that they return to.
private struct Interval {
    var low: Int?
    var high: Int?

    var isEmpty: Bool { low == nil && high == nil }
}

/// Two intervals whose edges must lie on different sides.
private struct ConflictPair {
    var left = Interval()
    var right = Interval()

    mutating func swap() { (left, right) = (right, left) }
}

/// The second depth-first search.
private struct LeftRightTest {
    private let graph: Orientation
    private var stack: [ConflictPair] = []
    /// The next edge below in an interval.
    private var below: [Int?]
    /// An edge that returns lowest among those of an edge.
    private var lowest: [Int]
    /// How many pairs there were before an edge.
    private var bottom: [Int]

    init(_ graph: Orientation) {
        self.graph = graph
        below = Array(repeating: nil, count: graph.from.count)
        lowest = Array(repeating: -1, count: graph.from.count)
        bottom = Array(repeating: 0, count: graph.from.count)
    }

    mutating func succeeds() -> Bool {
        for root in graph.roots where !search(root) { return false }
        return true
    }

    private mutating func search(_ root: Int) -> Bool {
        var (open, next) = ([root], [Int: Int]())
        var entered: Set<Int> = []
        while let node = open.last {
            let place = next[node, default: 0]
            guard place < graph.outgoing[node].count else {
                open.removeLast()
                if graph.parent[node] >= 0 { leave(graph.parent[node]) }
                continue
            }
            let edge = graph.outgoing[node][place]
            if entered.insert(edge).inserted {
                bottom[edge] = stack.count
                if graph.parent[graph.to[edge]] == edge {
                    open.append(graph.to[edge])
                    continue
                }
                lowest[edge] = edge
                stack.append(ConflictPair(right: Interval(low: edge, high: edge)))
            }
            if graph.low[edge] < graph.height[node] {
                let before = graph.parent[node]
                if place == 0 {
                    lowest[before] = lowest[edge]
                } else if !constrain(edge, before) {
                    return false
                }
            }
            next[node] = place + 1
        }
        return true
    }

    /// Puts the edges that come back from `edge` on one side, and those of its elder siblings that are in their way on the other.
    private mutating func constrain(_ edge: Int, _ before: Int) -> Bool {
        var pair = ConflictPair()
        while stack.count > bottom[edge], var top = stack.popLast() {
            if !top.left.isEmpty { top.swap() }
            guard top.left.isEmpty, let low = top.right.low else { return false }
            if graph.low[low] > graph.low[before] {
                if let own = pair.right.low { below[own] = top.right.high } else { pair.right.high = top.right.high }
                pair.right.low = low
            } else {
                below[low] = lowest[before]
            }
        }
        while let last = stack.last, conflicts(last.left, edge) || conflicts(last.right, edge) {
            var top = last
            stack.removeLast()
            if conflicts(top.right, edge) { top.swap() }
            guard !conflicts(top.right, edge) else { return false }
            if let own = pair.right.low { below[own] = top.right.high }
            if let low = top.right.low { pair.right.low = low }
            if let own = pair.left.low { below[own] = top.left.high } else { pair.left.high = top.left.high }
            pair.left.low = top.left.low
        }
        if !(pair.left.isEmpty && pair.right.isEmpty) { stack.append(pair) }
        return true
    }

    /// Whether an interval goes back less far than an edge, so that both cannot lie on one side.
    private func conflicts(_ interval: Interval, _ edge: Int) -> Bool {
        interval.high.map { graph.low[$0] > graph.low[edge] } ?? false
    }

    private func lowest(_ pair: ConflictPair) -> Int {
        [pair.left.low, pair.right.low].compactMap { $0.map { graph.low[$0] } }.min() ?? -1
    }

    /// Takes away the edges that end where `edge` begins.
    private mutating func leave(_ edge: Int) {
        let node = graph.from[edge]
        while let top = stack.last, lowest(top) == graph.height[node] { stack.removeLast() }
        if var top = stack.popLast() {
            trim(&top.left, &top.right, node)
            trim(&top.right, &top.left, node)
            stack.append(top)
        }
        guard graph.low[edge] < graph.height[node], let top = stack.last else { return }
        let (left, right) = (top.left.high, top.right.high)
        if let left, right.map({ graph.low[left] > graph.low[$0] }) ?? true {
            below[edge] = left
        } else {
            below[edge] = right
        }
    }

    private mutating func trim(_ interval: inout Interval, _ other: inout Interval, _ node: Int) {
        while let high = interval.high, graph.to[high] == node { interval.high = below[high] }
        if interval.high == nil, let low = interval.low {
            below[low] = other.low
            interval.low = nil
        }
    }
}
