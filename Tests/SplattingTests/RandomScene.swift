import Foundation
import Genera
import Splatting

/// Scenes made by numbers that are the same everywhere.
struct RandomScene {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

    mutating func uniform() -> Double {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return Double(state >> 11) / Double(1 << 53)
    }

    mutating func uniform(_ low: Double, _ high: Double) -> Float { Float(low + (high - low) * uniform()) }

    /// Splats before a camera in the origin that looks along z.
    mutating func splats(_ count: Int, degree: Int, shapes: Double = 0, depth: ClosedRange<Double> = 2...6) -> Splats {
        var splats = Splats(count: count, degree: degree)
        for k in 0..<count {
            let z = uniform(depth.lowerBound, depth.upperBound)
            splats[0, k] = uniform(-0.5, 0.5) * z
            splats[1, k] = uniform(-0.5, 0.5) * z
            splats[2, k] = z
            for plane in 3..<6 { splats[plane, k] = uniform(-3.5, -0.8) }
            for plane in 6..<10 { splats[plane, k] = uniform(-1, 1) }
            splats[10, k] = uniform(-2, 4)
            splats[11, k] = Float(shapes) * uniform(-1, 1)
            for plane in 12..<splats.planeCount {
                splats[plane, k] = plane < 15 ? uniform(-0.5, 1.5) : uniform(-0.3, 0.3)
            }
        }
        return splats
    }

    static func camera(_ width: Int, _ height: Int) -> Camera {
        Camera(
            rotation: [1, 0, 0, 0, 1, 0, 0, 0, 1], translation: [0, 0, 0], width: width, height: height,
            fx: 1.1 * Double(width), fy: 1.15 * Double(width))
    }
}

extension Splats {
    /// The numbers of each splat.
    var rows: [[Double]] { (0..<count).map { k in (0..<planeCount).map { Double(self[$0, k]) } } }
}
