/// Curves over a common axis.
///
///     let plot = LinePlot(
///         [LinePlot.Series("train", y: losses, smoothing: 0.98)],
///         x: Axis("step"), y: Axis("loss", scale: .logarithmic))
///     try PNG.write(plot.render(), to: "loss.png")
public struct LinePlot: Sendable {
    /// One curve: a name, places and heights, and how it is drawn.
    public struct Series: Sendable {
        /// Its name in the legend; empty for none.
        public var name: String
        /// Places along the x axis, ascending.
        public var x: [Double]
        /// Heights, one for each place; NaN breaks the line.
        public var y: [Double]
        /// The lower and upper edge of a band around the curve, one for each place.
        public var band: (lower: [Double], upper: [Double])?
        /// The share of the past in a running mean, in 0..<1; above 0 the raw curve turns pale behind its mean.
        public var smoothing: Double
        /// Whether the line is dashed, as for what others are compared with; a curve beyond the palette's eighth colour always is.
        public var isDashed: Bool
        /// The ink; nil for the next of the palette.
        public var color: Color?
        /// The width of the line in points.
        public var width: Double

        /// Makes a curve; without `x` the places are 0, 1, 2, and so on.
        public init(
            _ name: String = "", x: [Double]? = nil, y: [Double], band: (lower: [Double], upper: [Double])? = nil,
            smoothing: Double = 0, isDashed: Bool = false, color: Color? = nil, width: Double = 1.6
        ) {
            self.name = name
            self.x = x ?? y.indices.map(Double.init)
            self.y = y
            self.band = band
            self.smoothing = smoothing
            self.isDashed = isDashed
            self.color = color
            self.width = width
        }
    }

    /// The curves, the last one on top.
    public var series: [Series]
    /// What stands above; empty for none.
    public var title: String
    /// The horizontal axis.
    public var x: Axis
    /// The vertical axis.
    public var y: Axis

    /// Makes a plot of curves.
    public init(_ series: [Series], title: String = "", x: Axis = Axis(), y: Axis = Axis()) {
        (self.series, self.title, self.x, self.y) = (series, title, x, y)
    }

    /// Draws the plot at `width` by `height` points, two pixels each.
    ///
    /// - Throws: `ImagingError` when a curve's arrays differ in length or the plot is smaller than 120x100.
    public func render(width: Int = 480, height: Int = 320) throws -> Image {
        try check()
        let heights = series.flatMap { $0.y + ($0.band.map { $0.lower + $0.upper } ?? []) }
        let legend = series.enumerated().map { index, one in
            LegendEntry(name: one.name, color: color(index), mark: isDashed(index) ? .dash : .line)
        }
        let sheet = PlotSheet(
            title: title, x: x, y: y, xSpan: x.span(of: series.flatMap(\.x)), ySpan: y.span(of: heights), legend: legend
        )
        return try sheet.render(width: width, height: height) { canvas, frame in
            for (index, one) in series.enumerated() { drawBand(of: one, color(index), frame, on: canvas) }
            for (index, one) in series.enumerated() { draw(one, color(index), isDashed(index), frame, on: canvas) }
        }
    }

    private func color(_ index: Int) -> Color { series[index].color ?? .series(index) }

    /// Beyond the palette's end its colours come again, dashed, so that no two curves look alike.
    private func isDashed(_ index: Int) -> Bool {
        series[index].isDashed || (series[index].color == nil && index >= Color.okabeIto.count)
    }

    private func check() throws {
        for one in series {
            let counts = [one.x.count, one.y.count] + (one.band.map { [$0.lower.count, $0.upper.count] } ?? [])
            guard Set(counts).count == 1 else {
                throw ImagingError(place: "series '\(one.name)'", reason: "its arrays differ in length: \(counts)")
            }
            guard (0..<1).contains(one.smoothing) else {
                throw ImagingError(place: "series '\(one.name)'", reason: "smoothing is in 0..<1, not \(one.smoothing)")
            }
        }
    }

    private func drawBand(of one: Series, _ color: Color, _ frame: PlotFrame, on canvas: Canvas) {
        guard let band = one.band else { return }
        let upper = zip(one.x, band.upper).compactMap { frame.place(Point($0, $1)) }
        let lower = zip(one.x, band.lower).compactMap { frame.place(Point($0, $1)) }
        canvas.fill(upper + lower.reversed(), color.opacity(0.18))
    }

    private func draw(_ one: Series, _ color: Color, _ isDashed: Bool, _ frame: PlotFrame, on canvas: Canvas) {
        let dash = isDashed ? [5.0, 3.0] : []
        func trace(_ heights: [Double], _ ink: Color, _ width: Double) {
            for run in Self.runs(one.x, heights, frame) {
                if run.count == 1 { canvas.fillCircle(at: run[0], radius: width, ink) }
                canvas.stroke(Self.thinned(run), ink, width: width, dash: dash)
            }
        }
        guard one.smoothing > 0 else { return trace(one.y, color, one.width) }
        trace(one.y, color.opacity(0.25), 0.8)
        trace(Self.runningMean(one.y, keeping: one.smoothing), color, 1.8)
    }

    /// The exponential running mean, corrected for its start: `m_t / (1 - keeping^t)`.
    static func runningMean(_ values: [Double], keeping: Double) -> [Double] {
        var (mean, weight) = (0.0, 0.0)
        return values.map { value in
            guard value.isFinite else { return value }
            mean = keeping * mean + (1 - keeping) * value
            weight = keeping * weight + (1 - keeping)
            return mean / weight
        }
    }

    /// The unbroken parts of a curve, on the canvas.
    private static func runs(_ x: [Double], _ y: [Double], _ frame: PlotFrame) -> [[Point]] {
        var runs: [[Point]] = [[]]
        for point in zip(x, y) {
            if let place = frame.place(Point(point.0, point.1)) {
                runs[runs.count - 1].append(place)
            } else if !runs[runs.count - 1].isEmpty {
                runs.append([])
            }
        }
        return runs.filter { !$0.isEmpty }
    }

    /// Keeps at most the first, lowest, highest and last point of each quarter of a canvas column: looks the same.
    static func thinned(_ points: [Point]) -> [Point] {
        guard points.count > 4000 else { return points }
        var result: [Point] = []
        var start = 0
        while start < points.count {
            let column = (points[start].x * 4).rounded(.down)
            var end = start
            while end < points.count && (points[end].x * 4).rounded(.down) == column { end += 1 }
            let rows = start..<end
            let low = rows.min { points[$0].y < points[$1].y } ?? start
            let high = rows.max { points[$0].y < points[$1].y } ?? start
            result += Set([start, low, high, end - 1]).sorted().map { points[$0] }
            start = end
        }
        return result
    }
}
