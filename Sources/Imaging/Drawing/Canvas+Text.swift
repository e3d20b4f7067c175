import CCairo

/// How text looks: its height in points, its weight, its colour. The typeface is that of the plots.
public struct TextStyle: Hashable, Sendable {
    /// Height of the type in points.
    public var size: Double
    /// Whether the letters are bold.
    public var isBold: Bool
    /// The colour of the letters.
    public var color: Color

    /// Makes a style; dark grey regular type by default.
    public init(size: Double = 9, isBold: Bool = false, color: Color = Color(grey: 0.15)) {
        self.size = size
        self.isBold = isBold
        self.color = color
    }
}

extension Canvas {
    /// Which point of a text lies at the given place.
    public enum HorizontalAnchor: Sendable {
        /// The left end.
        case left
        /// The middle.
        case centre
        /// The right end.
        case right

        var share: Double { self == .left ? 0 : self == .centre ? 0.5 : 1 }
    }

    /// Which height of a text lies at the given place.
    public enum VerticalAnchor: Sendable {
        /// The top of capitals.
        case top
        /// The middle of capitals.
        case middle
        /// The baseline.
        case baseline

        var share: Double { self == .baseline ? 0 : self == .middle ? 0.5 : 1 }
    }

    /// Writes a line of text. Digits after `^` are raised: "10^-3".
    ///
    /// - Parameter turned: Whether it is written upwards, turned by 90 degrees.
    public func text(
        _ string: String, at point: Point, _ style: TextStyle = TextStyle(), horizontal: HorizontalAnchor = .left,
        vertical: VerticalAnchor = .baseline, turned: Bool = false
    ) {
        let length = textWidth(string, style)
        let capital = 0.72 * style.size
        let base = vertical.share * capital
        cairo_save(context)
        defer { cairo_restore(context) }
        cairo_translate(context, point.x, point.y)
        if turned { cairo_rotate(context, -Double.pi / 2) }
        use(style.color)
        var x = -horizontal.share * length
        for run in Self.runs(string) {
            select(style, raised: run.raised)
            cairo_move_to(context, x, base - (run.raised ? 0.4 * style.size : 0))
            cairo_show_text(context, run.text)
            x += advance(run.text)
        }
    }

    /// How many points wide a text is.
    public func textWidth(_ string: String, _ style: TextStyle = TextStyle()) -> Double {
        Self.runs(string).reduce(0) { width, run in
            select(style, raised: run.raised)
            return width + advance(run.text)
        }
    }

    func advance(_ text: String) -> Double {
        var extents = cairo_text_extents_t()
        cairo_text_extents(context, text, &extents)
        return extents.x_advance
    }

    func select(_ style: TextStyle, raised: Bool = false, family: String = FontLibrary.sansFamily) {
        let weight = style.isBold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL
        cairo_select_font_face(context, family, CAIRO_FONT_SLANT_NORMAL, weight)
        cairo_set_font_size(context, style.size * (raised ? 0.72 : 1))
        let options = cairo_font_options_create()
        defer { cairo_font_options_destroy(options) }
        cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY)
        cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE)
        cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF)
        cairo_set_font_options(context, options)
    }

    /// Cuts "10^-3 m" into "10", raised "-3", " m"; the minus sign becomes the typographic one.
    static func runs(_ string: String) -> [(text: String, raised: Bool)] {
        var runs: [(text: String, raised: Bool)] = [("", false)]
        for character in string {
            let isExponent = character.isASCII && (character.isNumber || "-+.".contains(character))
            if character == "^" {
                runs.append(("", true))
            } else if runs[runs.count - 1].raised && !isExponent {
                runs.append((String(character), false))
            } else {
                let isSign = character == "-" && runs[runs.count - 1].raised
                runs[runs.count - 1].text.append(isSign ? "\u{2212}" : character)
            }
        }
        return runs.filter { !$0.text.isEmpty }
    }
}
