/// Places for the nodes of an undirected graph, so that a person sees its shape.
///
///     let ring = GraphLayout(nodeCount: 6, edges: (0..<6).map { ($0, ($0 + 1) % 6) })   // a hexagon
///
/// Each connected part is placed so that distances on paper are near the numbers of steps between nodes (least stress, by
/// the stochastic descent of Zheng, Pawar and Goodman, 2018), its longest extent lying flat; parts stand side by side, the
/// largest first, and nodes without edges in rows below.
///
/// It is a function of the graph alone. A graph whose nodes are numbered otherwise gets the same drawing wherever nodes that
/// colour refinement cannot tell apart are symmetric: so for trees, rings and nearly all molecules, but not for all
/// regular graphs.
///
/// - Complexity: O(n²) for parts of up to 1500 nodes, O(n + m) times a constant beyond.
public struct GraphLayout: Sendable {
    /// A place for each node; the length of an edge is about 1, and y grows downwards.
    public let places: [Point]

    /// Places nodes. Self loops, repeated edges and edges to nodes that are not there are left out.
    ///
    /// - Parameter marks: a number for each node that tells apart what looks different; nil for none.
    public init(nodeCount: Int, edges: [(Int, Int)], marks: [Int]? = nil) {
        let neighbours = Self.neighbours(nodeCount, edges)
        var places = [Point](repeating: Point(0, 0), count: max(nodeCount, 0))
        var packing = Packing()
        for nodes in Self.components(neighbours) where nodes.count > 1 {
            let part = GraphPart(nodes, neighbours, marks: marks)
            packing.add(nodes: part.order, places: part.places(), key: part.key)
        }
        let lonely = neighbours.indices.filter { neighbours[$0].isEmpty }
            .sorted { (marks?[$0] ?? 0, $0) < (marks?[$1] ?? 0, $1) }
        for (node, place) in packing.packed(lonely: lonely) { places[node] = place }
        self.places = places
    }

    static func neighbours(_ count: Int, _ edges: [(Int, Int)]) -> [[Int]] {
        var neighbours = [[Int]](repeating: [], count: max(count, 0))
        for (a, b) in edges where a != b && neighbours.indices.contains(a) && neighbours.indices.contains(b) {
            neighbours[a].append(b)
            neighbours[b].append(a)
        }
        return neighbours.map { $0.count < 2 ? $0 : Array(Set($0)).sorted() }
    }

    /// The connected parts, each a list of nodes.
    static func components(_ neighbours: [[Int]]) -> [[Int]] {
        var isSeen = [Bool](repeating: false, count: neighbours.count)
        var parts: [[Int]] = []
        for start in neighbours.indices where !isSeen[start] {
            isSeen[start] = true
            var part = [start]
            var next = 0
            while next < part.count {
                for other in neighbours[part[next]] where !isSeen[other] {
                    isSeen[other] = true
                    part.append(other)
                }
                next += 1
            }
            parts.append(part)
        }
        return parts
    }
}

/// Boxes of connected parts, put on shelves.
private struct Packing {
    private struct Box {
        var nodes: [Int]
        var places: [Point]
        var width: Double
        var height: Double
        var key: UInt64
    }

    private static let gap = 1.0
    private static let lonelyGap = 0.75
    private var boxes: [Box] = []

    mutating func add(nodes: [Int], places: [Point], key: UInt64) {
        let (x, y) = (places.map(\.x), places.map(\.y))
        let (left, top) = (x.min() ?? 0, y.min() ?? 0)
        boxes.append(
            Box(
                nodes: nodes, places: places.map { Point($0.x - left, $0.y - top) }, width: (x.max() ?? 0) - left,
                height: (y.max() ?? 0) - top, key: key))
    }

    /// Every node with its place; the parts fill about a square.
    func packed(lonely: [Int]) -> [(Int, Point)] {
        let order = boxes.sorted { ($0.nodes.count, $0.width, $0.key) > ($1.nodes.count, $1.width, $1.key) }
        let area = order.reduce(0) { $0 + ($1.width + Self.gap) * ($1.height + Self.gap) }
        let lonelyArea = Double(lonely.count) * Self.lonelyGap * Self.lonelyGap
        let room = max((area + lonelyArea).squareRoot() * 1.1, order.first?.width ?? 0)
        var shelves: [[Box]] = []
        var free = 0.0
        for box in order {
            if shelves.isEmpty || box.width > free {
                shelves.append([])
                free = room
            }
            shelves[shelves.count - 1].append(box)
            free -= box.width + Self.gap
        }
        var result: [(Int, Point)] = []
        var top = 0.0
        let widest = shelves.map(Self.width).max() ?? 0
        for shelf in shelves {
            let height = shelf.map(\.height).max() ?? 0
            var left = (widest - Self.width(shelf)) / 2
            for box in shelf {
                let down = top + (height - box.height) / 2
                result += zip(box.nodes, box.places).map { ($0, Point($1.x + left, $1.y + down)) }
                left += box.width + Self.gap
            }
            top += height + Self.gap
        }
        return result + rows(of: lonely, width: widest, top: shelves.isEmpty ? 0 : top - 0.25)
    }

    private static func width(_ shelf: [Box]) -> Double {
        shelf.reduce(-gap) { $0 + $1.width + gap }
    }

    /// Nodes without edges in even, centred rows.
    private func rows(of nodes: [Int], width: Double, top: Double) -> [(Int, Point)] {
        let across = max(Int(Double(nodes.count).squareRoot().rounded(.up)), Int(width / Self.lonelyGap) + 1)
        return nodes.enumerated().map { number, node in
            let (row, column) = (number / across, number % across)
            let inRow = min(nodes.count - row * across, across)
            let left = (width - Double(inRow - 1) * Self.lonelyGap) / 2
            return (node, Point(left + Double(column) * Self.lonelyGap, top + Double(row) * Self.lonelyGap))
        }
    }
}
