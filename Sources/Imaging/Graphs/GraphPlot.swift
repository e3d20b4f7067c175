/// A graph as discs and lines.
///
///     let water = GraphPlot(
///         nodes: [.init("O"), .init("H"), .init("H")], edges: [.init(0, 1), .init(0, 2)])
///
/// Sizes suit the number of nodes: two atoms do not fill the sheet, and five hundred do not touch.
public struct GraphPlot: Sendable {
    /// A disc that stands for a node, with a label.
    public struct Node: Hashable, Sendable {
        /// What stands in it where there is room, for example an element's symbol; empty for none.
        public var label: String
        /// Its colour; nil for that of an element with this label, else blue.
        public var color: Color?

        /// Makes a node.
        public init(_ label: String = "", color: Color? = nil) { (self.label, self.color) = (label, color) }
    }

    /// A line between two nodes.
    public struct Edge: Hashable, Sendable {
        /// The number of the node at one end, from 0.
        public var first: Int
        /// The number of the node at the other end, from 0.
        public var second: Int
        /// How strongly it is drawn, beside the strongest of the graph; dotted where it is not finite.
        public var weight: Double
        /// How many lines it has, 1 to 3; 4 is a full line and a dashed one, as for aromatic bonds.
        public var lines: Int
        /// Its colour; nil for grey.
        public var color: Color?

        /// Makes an edge.
        public init(_ first: Int, _ second: Int, weight: Double = 1, lines: Int = 1, color: Color? = nil) {
            (self.first, self.second, self.weight) = (first, second, weight)
            (self.lines, self.color) = (lines, color)
        }
    }

    /// The nodes; edges name them by their number in this list, from 0.
    public var nodes: [Node]
    /// The edges. Repeated ones are drawn once, the last on top; those to nodes that are not there are left out.
    public var edges: [Edge]
    /// Where the nodes are, in any unit; nil for the places of `GraphLayout`.
    public var places: [Point]?

    /// Makes a plot of a graph.
    public init(nodes: [Node], edges: [Edge], places: [Point]? = nil) {
        (self.nodes, self.edges, self.places) = (nodes, edges, places)
    }

    /// Draws the graph at `width` by `height` points, two pixels each.
    ///
    /// - Throws: `ImagingError` when the sheet has no size, or there are not as many places as nodes.
    public func render(width: Int = 400, height: Int = 400) throws -> Image {
        let canvas = try Canvas(width: Double(width), height: Double(height), scale: PlotStyle.scale)
        let known = edges.filter { nodes.indices.contains($0.first) && nodes.indices.contains($0.second) }
        if nodes.isEmpty {
            let style = TextStyle(size: max(min(canvas.height / 16, 11), 4), color: Color(grey: 0.6))
            canvas.text(
                "no nodes", at: Point(canvas.width / 2, canvas.height / 2), style, horizontal: .centre,
                vertical: .middle)
            return try canvas.image()
        }
        let marks = nodes.map { $0.label.unicodeScalars.reduce(7) { ($0 &* 31 &+ Int($1.value)) & 0xFFFF_FFFF } }
        let raw =
            places
            ?? GraphLayout(nodeCount: nodes.count, edges: known.map { ($0.first, $0.second) }, marks: marks).places
        guard raw.count == nodes.count, raw.allSatisfy({ $0.x.isFinite && $0.y.isFinite }) else {
            throw ImagingError(reason: "\(nodes.count) nodes need as many finite places, not \(raw.count)")
        }
        let drawing = GraphDrawing(self, known, raw, on: canvas)
        drawing.drawEdges()
        drawing.drawNodes()
        return try canvas.image()
    }
}

/// A graph whose sizes fit a canvas.
private struct GraphDrawing {
    let canvas: Canvas
    let nodes: [GraphPlot.Node]
    let edges: [GraphPlot.Edge]
    let places: [Point]
    /// Points of an edge of length 1.
    let unit: Double
    let radius: Double
    let width: Double
    private let strongest: Double
    private let faintness: Double

    init(_ plot: GraphPlot, _ edges: [GraphPlot.Edge], _ raw: [Point], on canvas: Canvas) {
        (self.canvas, nodes) = (canvas, plot.nodes)
        var unique: [[Int]: Int] = [:]
        for (number, edge) in edges.enumerated() {
            unique[[min(edge.first, edge.second), max(edge.first, edge.second)]] = number
        }
        self.edges = unique.values.sorted().map { edges[$0] }
        let side = min(canvas.width, canvas.height)
        let (x, y) = (raw.map(\.x), raw.map(\.y))
        let (left, right, top, bottom) = (x.min() ?? 0, x.max() ?? 0, y.min() ?? 0, y.max() ?? 0)
        let isLabelled = plot.nodes.contains { !$0.label.isEmpty }
        let margin = side * 0.07
        let lengths = edges.filter { $0.first != $0.second }.map {
            Self.distance(raw[$0.first], raw[$0.second])
        }.sorted()
        let edgeLength = max(lengths.isEmpty ? 0.75 : lengths[lengths.count / 2], 1e-9)
        let scale = min(
            (canvas.width - 2 * margin) / max(right - left, 1e-9),
            (canvas.height - 2 * margin) / max(bottom - top, 1e-9),
            side * 0.25 / edgeLength)
        places = raw.map {
            Point(
                canvas.width / 2 + ($0.x - (left + right) / 2) * scale,
                canvas.height / 2 + ($0.y - (top + bottom) / 2) * scale)
        }
        unit = edgeLength * scale
        let crowding = Self.nearness(places)
        let wanted = min((isLabelled ? 0.29 : 0.24) * unit, 0.45 * crowding, side * (isLabelled ? 0.05 : 0.032))
        radius = max(wanted, side * 0.004, 0.8)
        width = min(max(radius * 0.22, 0.45), side * 0.01)
        strongest = edges.map { abs($0.weight) }.filter(\.isFinite).max() ?? 1
        let density = Double(self.edges.count) / Double(max(nodes.count, 1))
        faintness = density <= 3 ? 1 : max((3 / density).squareRoot(), 0.12)
    }

    private static func distance(_ a: Point, _ b: Point) -> Double {
        ((a.x - b.x) * (a.x - b.x) + (a.y - b.y) * (a.y - b.y)).squareRoot()
    }

    /// The distance to the nearest other node, of a node among the tenth that are nearest to others.
    private static func nearness(_ places: [Point]) -> Double {
        guard places.count > 1 else { return .infinity }
        let step = max(places.count / 1000, 1)
        let nearest = stride(from: 0, to: places.count, by: step).map { a in
            var least = Double.infinity
            for b in places.indices where b != a { least = min(least, distance(places[a], places[b])) }
            return least
        }.sorted()
        return nearest[nearest.count / 10]
    }

    func drawEdges() {
        for edge in edges {
            let (from, to) = (places[edge.first], places[edge.second])
            let share = edge.weight.isFinite && strongest > 0 ? abs(edge.weight) / strongest : 0
            let ink = (edge.color ?? Color(grey: 0.38)).opacity(faintness * (0.3 + 0.7 * share))
            let line = width * (0.45 + 0.55 * share)
            let dash = edge.weight.isFinite ? [] : [line, 2 * line]
            if edge.first == edge.second {
                canvas.strokeCircle(
                    at: Point(from.x, from.y - 1.5 * radius), radius: 1.1 * radius, ink, width: line)
                continue
            }
            for (offset, isDashed) in Self.offsets(edge.lines) {
                let aside = self.aside(from, to, by: offset * max(min(0.17 * unit, 0.75 * radius), 1.6 * line))
                canvas.stroke(
                    [Point(from.x + aside.x, from.y + aside.y), Point(to.x + aside.x, to.y + aside.y)], ink,
                    width: line, dash: isDashed ? [2.5 * line, 1.8 * line] : dash)
            }
        }
    }

    /// Where the parallel lines of an edge lie, and whether they are dashed.
    private static func offsets(_ lines: Int) -> [(Double, Bool)] {
        switch lines {
        case 2: [(-0.5, false), (0.5, false)]
        case 3: [(-0.9, false), (0, false), (0.9, false)]
        case 4: [(-0.5, false), (0.5, true)]
        default: [(0, false)]
        }
    }

    private func aside(_ from: Point, _ to: Point, by offset: Double) -> Point {
        let length = max(Self.distance(from, to), 1e-9)
        return Point(-(to.y - from.y) / length * offset, (to.x - from.x) / length * offset)
    }

    func drawNodes() {
        for (node, place) in zip(nodes, places) {
            let color = node.color ?? Color.element(node.label) ?? .series(0)
            canvas.fillCircle(at: place, radius: radius, color)
            if radius > 1.5 {
                let rim = min(max(radius * 0.14, 0.5), 1.2)
                canvas.strokeCircle(at: place, radius: radius - rim / 2, color.mixed(with: .black, 0.3), width: rim)
            }
            drawLabel(node.label, at: place, over: color)
        }
    }

    private func drawLabel(_ label: String, at place: Point, over color: Color) {
        guard !label.isEmpty else { return }
        var style = TextStyle(size: radius * 1.25, isBold: true, color: color.luminance > 0.5 ? .black : .white)
        let label = String(label.prefix(8))
        let width = canvas.textWidth(label, style)
        style.size *= min(1, 1.6 * radius / max(width, 1e-9))
        guard style.size >= 3.2 else { return }
        canvas.text(label, at: place, style, horizontal: .centre, vertical: .middle)
    }
}
