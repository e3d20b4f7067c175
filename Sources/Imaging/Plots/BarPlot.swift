/// Bars for categories, side by side where there are several series.
///
///     BarPlot(categories: ["Euler", "Heun"], [BarPlot.Series("FID", values: [5.2, 2.1], errors: [0.1, 0.05])])
public struct BarPlot: Sendable {
    /// Bars of one colour, one a category.
    public struct Series: Sendable {
        /// Its name in the legend; empty for none.
        public var name: String
        /// Heights, one a category; NaN for none.
        public var values: [Double]
        /// Half the length of each error bar, one a category.
        public var errors: [Double]?
        /// The ink; nil for the next of the palette.
        public var color: Color?

        /// Makes a series.
        public init(_ name: String = "", values: [Double], errors: [Double]? = nil, color: Color? = nil) {
            (self.name, self.values, self.errors, self.color) = (name, values, errors, color)
        }
    }

    /// What stands under each group of bars.
    public var categories: [String]
    /// The series, left to right within a category.
    public var series: [Series]
    /// What stands above; empty for none.
    public var title: String
    /// The horizontal axis; only its title is used.
    public var x: Axis
    /// The vertical axis, linear, from 0.
    public var y: Axis

    /// Makes a plot of bars.
    public init(categories: [String], _ series: [Series], title: String = "", x: Axis = Axis(), y: Axis = Axis()) {
        (self.categories, self.series, self.title, self.x, self.y) = (categories, series, title, x, y)
    }

    /// Draws the plot at `width` by `height` points, two pixels each.
    ///
    /// - Throws: `ImagingError` when a series does not have one number a category, or the plot is smaller than 120x100.
    public func render(width: Int = 480, height: Int = 320) throws -> Image {
        try check()
        let ends = series.flatMap { one in
            one.values.enumerated().flatMap { [$1 + (one.errors?[$0] ?? 0), $1 - (one.errors?[$0] ?? 0)] }
        }.filter(\.isFinite)
        let (low, high) = (min(0, ends.min() ?? 0), max(0, ends.max() ?? 1))
        let room = max(high - low, 1e-9) * 0.06
        let span = low - (low < 0 ? room : 0)...high + (high > 0 || low == 0 ? room : 0)
        let sheet = PlotSheet(
            title: title, x: Axis(x.title), y: Axis(y.title),
            xSpan: -0.6...Double(max(categories.count, 1)) - 0.4, ySpan: y.limits ?? span,
            legend: series.enumerated().map { LegendEntry(name: $1.name, color: color($0), mark: .block) },
            xTicks: categories.enumerated().map { Tick(coordinate: Double($0), label: $1) }, hasXGrid: false)
        return try sheet.render(width: width, height: height) { canvas, frame in
            for (index, one) in series.enumerated() { draw(one, index, frame, on: canvas) }
            if low < 0 {
                let zero = frame.row(0)
                canvas.stroke([Point(frame.area.x, zero), Point(frame.area.maxX, zero)], PlotStyle.axis, width: 0.8)
            }
        }
    }

    private func color(_ index: Int) -> Color { series[index].color ?? .series(index) }

    private func check() throws {
        for one in series {
            guard one.values.count == categories.count, one.errors?.count ?? categories.count == categories.count else {
                throw ImagingError(
                    place: "series '\(one.name)'",
                    reason: "it has \(one.values.count) values for \(categories.count) categories")
            }
        }
    }

    private func draw(_ one: Series, _ index: Int, _ frame: PlotFrame, on canvas: Canvas) {
        let breadth = 0.8 / Double(series.count)
        for (category, value) in one.values.enumerated() where value.isFinite {
            let left = Double(category) - 0.4 + Double(index) * breadth
            let (x0, x1) = (frame.column(left + 0.04 * breadth), frame.column(left + 0.96 * breadth))
            let (zero, top) = (frame.row(0), frame.row(value))
            canvas.fill(
                Rectangle(x: x0, y: min(zero, top), width: x1 - x0, height: abs(zero - top)), color(index))
            guard let error = one.errors?[category], error.isFinite, error > 0 else { continue }
            drawErrorBar(at: (x0 + x1) / 2, from: frame.row(value - error), to: frame.row(value + error), on: canvas)
        }
    }

    private func drawErrorBar(at column: Double, from: Double, to: Double, on canvas: Canvas) {
        let ink = Color(grey: 0.15)
        canvas.stroke([Point(column, from), Point(column, to)], ink, width: 1)
        for row in [from, to] { canvas.stroke([Point(column - 3, row), Point(column + 3, row)], ink, width: 1) }
    }
}
