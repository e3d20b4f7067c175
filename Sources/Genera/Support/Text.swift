#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Numbers and counts as people write them.
package enum Text {
    /// A number with so many significant digits, for example `0.0123` or `1.5e-07`.
    package static func significant(_ value: Double, _ digits: Int) -> String {
        guard value.isFinite, value != 0 else { return value == 0 ? "0" : "\(value)" }
        let exponent = Int(floor(log10(abs(value))))
        if exponent < -4 || exponent >= 9 {
            return "\(fixed(value / pow(10, Double(exponent)), max(digits - 1, 0)))e\(exponent)"
        }
        return fixed(value, max(digits - 1 - exponent, 0))
    }

    /// A number with so many digits after the point.
    static func fixed(_ value: Double, _ digits: Int) -> String {
        let scale = pow(10, Double(digits))
        let scaled = (abs(value) * scale).rounded()
        guard scaled < 9e15 else { return "\(value)" }
        let whole = String(Int(scaled))
        let sign = value < 0 && scaled > 0 ? "-" : ""
        guard digits > 0 else { return sign + whole }
        let padded = String(repeating: "0", count: max(digits + 1 - whole.count, 0)) + whole
        return sign + padded.dropLast(digits) + "." + padded.suffix(digits)
    }

    /// A whole number with leading zeros.
    static func padded(_ value: Int, _ width: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(width - digits.count, 0)) + digits
    }

    /// A whole number with commas between thousands: `50,176`.
    package static func grouped(_ value: Int) -> String {
        let digits = Array(String(value.magnitude))
        let text = digits.indices.map { place in
            (place > 0 && (digits.count - place) % 3 == 0 ? "," : "") + String(digits[place])
        }
        return (value < 0 ? "-" : "") + text.joined()
    }

    /// A number of bytes: `812 bytes`, `4.1 MB`.
    package static func bytes(_ count: Int) -> String {
        let units = ["bytes", "kB", "MB", "GB", "TB", "PB", "EB"]
        var (value, unit) = (Double(count), 0)
        while value >= 1000, unit < units.count - 1 { (value, unit) = (value / 1000, unit + 1) }
        return unit == 0 ? "\(count) bytes" : "\(significant(value, value < 10 ? 2 : 3)) \(units[unit])"
    }

    /// Seconds in words, to about two digits: `40 seconds`, `12 minutes`, `2.5 hours`, `3 days`, `5.1 years`.
    package static func duration(words seconds: Double) -> String {
        let units = [(60.0, "second"), (60, "minute"), (24, "hour"), (365.25, "day"), (.infinity, "year")]
        var value = max(seconds, 0)
        for (size, unit) in units {
            // Up to twice a unit is said in the smaller one: 100 seconds, 90 minutes, 36 hours.
            guard value >= 2 * size else {
                let text =
                    value >= 9.5 || (value.rounded() - value).magnitude < 0.05 ? fixed(value, 0) : fixed(value, 1)
                return "\(text) \(unit)\(text == "1" ? "" : "s")"
            }
            value /= size
        }
        return "for ever"
    }

    /// A word in quotes for a shell, if it needs any.
    package static func shellWord(_ word: String) -> String {
        let isPlain =
            !word.isEmpty
            && word.utf8.allSatisfy {
                (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0)
                    || "_-./:=,+@%".utf8.contains($0)
            }
        if isPlain { return word }
        return "'" + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }
}
