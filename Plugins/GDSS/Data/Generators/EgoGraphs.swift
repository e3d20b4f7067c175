import Genera

/// Neighbourhoods of the nodes of one large graph, such as the data set ego-small of citations.
public enum EgoGraphs {
    /// The neighbourhoods with radius 1 of the nodes of the largest component, in order: each node with its neighbours and all edges
    /// between them, of those with 4 to 18 nodes the first 200.
    ///
    /// Nodes are numbered as networkx numbers them, which is the order of a set of Python, so that the citations of CiteSeer give the
    /// published set to the node.
    /// - Throws: `GeneraError.badData` for a graph that has no such neighbourhood.
    public static func small(of citations: Graph, limit: Int = 200) throws -> [Graph] {
        let neighbours = ordered(citations)
        var found: [Graph] = []
        for node in neighbours.indices where found.count < limit {
            let members = [node] + neighbours[node].filter { $0 != node }
            guard (4...18).contains(members.count) else { continue }
            let order = PythonSet.order(members)
            let places = Dictionary(uniqueKeysWithValues: order.enumerated().map { ($1, $0) })
            let edges = order.enumerated().flatMap { place, member in
                neighbours[member].compactMap { places[$0] }.filter { $0 > place }.map { (place, $0) }
            }
            found.append(Graph(SimpleGraph(nodeCount: order.count, edges: edges)))
        }
        guard !found.isEmpty else {
            throw GeneraError.badData(
                file: "the graph", reason: "has no node with 3 to 17 neighbours",
                advice: "give a graph such as one of citations")
        }
        return found
    }

    /// The neighbours of each node of the largest component, the first of several, numbered in order. Smaller ones come first,
    /// ascending, then the others as the edges come: the order of a graph of networkx after its nodes were renumbered.
    private static func ordered(_ graph: Graph) -> [[Int]] {
        let components = graph.simple.components
        var sizes: [Int: Int] = [:]
        for component in components { sizes[component, default: 0] += 1 }
        let largest = sizes.min { ($0.value, $1.key) > ($1.value, $0.key) }?.key
        let kept = components.indices.filter { components[$0] == largest }
        let places = Dictionary(uniqueKeysWithValues: kept.enumerated().map { ($1, $0) })
        var neighbours = [[Int]](repeating: [], count: kept.count)
        var known = [Set<Int>](repeating: [], count: kept.count)
        for edge in graph.edges {
            guard let first = places[edge.source], let second = places[edge.target] else { continue }
            if known[first].insert(second).inserted { neighbours[first].append(second) }
            if known[second].insert(first).inserted { neighbours[second].append(first) }
        }
        return neighbours.enumerated().map { node, list in
            list.filter { $0 < node }.sorted() + list.filter { $0 >= node }
        }
    }
}

/// The order in which CPython lists a set of whole numbers.
///
/// A table of a power of two places, at most three fifths full. A number goes to the place of its last bits, or one of the nine after it,
/// or on by five times the place.
package enum PythonSet {
    /// Different numbers from 0, put into a set one by one, in the order of its table.
    package static func order(_ numbers: [Int]) -> [Int] {
        var table = [Int?](repeating: nil, count: 8)
        for (used, number) in numbers.enumerated() {
            insert(number, &table)
            guard (used + 1) * 5 >= (table.count - 1) * 3 else { continue }
            var size = 8
            while size <= (used + 1) * 4 { size *= 2 }
            let old = table
            table = [Int?](repeating: nil, count: size)
            for number in old.compactMap(\.self) { insert(number, &table) }
        }
        return table.compactMap(\.self)
    }

    private static func insert(_ number: Int, _ table: inout [Int?]) {
        let mask = table.count - 1
        var (place, rest) = (number & mask, number)
        while true {
            let last = place + 9 <= mask ? place + 9 : place
            if let free = (place...last).first(where: { table[$0] == nil }) {
                table[free] = number
                return
            }
            rest >>= 5
            place = (place * 5 + 1 + rest) & mask
        }
    }
}
