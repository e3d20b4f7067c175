import Genera

extension Fact {
    /// The name as programs like it.
    var key: String { Self.key(name) }

    /// A name as programs like it: `held-out after` is `heldOutAfter`.
    static func key(_ name: String) -> String {
        let words = name.split { !($0.isLetter || $0.isNumber) }
        return words.enumerated().map { $0.offset == 0 ? String($0.element) : $0.element.capitalizedFirst }.joined()
    }
}

extension Substring {
    fileprivate var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}

extension Int {
    /// With commas between thousands: `50,176`.
    var grouped: String { Text.grouped(self) }

    /// A number of bytes in the largest fitting unit: `15.3 MB`.
    var bytes: String { Text.bytes(self) }
}

extension Double {
    /// Rounded to so many digits after the point.
    func rounded(toPlaces places: Int) -> Double {
        let scale = (0..<places).reduce(1.0) { product, _ in product * 10 }
        return (self * scale).rounded() / scale
    }

    /// Seconds as people say them: `0.8 s`, `3:05`, `2:03:00`.
    var duration: String {
        guard isFinite, self >= 0, self < 1e9 else { return "?" }
        if self < 60 { return "\(rounded(toPlaces: 1)) s" }
        func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
        let total = Int(rounded())
        let (hours, minutes, seconds) = (total / 3600, total / 60 % 60, total % 60)
        return hours > 0 ? "\(hours):\(two(minutes)):\(two(seconds))" : "\(minutes):\(two(seconds))"
    }
}

extension String {
    /// Padded with spaces to a width.
    func padded(to width: Int) -> String { self + String(repeating: " ", count: Swift.max(width - count, 0)) }
}
