import Genera

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

extension Point {
    static func + (a: Point, b: Point) -> Point { Point(a.x + b.x, a.y + b.y) }
    static func - (a: Point, b: Point) -> Point { Point(a.x - b.x, a.y - b.y) }
    static func * (a: Point, b: Double) -> Point { Point(a.x * b, a.y * b) }

    /// The unit vector of an angle in radians.
    init(angle: Double) { self.init(cos(angle), sin(angle)) }

    /// Its direction as an angle in radians.
    var angle: Double { atan2(y, x) }
    /// Its length as a vector.
    var length: Double { (x * x + y * y).squareRoot() }
    /// The vector of length 1 in its direction; to the right for none.
    var unit: Point { length > 1e-12 ? self * (1 / length) : Point(1, 0) }

    func dot(_ other: Point) -> Double { x * other.x + y * other.y }
    func cross(_ other: Point) -> Double { x * other.y - y * other.x }

    /// Turned around the origin by an angle in radians.
    func turned(_ angle: Double) -> Point {
        Point(x * cos(angle) - y * sin(angle), x * sin(angle) + y * cos(angle))
    }

    /// Mirrored at the line through `one` and `two`.
    func mirrored(_ one: Point, _ two: Point) -> Point {
        let axis = (two - one).unit
        let offset = self - one
        return one + axis * (2 * offset.dot(axis)) - offset
    }

    /// Its distance from the line between two points.
    func distance(toLine one: Point, _ two: Point) -> Double {
        let axis = two - one
        let share = min(max((self - one).dot(axis) / max(axis.dot(axis), 1e-12), 0), 1)
        return (self - one - axis * share).length
    }

    /// Whether the lines between two pairs of points cross.
    static func cross(_ a: Point, _ b: Point, _ c: Point, _ d: Point) -> Bool {
        let (one, two) = ((b - a).cross(c - a), (b - a).cross(d - a))
        let (three, four) = ((d - c).cross(a - c), (d - c).cross(b - c))
        return one * two < 0 && three * four < 0
    }

    /// The point that is as far from all on average.
    static func centre(_ points: [Point]) -> Point {
        points.reduce(Point(0, 0), +) * (1 / Double(max(points.count, 1)))
    }
}

/// Angles around a point.
enum Directions {
    /// The widest gap between some directions: where it begins, and how wide it is, in radians.
    static func widestGap(_ angles: [Double]) -> (start: Double, width: Double) {
        let sorted = angles.sorted()
        guard let first = sorted.first, let last = sorted.last else { return (0, 2 * Double.pi) }
        var best = (start: last, width: first + 2 * Double.pi - last)
        for (one, two) in zip(sorted, sorted.dropFirst()) where two - one > best.width + 1e-9 {
            best = (one, two - one)
        }
        return best
    }

    /// `count` directions evenly in the widest gap.
    static func spread(_ count: Int, beside angles: [Double]) -> [Double] {
        let gap = widestGap(angles)
        return (1...max(count, 1)).map { gap.start + gap.width * Double($0) / Double(count + 1) }
    }
}
