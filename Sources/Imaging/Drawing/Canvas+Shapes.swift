import CCairo

extension Canvas {
    /// Fills a rectangle, given in points.
    public func fill(_ rectangle: Rectangle, _ color: Color) {
        use(color)
        cairo_rectangle(context, rectangle.x, rectangle.y, rectangle.width, rectangle.height)
        cairo_fill(context)
    }

    /// Fills the polygon of some corners in points, in their order; fewer than three fill nothing.
    public func fill(_ corners: [Point], _ color: Color) {
        guard corners.count > 2 else { return }
        use(color)
        trace(corners)
        cairo_close_path(context)
        cairo_fill(context)
    }

    /// Fills a disc; centre and radius in points.
    public func fillCircle(at centre: Point, radius: Double, _ color: Color) {
        use(color)
        cairo_new_path(context)
        cairo_arc(context, centre.x, centre.y, radius, 0, 2 * Double.pi)
        cairo_fill(context)
    }

    /// Strokes a line through points; `dash` alternates drawn and skipped lengths, `isRound` rounds the ends.
    public func stroke(
        _ points: [Point], _ color: Color, width: Double = 1, dash: [Double] = [], isRound: Bool = false
    ) {
        guard points.count > 1 else { return }
        use(color)
        cairo_set_line_width(context, width)
        cairo_set_dash(context, dash, CInt(dash.count), 0)
        cairo_set_line_cap(context, isRound ? CAIRO_LINE_CAP_ROUND : CAIRO_LINE_CAP_BUTT)
        trace(points)
        cairo_stroke(context)
    }

    /// Draws a circle as a line of a width; all lengths in points.
    public func strokeCircle(at centre: Point, radius: Double, _ color: Color, width: Double = 1) {
        use(color)
        cairo_set_line_width(context, width)
        cairo_set_dash(context, nil, 0, 0)
        cairo_new_path(context)
        cairo_arc(context, centre.x, centre.y, radius, 0, 2 * Double.pi)
        cairo_stroke(context)
    }

    /// Draws only inside `rectangle` while `body` runs.
    public func clipped<Failure>(to rectangle: Rectangle, _ body: () throws(Failure) -> Void) throws(Failure) {
        cairo_save(context)
        defer { cairo_restore(context) }
        cairo_rectangle(context, rectangle.x, rectangle.y, rectangle.width, rectangle.height)
        cairo_clip(context)
        try body()
    }

    func use(_ color: Color) {
        cairo_set_source_rgba(context, color.red, color.green, color.blue, color.alpha)
    }

    private func trace(_ points: [Point]) {
        cairo_new_path(context)
        for (index, point) in points.enumerated() {
            index == 0 ? cairo_move_to(context, point.x, point.y) : cairo_line_to(context, point.x, point.y)
        }
    }
}
