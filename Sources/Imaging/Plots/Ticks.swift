#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A mark on an axis, at an even coordinate (for logarithmic axes, the decimal logarithm).
struct Tick: Equatable {
    var coordinate: Double
    var label: String
}

/// Marks at nice numbers.
enum Ticks {
    /// About `count` marks within `span`.
    static func make(_ span: ClosedRange<Double>, scale: Axis.Scale, count: Int) -> [Tick] {
        scale == .linear ? linear(span, count: count) : logarithmic(span, count: count)
    }

    /// Multiples of 1, 2, 2.5 or 5 times a power of ten.
    private static func linear(_ span: ClosedRange<Double>, count: Int) -> [Tick] {
        let values = niceValues(span, count: count)
        let labels = Numbers.labels(values)
        return zip(values, labels).map { Tick(coordinate: $0, label: $1) }
    }

    static func niceValues(_ span: ClosedRange<Double>, count: Int) -> [Double] {
        let raw = (span.upperBound - span.lowerBound) / Double(max(count, 1))
        guard raw > 0, raw.isFinite else { return [] }
        let magnitude = pow(10, floor(log10(raw)))
        let step = ([1, 2, 2.5, 5, 10].first { $0 * magnitude >= raw * 0.999 } ?? 10) * magnitude
        let (first, last) = (ceil(span.lowerBound / step - 1e-9), floor(span.upperBound / step + 1e-9))
        guard first <= last, last - first < 1000 else { return [] }
        return stride(from: first, through: last, by: 1).map { $0 == 0 ? 0 : $0 * step }
    }

    /// Powers of ten; on a short span also their multiples.
    private static func logarithmic(_ span: ClosedRange<Double>, count: Int) -> [Tick] {
        let (first, last) = (Int(ceil(span.lowerBound - 1e-9)), Int(floor(span.upperBound + 1e-9)))
        if last - first >= 2 {
            let step = max(1, Int((Double(last - first + 1) / Double(max(count, 2))).rounded(.up)))
            return (first...last).filter { $0 % step == 0 }.map { Tick(coordinate: Double($0), label: "10^\($0)") }
        }
        for multiples in [[1.0, 3], [1, 2, 5], [1, 2, 3, 4, 6, 8]] {
            let values = (first - 1...last + 1).flatMap { power in multiples.map { $0 * pow(10, Double(power)) } }
            let shown = values.filter { span.contains(log10($0)) }
            if shown.count >= min(3, count) {
                return shown.map { Tick(coordinate: log10($0), label: Numbers.short($0)) }
            }
        }
        let numbers = pow(10, span.lowerBound)...pow(10, span.upperBound)
        return linear(numbers, count: count).map { Tick(coordinate: log10($0.coordinate), label: $0.label) }
    }

    /// The unlabelled marks at 2...9 times the powers of ten.
    static func minor(_ span: ClosedRange<Double>, scale: Axis.Scale) -> [Double] {
        guard scale == .logarithmic, span.upperBound - span.lowerBound < 8 else { return [] }
        let powers = Int(floor(span.lowerBound))...Int(floor(span.upperBound))
        return powers.flatMap { power in (2...9).map { Double(power) + log10(Double($0)) } }.filter(span.contains)
    }
}

/// Numbers as short words.
enum Numbers {
    /// Labels of equal precision for evenly spaced numbers.
    static func labels(_ values: [Double]) -> [String] {
        let largest = values.map { abs($0) }.max() ?? 0
        let step = values.count > 1 ? values[1] - values[0] : largest
        if largest >= 1e7 || (largest > 0 && largest < 1e-3) {
            let power = floor(log10(largest) + 1e-9)
            let unit = pow(10, power)
            let places = decimals(step / unit)
            return values.map { $0 == 0 ? "0" : fixed($0 / unit, places) + "×10^\(Int(power))" }
        }
        if largest >= 10_000 {
            let places = decimals(step / 1000)
            return values.map { $0 == 0 ? "0" : fixed($0 / 1000, places) + "k" }
        }
        let places = decimals(step)
        return values.map { fixed($0, places) }
    }

    /// One number with up to three significant digits.
    static func short(_ value: Double) -> String {
        guard value != 0, value.isFinite else { return value == 0 ? "0" : "\(value)" }
        let power = Int(floor(log10(abs(value)) + 1e-9))
        if power >= 5 || power < -3 {
            let mantissa = value / pow(10, Double(power))
            return (abs(mantissa - 1) < 1e-9 ? "" : trimmed(fixed(mantissa, 2)) + "×") + "10^\(power)"
        }
        return trimmed(fixed(value, max(2 - power, 0)))
    }

    /// How many decimals tell multiples of `step` apart.
    private static func decimals(_ step: Double) -> Int {
        for places in 0..<12 {
            let scaled = abs(step) * pow(10, Double(places))
            if scaled > 0.5, abs(scaled - scaled.rounded()) < 1e-6 * scaled { return places }
        }
        return 3
    }

    /// The number with a fixed count of decimals and a typographic minus sign.
    static func fixed(_ value: Double, _ places: Int) -> String {
        let scaled = (abs(value) * pow(10, Double(places))).rounded()
        guard scaled < 1e15 else { return "\(value)" }
        var digits = String(Int(scaled))
        while digits.count <= places { digits = "0" + digits }
        let sign = value < 0 && scaled > 0 ? "\u{2212}" : ""
        return places == 0 ? sign + digits : sign + digits.dropLast(places) + "." + digits.suffix(places)
    }

    private static func trimmed(_ number: String) -> String {
        guard number.contains(".") else { return number }
        var result = number
        while result.hasSuffix("0") { result.removeLast() }
        if result.hasSuffix(".") { result.removeLast() }
        return result
    }
}
