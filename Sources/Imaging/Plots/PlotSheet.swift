/// Lays out and draws what every plot has: title, legend, axes, grid and marks.
struct PlotSheet {
    var title = ""
    var x = Axis()
    var y = Axis()
    var xSpan: ClosedRange<Double> = 0...1
    var ySpan: ClosedRange<Double> = 0...1
    var legend: [LegendEntry] = []
    /// Marks to use instead of nice numbers.
    var xTicks: [Tick]?
    var yTicks: [Tick]?
    var hasXGrid = true
    var hasYGrid = true
    var equalUnits = false
    /// Points kept free at the right, for a colour bar.
    var rightRoom = 0.0

    /// Draws the sheet at `width` by `height` points, the data by `body`, clipped to the axes, and what is `beside` them.
    func render(
        width: Int, height: Int, beside: (Canvas, PlotFrame) throws -> Void = { _, _ in },
        _ body: (Canvas, PlotFrame) throws -> Void
    ) throws -> Image {
        guard width >= 120, height >= 100 else {
            throw ImagingError(reason: "a plot needs at least 120x100 points, not \(width)x\(height)")
        }
        let canvas = try Canvas(width: Double(width), height: Double(height), scale: PlotStyle.scale)
        let whole = Rectangle(x: 0, y: 0, width: canvas.width, height: canvas.height)
        var frame = layout(on: canvas, PlotFrame(area: whole, xSpan: xSpan, ySpan: ySpan, x: x, y: y))
        if equalUnits {
            frame.equalizeUnits()
            frame = layout(on: canvas, frame)
            (frame.xSpan, frame.ySpan) = (xSpan, ySpan)
            frame.equalizeUnits()
        }
        drawGrid(frame, on: canvas)
        let bleed = 1.0
        let inside = Rectangle(
            x: frame.area.x - bleed, y: frame.area.y - bleed, width: frame.area.width + 2 * bleed,
            height: frame.area.height + 2 * bleed)
        try canvas.clipped(to: inside) { try body(canvas, frame) }
        drawAxes(frame, on: canvas)
        drawHead(frame, on: canvas)
        try beside(canvas, frame)
        return try canvas.image()
    }

    // MARK: Layout

    private func layout(on canvas: Canvas, _ previous: PlotFrame) -> PlotFrame {
        var frame = previous
        let style = PlotStyle.self
        let rows = legendRows(on: canvas, width: canvas.width - 2 * style.margin - 30)
        var top = style.margin
        if !title.isEmpty { top += style.title.size + style.gap }
        top += Double(rows.count) * (style.legend.size + style.gap)
        if rows.isEmpty { top += 2 }
        frame.area = Rectangle(x: 40, y: top, width: canvas.width - 60, height: canvas.height - top - 40)
        let xLabels = xMarks(frame, on: canvas)
        let turned = turnsLabels(xLabels, frame, on: canvas)
        var bottom = style.margin + style.tickLength + 3
        bottom += turned ? (xLabels.map { canvas.textWidth($0.label, style.tick) }.max() ?? 0) : style.tick.size * 0.8
        if !x.title.isEmpty { bottom += style.axisTitle.size + style.gap }
        frame.area.height = max(canvas.height - top - bottom, 20)
        let yLabels = yMarks(frame).map { canvas.textWidth($0.label, style.tick) }
        var left = style.margin + style.tickLength + 3 + (yLabels.max() ?? 0)
        if !y.title.isEmpty { left += style.axisTitle.size + style.gap }
        let overhang = turned ? 0 : (xLabels.last.map { canvas.textWidth($0.label, style.tick) / 2 } ?? 0)
        let right = max(style.margin, overhang + 2) + rightRoom
        frame.area.x = left
        frame.area.width = max(canvas.width - left - right, 20)
        return frame
    }

    /// As many marks as fit without touching; with equal units both axes have the same steps.
    private func xMarks(_ frame: PlotFrame, on canvas: Canvas) -> [Tick] {
        if let xTicks { return xTicks }
        var count = max(Int(frame.area.width / (equalUnits ? 48 : 55)), 2)
        while true {
            let ticks = Ticks.make(frame.xSpan, scale: x.scale, count: count)
            if count <= 2 || !overlap(ticks, frame, on: canvas) { return ticks }
            count -= 1
        }
    }

    private func yMarks(_ frame: PlotFrame) -> [Tick] {
        yTicks
            ?? Ticks.make(frame.ySpan, scale: y.scale, count: max(Int(frame.area.height / (equalUnits ? 48 : 36)), 2))
    }

    private func overlap(_ ticks: [Tick], _ frame: PlotFrame, on canvas: Canvas) -> Bool {
        zip(ticks, ticks.dropFirst()).contains { first, second in
            let needed =
                (canvas.textWidth(first.label, PlotStyle.tick) + canvas.textWidth(second.label, PlotStyle.tick)) / 2
            return frame.column(second.coordinate) - frame.column(first.coordinate) < needed + 8
        }
    }

    /// Given labels, such as categories, that do not fit side by side are written upwards.
    private func turnsLabels(_ ticks: [Tick], _ frame: PlotFrame, on canvas: Canvas) -> Bool {
        xTicks != nil && overlap(ticks, frame, on: canvas)
    }

    // MARK: Drawing

    private func drawGrid(_ frame: PlotFrame, on canvas: Canvas) {
        if hasXGrid {
            for tick in xMarks(frame, on: canvas) {
                let column = frame.column(tick.coordinate)
                canvas.stroke(
                    [Point(column, frame.area.y), Point(column, frame.area.maxY)], PlotStyle.grid, width: 0.7)
            }
        }
        if hasYGrid {
            for tick in yMarks(frame) {
                let row = frame.row(tick.coordinate)
                canvas.stroke([Point(frame.area.x, row), Point(frame.area.maxX, row)], PlotStyle.grid, width: 0.7)
            }
        }
    }

    private func drawAxes(_ frame: PlotFrame, on canvas: Canvas) {
        let (area, style) = (frame.area, PlotStyle.self)
        canvas.stroke(
            [Point(area.x, area.y), Point(area.x, area.maxY), Point(area.maxX, area.maxY)], style.axis, width: 0.8)
        let xLabels = xMarks(frame, on: canvas)
        let turned = turnsLabels(xLabels, frame, on: canvas)
        for tick in xLabels {
            let column = frame.column(tick.coordinate)
            mark(from: Point(column, area.maxY), to: Point(column, area.maxY + style.tickLength), on: canvas)
            let base = area.maxY + style.tickLength + 3
            canvas.text(
                tick.label, at: Point(column, base), style.tick, horizontal: turned ? .right : .centre,
                vertical: turned ? .middle : .top, turned: turned)
        }
        for tick in yMarks(frame) {
            let row = frame.row(tick.coordinate)
            mark(from: Point(area.x, row), to: Point(area.x - style.tickLength, row), on: canvas)
            canvas.text(
                tick.label, at: Point(area.x - style.tickLength - 3, row), style.tick, horizontal: .right,
                vertical: .middle)
        }
        drawMinorMarks(frame, on: canvas)
        let below = canvas.fitted(x.title, style.axisTitle, room: area.width)
        let aside = canvas.fitted(y.title, style.axisTitle, room: area.height)
        canvas.text(below, at: Point(area.midX, canvas.height - style.margin), style.axisTitle, horizontal: .centre)
        canvas.text(
            aside, at: Point(style.margin, area.midY), style.axisTitle, horizontal: .centre, vertical: .top,
            turned: true)
    }

    private func drawMinorMarks(_ frame: PlotFrame, on canvas: Canvas) {
        let area = frame.area
        for coordinate in xTicks == nil ? Ticks.minor(frame.xSpan, scale: x.scale) : [] {
            let column = frame.column(coordinate)
            mark(from: Point(column, area.maxY), to: Point(column, area.maxY + 2), on: canvas)
        }
        for coordinate in yTicks == nil ? Ticks.minor(frame.ySpan, scale: y.scale) : [] {
            let row = frame.row(coordinate)
            mark(from: Point(area.x, row), to: Point(area.x - 2, row), on: canvas)
        }
    }

    private func mark(from: Point, to: Point, on canvas: Canvas) {
        canvas.stroke([from, to], PlotStyle.axis, width: 0.8)
    }

    private func drawHead(_ frame: PlotFrame, on canvas: Canvas) {
        let style = PlotStyle.self
        var top = style.margin
        if !title.isEmpty {
            let text = canvas.fitted(title, style.title, room: canvas.width - frame.area.x - style.margin)
            canvas.text(text, at: Point(frame.area.x, top), style.title, vertical: .top)
            top += style.title.size + style.gap
        }
        for row in legendRows(on: canvas, width: canvas.width - 2 * style.margin - 30) {
            let length = row.reduce(0) { $0 + entryWidth($1, on: canvas) } - 14
            var column = min(frame.area.x, canvas.width - style.margin - length)
            for entry in row {
                draw(entry, at: Point(column, top + style.legend.size / 2), on: canvas)
                column += entryWidth(entry, on: canvas)
            }
            top += style.legend.size + style.gap
        }
    }

    // MARK: Legend

    private func legendRows(on canvas: Canvas, width: Double) -> [[LegendEntry]] {
        var rows: [[LegendEntry]] = []
        var free = 0.0
        for var entry in legend where !entry.name.isEmpty {
            entry.name = canvas.fitted(entry.name, PlotStyle.legend, room: width - 40)
            let needed = entryWidth(entry, on: canvas)
            if rows.isEmpty || needed > free {
                rows.append([])
                free = width
            }
            rows[rows.count - 1].append(entry)
            free -= needed
        }
        return rows
    }

    private func entryWidth(_ entry: LegendEntry, on canvas: Canvas) -> Double {
        canvas.textWidth(entry.name, PlotStyle.legend) + 22 + 14
    }

    private func draw(_ entry: LegendEntry, at point: Point, on canvas: Canvas) {
        let middle = Point(point.x + 8, point.y)
        switch entry.mark {
        case .line: canvas.stroke([point, Point(point.x + 16, point.y)], entry.color, width: 2)
        case .dash: canvas.stroke([point, Point(point.x + 16, point.y)], entry.color, width: 2, dash: [4, 2.5])
        case .dot: canvas.fillCircle(at: middle, radius: 3.2, entry.color)
        case .block: canvas.fill(Rectangle(x: point.x + 4, y: point.y - 4, width: 8, height: 8), entry.color)
        }
        canvas.text(entry.name, at: Point(point.x + 21, point.y), PlotStyle.legend, vertical: .middle)
    }
}
