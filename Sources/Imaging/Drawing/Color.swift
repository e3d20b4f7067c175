/// An sRGB colour with opacity, each part in 0...1.
public struct Color: Hashable, Sendable {
    /// Red in 0...1, sRGB, not multiplied by the opacity.
    public var red: Double
    /// Green in 0...1.
    public var green: Double
    /// Blue in 0...1.
    public var blue: Double
    /// Opacity: 0 shows nothing, 1 hides what is below.
    public var alpha: Double

    /// Makes a colour from its parts.
    public init(red: Double, green: Double, blue: Double, alpha: Double = 1) {
        self.red = red
        self.green = green
        self.blue = blue
        self.alpha = alpha
    }

    /// Makes an opaque colour from `0xRRGGBB`.
    public init(hex: UInt32) {
        self.init(
            red: Double(hex >> 16 & 255) / 255, green: Double(hex >> 8 & 255) / 255, blue: Double(hex & 255) / 255)
    }

    /// Makes an opaque grey of a level in 0...1.
    public init(grey: Double) { self.init(red: grey, green: grey, blue: grey) }

    /// White.
    public static let white = Color(grey: 1)
    /// Black.
    public static let black = Color(grey: 0)

    /// The same colour with another opacity.
    public func opacity(_ alpha: Double) -> Color {
        Color(red: red, green: green, blue: blue, alpha: alpha)
    }

    /// The colour `fraction` of the way to `other`.
    public func mixed(with other: Color, _ fraction: Double) -> Color {
        func between(_ a: Double, _ b: Double) -> Double { a + (b - a) * fraction }
        return Color(
            red: between(red, other.red), green: between(green, other.green), blue: between(blue, other.blue),
            alpha: between(alpha, other.alpha))
    }

    /// The palette of Okabe and Ito (2008), told apart by colour-blind readers; blue first, yellow (faint on white) last.
    public static let okabeIto = [0x0072B2, 0xD55E00, 0x009E73, 0xCC79A7, 0xE69F00, 0x56B4E9, 0x5A5A5A, 0xF0E442]
        .map { Color(hex: $0) }

    /// The colour of the series number `index`, going round.
    static func series(_ index: Int) -> Color { okabeIto[index % okabeIto.count] }
}

/// Colours for numbers in 0...1.
public struct Colormap: Hashable, Sendable {
    /// Colours at even distances, two or more.
    public var stops: [Color]

    /// Makes a map from colours at even distances.
    public init(stops: [Color]) {
        precondition(stops.count >= 2, "A colormap needs at least two colours.")
        self.stops = stops
    }

    /// Perceptually even, dark blue over green to yellow (van der Walt and Smith, 2015).
    public static let viridis = Colormap(
        stops: [
            0x440154, 0x482878, 0x3E4989, 0x31688E, 0x26828E, 0x1F9E89, 0x35B779, 0x6ECE58, 0xB5DE2B, 0xFDE725,
        ].map { Color(hex: $0) })

    /// White to dark blue.
    public static let blues = Colormap(
        stops: [0xF7FBFF, 0xDEEBF7, 0xC6DBEF, 0x9ECAE1, 0x6BAED6, 0x4292C6, 0x2171B5, 0x08519C, 0x08306B]
            .map { Color(hex: $0) })

    /// Blue over white to red, for numbers with a sign; 0.5 is white.
    public static let diverging = Colormap(
        stops: [0x2166AC, 0x67A9CF, 0xD1E5F0, 0xFFFFFF, 0xFDDBC7, 0xEF8A62, 0xB2182B].map { Color(hex: $0) })

    /// The colour at `fraction`, clamped to 0...1.
    public func color(at fraction: Double) -> Color {
        let place = min(max(fraction.isNaN ? 0 : fraction, 0), 1) * Double(stops.count - 1)
        let index = min(Int(place), stops.count - 2)
        return stops[index].mixed(with: stops[index + 1], place - Double(index))
    }
}
