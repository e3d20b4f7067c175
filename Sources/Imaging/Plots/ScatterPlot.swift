/// Points in the plane, in one or several groups.
///
///     let plot = ScatterPlot([ScatterPlot.Group("data", points: data), ScatterPlot.Group("samples", points: samples)])
///
/// A single group of more than 5000 points is coloured by density; more groups turn transparent instead.
public struct ScatterPlot: Sendable {
    /// Points of one colour.
    public struct Group: Sendable {
        /// Its name in the legend; empty for none.
        public var name: String
        /// The points, `[N, 2]`.
        public var points: [Point]
        /// The ink; nil for the next of the palette.
        public var color: Color?

        /// Makes a group.
        public init(_ name: String = "", points: [Point], color: Color? = nil) {
            (self.name, self.points, self.color) = (name, points, color)
        }
    }

    /// The groups, the last one on top.
    public var groups: [Group]
    /// What stands above; empty for none.
    public var title: String
    /// The horizontal axis.
    public var x: Axis
    /// The vertical axis.
    public var y: Axis
    /// Whether a unit is as long on both axes. Holds only where both are linear.
    public var hasEqualUnits: Bool
    /// The radius of a point in points; nil for one that suits their number.
    public var radius: Double?

    /// Makes a plot of points.
    public init(
        _ groups: [Group], title: String = "", x: Axis = Axis(), y: Axis = Axis(), hasEqualUnits: Bool = true,
        radius: Double? = nil
    ) {
        (self.groups, self.title, self.x, self.y) = (groups, title, x, y)
        (self.hasEqualUnits, self.radius) = (hasEqualUnits, radius)
    }

    /// Draws the plot at `width` by `height` points, two pixels each.
    ///
    /// - Throws: `ImagingError` when the plot is smaller than 120x100.
    public func render(width: Int = 400, height: Int = 400) throws -> Image {
        let all = groups.flatMap(\.points)
        let legend = groups.enumerated().map { LegendEntry(name: $1.name, color: color($0), mark: .dot) }
        let sheet = PlotSheet(
            title: title, x: x, y: y, xSpan: x.span(of: all.lazy.map(\.x)), ySpan: y.span(of: all.lazy.map(\.y)),
            legend: usesDensity ? [] : legend,
            equalUnits: hasEqualUnits && x.scale == .linear && y.scale == .linear)
        return try sheet.render(width: width, height: height) { canvas, frame in
            usesDensity ? drawDensity(frame, on: canvas) : drawGroups(frame, on: canvas)
        }
    }

    private var count: Int { groups.reduce(0) { $0 + $1.points.count } }
    private var usesDensity: Bool { groups.count == 1 && count > 5000 }

    private var dotRadius: Double {
        if let radius { return radius }
        return switch count {
        case ...300: 2.6
        case ...2000: 1.8
        case ...20_000: 1.2
        case ...100_000: 0.8
        default: 0.55
        }
    }

    private func color(_ index: Int) -> Color { groups[index].color ?? .series(index) }

    /// Draws the groups interleaved, so that the last does not hide the others.
    private func drawGroups(_ frame: PlotFrame, on canvas: Canvas) {
        let alpha = count > 600 ? max(0.2, 0.8 * (600 / Double(count)).squareRoot()) : 0.8
        let order = groups.enumerated().flatMap { group, one in
            one.points.indices.map { (rank: (Double($0) + 0.5) / Double(one.points.count), group: group, index: $0) }
        }
        let discs = order.sorted(by: { ($0.rank, $0.group) < ($1.rank, $1.group) }).compactMap { item in
            frame.place(groups[item.group].points[item.index]).map { (place: $0, color: item.group) }
        }
        let inks = groups.indices.map { color($0).opacity(alpha) }
        if discs.count > 5000 {
            return canvas.fillDiscs(at: discs.map(\.place), radius: dotRadius, in: frame.area) { inks[discs[$0].color] }
        }
        for disc in discs { canvas.fillCircle(at: disc.place, radius: dotRadius, inks[disc.color]) }
    }

    private func drawDensity(_ frame: PlotFrame, on canvas: Canvas) {
        let places = groups[0].points.compactMap(frame.place)
        let density = DensityGrid(places, area: frame.area).values(at: places)
        let peak = max(density.max() ?? 1, 1e-12)
        let top = 127
        let levels = density.map { min(max(Int(($0 / peak).squareRoot() * Double(top)), 0), top) }
        let inks = (0...top).map { Colormap.viridis.color(at: 0.95 * Double($0) / Double(top)) }
        let order = Self.sorted(levels, count: top + 1)
        canvas.fillDiscs(at: order.map { places[$0] }, radius: dotRadius, in: frame.area) { inks[levels[order[$0]]] }
    }

    /// The places of the numbers 0..<`count` in ascending order, equal ones as they came.
    private static func sorted(_ numbers: [Int], count: Int) -> [Int] {
        var next = [Int](repeating: 0, count: count + 1)
        for number in numbers { next[number + 1] += 1 }
        for number in 0..<count { next[number + 1] += next[number] }
        var order = [Int](repeating: 0, count: numbers.count)
        for (place, number) in numbers.enumerated() {
            order[next[number]] = place
            next[number] += 1
        }
        return order
    }
}

/// How many points lie around each place, by counting in cells of two points and blurring.
struct DensityGrid {
    private let area: Rectangle
    private let columns: Int
    private let rows: Int
    private var counts: [Double]

    init(_ places: [Point], area: Rectangle) {
        self.area = area
        (columns, rows) = (Int(area.width / 2) + 1, Int(area.height / 2) + 1)
        counts = Array(repeating: 0, count: columns * rows)
        for place in places { if let cell = cell(of: place) { counts[cell] += 1 } }
        for _ in 0..<3 {
            blur(count: columns, stride: 1, lines: rows, lineStride: columns)
            blur(count: rows, stride: columns, lines: columns, lineStride: 1)
        }
    }

    func values(at places: [Point]) -> [Double] { places.map { cell(of: $0).map { counts[$0] } ?? 0 } }

    private func cell(of place: Point) -> Int? {
        let (column, row) = (((place.x - area.x) / 2).rounded(.down), ((place.y - area.y) / 2).rounded(.down))
        guard column >= 0, row >= 0, column < Double(columns), row < Double(rows) else { return nil }
        return Int(row) * columns + Int(column)
    }

    /// A running mean of five cells along each line.
    private mutating func blur(count: Int, stride: Int, lines: Int, lineStride: Int) {
        for line in 0..<lines {
            let old = (0..<count).map { counts[line * lineStride + $0 * stride] }
            for index in 0..<count {
                let window = max(0, index - 2)...min(count - 1, index + 2)
                counts[line * lineStride + index * stride] = old[window].reduce(0, +) / 5
            }
        }
    }
}
