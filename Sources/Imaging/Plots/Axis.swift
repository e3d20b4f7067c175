#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// One axis of a plot.
public struct Axis: Hashable, Sendable {
    /// How numbers become places.
    public enum Scale: String, Sendable {
        /// Equal distances for equal differences.
        case linear
        /// Equal distances for equal factors; numbers that are not positive are left out.
        case logarithmic
    }

    /// What it shows, with the unit: "time (s)". Empty for none.
    public var title: String
    /// How numbers become places.
    public var scale: Scale
    /// The least and greatest number shown; nil for those of the data.
    public var limits: ClosedRange<Double>?

    /// Makes an axis.
    public init(_ title: String = "", scale: Scale = .linear, limits: ClosedRange<Double>? = nil) {
        (self.title, self.scale, self.limits) = (title, scale, limits)
    }

    /// Whether a number has a place on it.
    func shows(_ value: Double) -> Bool { value.isFinite && (scale == .linear || value > 0) }

    /// The coordinate in which places are even.
    func coordinate(_ value: Double) -> Double { scale == .linear ? value : log10(value) }

    /// The coordinates shown for the data, with some room at the ends.
    func span(of values: some Sequence<Double>) -> ClosedRange<Double> {
        if let limits, shows(limits.lowerBound), shows(limits.upperBound), limits.lowerBound < limits.upperBound {
            return coordinate(limits.lowerBound)...coordinate(limits.upperBound)
        }
        var (low, high) = (Double.infinity, -Double.infinity)
        for value in values where shows(value) {
            low = min(low, coordinate(value))
            high = max(high, coordinate(value))
        }
        guard low <= high else { return 0...1 }
        let isPoint = high - low <= 1e-9 * max(abs(low), abs(high))
        let room = isPoint ? max(abs(high) * 0.1, 0.5) : (high - low) * 0.04
        return low - room...high + room
    }
}
