import Foundation

/// A small island in the air: grass, rock below, a house, trees, a pond. A scene without anybody's rights in it, to try training on.
///
/// Surfaces are zeros of a distance function and are found by walking along rays. z is up.
struct Island: Sendable {
    typealias Point = SIMD3<Double>

    /// What a surface is made of.
    struct Material {
        var color: Point
        /// How strongly it mirrors the light of the sun.
        var gloss = 0.0
    }

    private static let sun = normalised(Point(0.5, -0.6, 0.75))

    /// The distance to the nearest surface, and its number.
    func distance(_ p: Point) -> (distance: Double, part: Int) {
        var best = (distance: ground(p), part: 0)
        func take(_ distance: Double, _ part: Int) { if distance < best.distance { best = (distance, part) } }
        let q = p - Point(-0.1, 0.12, 0.2)
        // Beyond a ball around what stands on the ground its pieces need not be looked at.
        let near = length(p - Point(0, 0, 0.3)) - 0.95
        if near > 0.15 { return near < best.distance ? (near, 1) : best }
        take(box(q, Point(0.2, 0.15, 0.13)), 1)
        take(roof(q - Point(0, 0, 0.13)), 2)
        take(box(q - Point(0.13, 0.02, 0.26), Point(0.03, 0.03, 0.09)), 3)
        take(box(q - Point(0.05, -0.151, -0.045), Point(0.04, 0.008, 0.08)), 4)
        take(box(q - Point(-0.1, -0.151, 0.02), Point(0.045, 0.008, 0.045)), 5)
        take(box(q - Point(0.201, 0, 0.02), Point(0.008, 0.05, 0.045)), 5)
        for (at, size) in Self.trees {
            take(capsule(p, at, at + Point(0, 0, size), 0.022), 6)
            take(crown(p - at - Point(0, 0, size * 1.55), size * 0.72), 7)
        }
        for (at, size) in Self.stones { take(length((p - at) / Point(1, 0.8, 0.7)) * 0.75 - size * 0.75, 8) }
        take(pond(p), 9)
        for k in 0..<7 {
            let x = 0.02 + 0.065 * Double(k)
            let at = Point(x, -0.1 - 0.32 * x * x - 0.05 * sin(9 * x), 0.095)
            take(length((p - at) / Point(1, 1, 0.35)) * 0.35 - 0.012, 8)
        }
        return best
    }

    static let trees: [(Point, Double)] = [
        (Point(0.42, 0.25, 0.1), 0.2), (Point(0.3, 0.45, 0.08), 0.16), (Point(-0.45, -0.05, 0.09), 0.18),
        (Point(-0.32, 0.43, 0.09), 0.22), (Point(0.1, 0.52, 0.07), 0.14),
    ]
    static let stones: [(Point, Double)] = [
        (Point(0.55, -0.12, 0.08), 0.07), (Point(0.47, -0.2, 0.07), 0.045), (Point(-0.5, -0.3, 0.06), 0.055),
        (Point(-0.2, -0.55, 0.05), 0.05),
    ]

    /// A dome of grass over a cone of rock.
    private func ground(_ p: Point) -> Double {
        let flat = (p.x * p.x + p.y * p.y).squareRoot(), angle = atan2(p.y, p.x)
        let rim = 0.72 + 0.05 * sin(3 * angle + 0.7) + 0.025 * sin(7 * angle)
        let top = p.z - 0.1 + 0.16 * flat * flat
        let rough = 0.03 * sin(11 * p.x + 2 * p.z) * sin(13 * p.y) * sin(9 * p.z + 1)
        let under = (flat - rim * (1 + 1.35 * (p.z + 0.05)) - rough) * 0.62
        let bowl = length(p - Point(0.22, -0.42, 0.13)) - 0.16
        return Swift.max(Swift.max(top, under), -bowl) * 0.8
    }

    private func pond(_ p: Point) -> Double {
        let q = p - Point(0.22, -0.42, 0.035)
        return Swift.max((q.x * q.x + q.y * q.y).squareRoot() - 0.14, abs(q.z) - 0.012)
    }

    private func roof(_ p: Point) -> Double {
        let slope = Point(0, 0.62, 0.78), y = abs(p.y)
        let plane = y * slope.y + p.z * slope.z - 0.11
        return Swift.max(Swift.max(plane, -p.z), abs(p.x) - 0.23)
    }

    private func crown(_ p: Point, _ size: Double) -> Double {
        length(p) - size - 0.018 * sin(23 * p.x + 1) * sin(21 * p.y) * sin(25 * p.z)
    }

    private func box(_ p: Point, _ half: Point) -> Double {
        let d = Point(abs(p.x) - half.x, abs(p.y) - half.y, abs(p.z) - half.z)
        let outside = Point(Swift.max(d.x, 0), Swift.max(d.y, 0), Swift.max(d.z, 0))
        return length(outside) + Swift.min(Swift.max(d.x, Swift.max(d.y, d.z)), 0)
    }

    private func capsule(_ p: Point, _ a: Point, _ b: Point, _ radius: Double) -> Double {
        let along = b - a, share = Swift.min(Swift.max(dot(p - a, along) / dot(along, along), 0), 1)
        return length(p - a - along * share) - radius
    }

    /// What a part is made of at a point with a normal.
    private func material(_ part: Int, _ p: Point, _ normal: Point) -> Material {
        switch part {
        case 0:
            let noise = sin(31 * p.x) * sin(37 * p.y) * 0.5 + sin(71 * p.x + 5) * sin(67 * p.y) * 0.5
            if normal.z > 0.55, p.z > -0.05 {
                return Material(color: Point(0.30, 0.52, 0.18) * (1 + 0.14 * noise))
            }
            let layer = sin(34 * p.z + 3 * sin(5 * p.x) + 2 * sin(6 * p.y))
            return Material(color: Point(0.68, 0.55, 0.43) * (1 + 0.2 * layer))
        case 1:
            let brick = abs(sin(58 * p.z)) < 0.14 ? 0.86 : 1.0
            return Material(color: Point(0.93, 0.87, 0.74) * brick)
        case 2:
            let tile = sin(75 * p.z) > 0.55 ? 0.8 : 1.0
            return Material(color: Point(0.72, 0.22, 0.16) * tile, gloss: 0.15)
        case 3: return Material(color: Point(0.55, 0.3, 0.25))
        case 4: return Material(color: Point(0.36, 0.22, 0.12))
        case 5: return Material(color: Point(0.35, 0.55, 0.75), gloss: 0.8)
        case 6: return Material(color: Point(0.35, 0.24, 0.15))
        case 7:
            let leaf = sin(45 * p.x) * sin(43 * p.y) * sin(47 * p.z)
            return Material(color: Point(0.16, 0.40, 0.15) * (1 + 0.35 * leaf))
        case 8: return Material(color: Point(0.58, 0.57, 0.55), gloss: 0.1)
        default: return Material(color: Point(0.12, 0.36, 0.52), gloss: 1)
        }
    }

    /// The colour seen along a ray; nil where it meets nothing.
    func color(from eye: Point, along direction: Point) -> Point? {
        // Nothing lies outside a ball of radius 1.4.
        let middle = dot(eye, direction), far = middle * middle - dot(eye, eye) + 1.96
        guard far > 0 else { return nil }
        var t = Swift.max(-middle - far.squareRoot(), 0)
        let end = -middle + far.squareRoot()
        for _ in 0..<220 {
            let p = eye + direction * t
            let (distance, part) = distance(p)
            if distance < 0.0006 { return shade(p, part, direction) }
            t += distance
            if t > end { return nil }
        }
        return nil
    }

    private func shade(_ p: Point, _ part: Int, _ direction: Point) -> Point {
        let e = 0.0008
        let normal = Self.normalised(
            Point(
                distance(p + Point(e, 0, 0)).distance - distance(p - Point(e, 0, 0)).distance,
                distance(p + Point(0, e, 0)).distance - distance(p - Point(0, e, 0)).distance,
                distance(p + Point(0, 0, e)).distance - distance(p - Point(0, 0, e)).distance))
        let surface = material(part, p, normal)
        let lit = Swift.max(dot(normal, Self.sun), 0) * light(p + normal * 0.004, Self.sun)
        let sky = 0.68 + 0.32 * normal.z
        let open = openness(p, normal)
        var color = surface.color * (lit * Point(1.05, 0.98, 0.86) + open * sky * Point(0.36, 0.43, 0.55) + open * 0.14)
        if surface.gloss > 0 {
            let mirrored = direction - normal * (2 * dot(direction, normal))
            let shine = pow(Swift.max(dot(mirrored, Self.sun), 0), 24) * lit
            let sheen = pow(1 - Swift.max(-dot(direction, normal), 0), 3) * 0.5
            color += surface.gloss * (Point(repeating: 0.6 * shine) + sheen * Point(0.55, 0.7, 0.85))
        }
        return Point(tone(color.x), tone(color.y), tone(color.z))
    }

    /// From light to the values of a picture.
    private func tone(_ x: Double) -> Double { pow(Swift.min(Swift.max(x, 0), 1), 1 / 1.6) }

    /// How much of the sun comes to a point.
    private func light(_ p: Point, _ towards: Point) -> Double {
        var (t, least) = (0.01, 1.0)
        for _ in 0..<40 {
            let distance = distance(p + towards * t).distance
            if distance < 0.0008 { return 0 }
            least = Swift.min(least, 14 * distance / t)
            t += Swift.min(distance, 0.1)
            if t > 1.6 { break }
        }
        return least
    }

    /// How much of the sky comes to a point.
    private func openness(_ p: Point, _ normal: Point) -> Double {
        var closed = 0.0
        for k in 1...4 {
            let step = 0.035 * Double(k)
            closed += (step - distance(p + normal * step).distance) * pow(0.65, Double(k))
        }
        return Swift.min(Swift.max(1 - 5 * closed, 0.15), 1)
    }

    private static func normalised(_ p: Point) -> Point { p / (p * p).sum().squareRoot() }
    private func dot(_ a: Point, _ b: Point) -> Double { (a * b).sum() }
    private func length(_ p: Point) -> Double { (p * p).sum().squareRoot() }
}
