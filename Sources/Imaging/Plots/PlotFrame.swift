/// The inner rectangle of a plot, and where data go in it.
struct PlotFrame {
    var area: Rectangle
    var xSpan: ClosedRange<Double>
    var ySpan: ClosedRange<Double>
    var x: Axis
    var y: Axis

    /// The place of a data point on the canvas, or nil when an axis cannot show it.
    func place(_ point: Point) -> Point? {
        guard x.shows(point.x), y.shows(point.y) else { return nil }
        return Point(column(x.coordinate(point.x)), row(y.coordinate(point.y)))
    }

    /// The canvas column of an even coordinate.
    func column(_ coordinate: Double) -> Double {
        area.x + (coordinate - xSpan.lowerBound) / (xSpan.upperBound - xSpan.lowerBound) * area.width
    }

    /// The canvas row of an even coordinate.
    func row(_ coordinate: Double) -> Double {
        area.maxY - (coordinate - ySpan.lowerBound) / (ySpan.upperBound - ySpan.lowerBound) * area.height
    }

    /// Widens one span so that a unit is as long on both axes.
    mutating func equalizeUnits() {
        let (xLength, yLength) = (xSpan.upperBound - xSpan.lowerBound, ySpan.upperBound - ySpan.lowerBound)
        let unit = max(xLength / area.width, yLength / area.height)
        xSpan = Self.widened(xSpan, to: unit * area.width)
        ySpan = Self.widened(ySpan, to: unit * area.height)
    }

    private static func widened(_ span: ClosedRange<Double>, to length: Double) -> ClosedRange<Double> {
        let room = max(length - (span.upperBound - span.lowerBound), 0) / 2
        return span.lowerBound - room...span.upperBound + room
    }
}

/// An entry of a legend.
struct LegendEntry {
    enum Mark { case line, dash, dot, block }
    var name: String
    var color: Color
    var mark: Mark
}

/// Sizes and inks that all plots share.
enum PlotStyle {
    static let title = TextStyle(size: 11, isBold: true, color: Color(grey: 0.1))
    static let axisTitle = TextStyle(size: 10, color: Color(grey: 0.15))
    static let tick = TextStyle(size: 8.5, color: Color(grey: 0.3))
    static let legend = TextStyle(size: 9, color: Color(grey: 0.15))
    static let grid = Color(grey: 0.91)
    static let axis = Color(grey: 0.35)
    static let margin = 10.0
    static let gap = 6.0
    static let tickLength = 3.5
    /// Pixels a point in every rendered plot.
    static let scale = 2.0
}

extension Canvas {
    /// The text, cut with an ellipsis where it is wider than `room`.
    func fitted(_ text: String, _ style: TextStyle, room: Double) -> String {
        guard textWidth(text, style) > room else { return text }
        var cut = text
        while !cut.isEmpty && textWidth(cut + "…", style) > room { cut.removeLast() }
        return cut + "…"
    }
}
