/// A table of numbers as colours, row 0 at the top.
public struct HeatMap: Sendable {
    /// The numbers, `[rows, columns]` in row-major order; NaN stays white.
    public var values: [Double]
    /// How many rows of numbers there are; the first is at the top.
    public var rows: Int
    /// How many numbers a row has; the first is at the left.
    public var columns: Int
    /// What stands above; empty for none.
    public var title: String
    /// The horizontal axis; only its title is used.
    public var x: Axis
    /// The vertical axis; only its title is used.
    public var y: Axis
    /// Names for the rows, one each; nil for numbers.
    public var rowNames: [String]?
    /// Names for the columns, one each; nil for numbers.
    public var columnNames: [String]?
    /// The colours from the least to the greatest number.
    public var colormap: Colormap
    /// The numbers that get the first and last colour; nil for the least and greatest.
    public var limits: ClosedRange<Double>?

    /// Makes a heat map of `[rows, columns]` numbers.
    public init(
        _ values: [Double], rows: Int, columns: Int, title: String = "", x: Axis = Axis(), y: Axis = Axis(),
        rowNames: [String]? = nil, columnNames: [String]? = nil, colormap: Colormap = .viridis,
        limits: ClosedRange<Double>? = nil
    ) {
        (self.values, self.rows, self.columns, self.title) = (values, rows, columns, title)
        (self.x, self.y, self.rowNames, self.columnNames) = (x, y, rowNames, columnNames)
        (self.colormap, self.limits) = (colormap, limits)
    }

    /// Draws the plot at `width` by `height` points, two pixels each.
    ///
    /// - Throws: `ImagingError` when sizes do not fit together or the plot is smaller than 120x100.
    public func render(width: Int = 420, height: Int = 360) throws -> Image {
        guard rows > 0, columns > 0, values.count == rows * columns,
            rowNames?.count ?? rows == rows, columnNames?.count ?? columns == columns
        else {
            throw ImagingError(
                reason: "a heat map of \(rows)x\(columns) cannot show \(values.count) numbers with these names")
        }
        let range = shownRange
        let sheet = PlotSheet(
            title: title, x: Axis(x.title), y: Axis(y.title), xSpan: -0.5...Double(columns) - 0.5,
            ySpan: -0.5...Double(rows) - 0.5, xTicks: ticks(columnNames, count: columns, every: Double(width) / 40),
            yTicks: ticks(rowNames, count: rows, every: Double(height) / 20).map {
                Tick(coordinate: Double(rows - 1) - $0.coordinate, label: $0.label)
            }, hasXGrid: false, hasYGrid: false, rightRoom: 60)
        return try sheet.render(
            width: width, height: height, beside: { canvas, frame in drawColorBar(range, frame, on: canvas) },
            { canvas, frame in canvas.draw(picture(range), in: frame.area) })
    }

    private var shownRange: ClosedRange<Double> {
        if let limits { return limits }
        return HeatMapGrid.range(of: [values])
    }

    private func ticks(_ names: [String]?, count: Int, every room: Double) -> [Tick] {
        let step = names == nil ? max(1, Int((Double(count) / max(room, 1)).rounded(.up))) : 1
        return stride(from: 0, to: count, by: step).map {
            Tick(coordinate: Double($0), label: names?[$0] ?? String($0))
        }
    }

    private func picture(_ range: ClosedRange<Double>) -> Image {
        Self.picture(of: values, rows: rows, columns: columns, colormap, range, limit: 1024)
    }

    /// A pixel a number; where there are more than `limit` rows or columns, a pixel the mean of several.
    static func picture(
        of values: [Double], rows: Int, columns: Int, _ colormap: Colormap, _ range: ClosedRange<Double>, limit: Int
    ) -> Image {
        let (height, width) = (min(rows, limit), min(columns, limit))
        let length = range.upperBound - range.lowerBound
        let colors = (0..<height * width).map { place -> Color in
            var (sum, count) = (0.0, 0.0)
            for row in share(place / width, of: height, in: rows) {
                for column in share(place % width, of: width, in: columns) {
                    let value = values[row * columns + column]
                    if !value.isNaN { (sum, count) = (sum + value, count + 1) }
                }
            }
            return count == 0 ? .white : colormap.color(at: (sum / count - range.lowerBound) / length)
        }
        return image(width: width, height: height, colors)
    }

    /// The lines that part `index` of `parts` takes of `count`.
    private static func share(_ index: Int, of parts: Int, in count: Int) -> Range<Int> {
        index * count / parts..<(index + 1) * count / parts
    }

    private func drawColorBar(_ range: ClosedRange<Double>, _ frame: PlotFrame, on canvas: Canvas) {
        let bar = Rectangle(x: frame.area.maxX + 14, y: frame.area.y, width: 12, height: frame.area.height)
        Self.drawScale(colormap, range, in: bar, on: canvas)
    }

    /// Draws the colours of a range of numbers, the greatest at the top, with marks at the right.
    static func drawScale(_ colormap: Colormap, _ range: ClosedRange<Double>, in bar: Rectangle, on canvas: Canvas) {
        let levels = 128
        let colors = (0..<levels).map { colormap.color(at: 1 - Double($0) / Double(levels - 1)) }
        canvas.draw(image(width: 1, height: levels, colors), in: bar)
        for tick in Ticks.make(range, scale: .linear, count: max(Int(bar.height / 25), 2)) {
            let row =
                bar.maxY - (tick.coordinate - range.lowerBound) / (range.upperBound - range.lowerBound) * bar.height
            canvas.stroke([Point(bar.maxX, row), Point(bar.maxX + 3, row)], PlotStyle.axis, width: 0.8)
            canvas.text(tick.label, at: Point(bar.maxX + 6, row), PlotStyle.tick, vertical: .middle)
        }
    }

    static func image(width: Int, height: Int, _ colors: [Color]) -> Image {
        let values = colors.flatMap { [Float($0.red), Float($0.green), Float($0.blue)] }
        return Image(width: width, height: height, channels: 3, values: values)
    }
}
