import Imaging

/// An undirected graph, for example a molecule.
///
///     let water = try Graph(
///         nodes: [.init(label: "O"), .init(label: "H"), .init(label: "H")],
///         edges: [.init(0, 1), .init(0, 2)])
public struct Graph: Drawable, Equatable {
    /// A node.
    public struct Node: Hashable, Sendable {
        /// What stands in it, for example an element's symbol; empty for none. Elements have their usual colours.
        public var label: String
        /// Its kind, counted from 0, which gives it a colour of the palette; nil for none.
        public var category: Int?
        /// Its colour; nil for that of its category or element.
        public var color: Color?
        /// Numbers that are known of it, such as those that a model drew with it; mostly none. JSON keeps them.
        public var features: [Float]

        /// Makes a node.
        public init(label: String = "", category: Int? = nil, color: Color? = nil, features: [Float] = []) {
            (self.label, self.category, self.color, self.features) = (label, category, color, features)
        }
    }

    /// An edge.
    public struct Edge: Hashable, Sendable {
        /// One end's number.
        public var source: Int
        /// The other end's number.
        public var target: Int
        /// How strong it is; drawn in width and opacity.
        public var weight: Double
        /// Its type: 1 to 3 are drawn as so many lines, 4 as a full and a dashed one (bond orders and aromatic bonds), others
        /// as a line in a colour of the palette.
        public var type: Int

        /// Makes an edge.
        public init(_ source: Int, _ target: Int, weight: Double = 1, type: Int = 1) {
            (self.source, self.target, self.weight, self.type) = (source, target, weight, type)
        }
    }

    /// The nodes.
    public let nodes: [Node]
    /// The edges. Several between two nodes are drawn as the last of them, and one from a node to itself as a loop.
    public let edges: [Edge]
    /// Where the nodes are drawn, in any unit; nil for where they are seen best.
    public var places: [Point]?

    /// Makes a graph.
    ///
    /// - Throws: `GeneraError.software` if an edge ends at a node that is not there.
    public init(nodes: [Node], edges: [Edge]) throws {
        for edge in edges where !nodes.indices.contains(edge.source) || !nodes.indices.contains(edge.target) {
            throw GeneraError.software(
                "An edge leads from node \(edge.source) to \(edge.target), but the graph has \(nodes.count) nodes.")
        }
        (self.nodes, self.edges) = (nodes, edges)
    }

    /// Makes a graph of plain nodes and edges.
    ///
    /// - Throws: `GeneraError.software` if an edge ends at a node that is not there.
    public init(nodeCount: Int, edges: [(Int, Int)]) throws {
        try self.init(
            nodes: Array(repeating: Node(), count: max(nodeCount, 0)), edges: edges.map { Edge($0.0, $0.1) })
    }

    /// The graph alone on a sheet.
    public func drawn() throws -> Image { try drawn(side: 400) }

    /// A grid of graphs, the smaller the more there are.
    ///
    /// - Throws: `GeneraError.software` if there are none.
    public static func picture(of samples: [Graph]) throws -> Image {
        guard !samples.isEmpty else { throw GeneraError.software("There are no graphs to draw.") }
        let side =
            switch samples.count {
            case 1: 400
            case ...4: 260
            case ...16: 180
            case ...64: 120
            case ...400: 72
            default: 45
            }
        return try ImageGrid.arrange(samples.map { try $0.drawn(side: side) }, padding: 2, scale: 1, background: 0.88)
    }

    /// All graphs of a way with the places of the last one, so that edges come and go between nodes that stand still. Ways whose
    /// graphs differ in their number of nodes stay as they are.
    public static func aligned(_ way: [Graph]) -> [Graph] {
        guard let last = way.last, way.allSatisfy({ $0.nodes.count == last.nodes.count }) else { return way }
        let places =
            last.places
            ?? GraphLayout(nodeCount: last.nodes.count, edges: last.edges.map { ($0.source, $0.target) }).places
        return way.map { graph in
            var graph = graph
            graph.places = places
            return graph
        }
    }

    private func drawn(side: Int) throws -> Image {
        let palette = Color.okabeIto
        func color(_ number: Int) -> Color { palette[(number % palette.count + palette.count) % palette.count] }
        let plain = degreeColors
        return try GraphPlot(
            nodes: nodes.enumerated().map { number, node in
                GraphPlot.Node(node.label, color: node.color ?? node.category.map(color) ?? plain?[number])
            },
            edges: edges.map { edge in
                let isBond = (1...4).contains(edge.type)
                return GraphPlot.Edge(
                    edge.source, edge.target, weight: edge.weight, lines: isBond ? edge.type : 1,
                    color: isBond ? nil : color(edge.type))
            }, places: places
        ).render(width: side, height: side)
    }

    /// Colours by the number of neighbours, for graphs whose nodes are all alike; nil for others.
    private var degreeColors: [Color]? {
        guard nodes.allSatisfy({ $0.label.isEmpty && $0.category == nil && $0.color == nil }) else { return nil }
        let degrees = neighbours.map(\.count)
        // From dark to bright within the graph, and never so bright that it is lost on white.
        let (least, most) = (degrees.min() ?? 0, degrees.max() ?? 0)
        return degrees.map {
            Colormap.viridis.color(at: 0.15 + 0.7 * Double($0 - least) / Double(max(most - least, 1)))
        }
    }
}
