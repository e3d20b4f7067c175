import CSplats
import Foundation
import Genera

/// Splats in training: their numbers, what Adam remembers of each, and what densification wants to know.
public struct TrainedSplats: Sendable {
    /// The splats.
    public internal(set) var splats: Splats
    /// Adam's first and second moments, in the planes of the splats.
    public internal(set) var moments: (first: [Float], second: [Float])
    /// Steps that Adam has done.
    public internal(set) var steps = 0
    /// Sums of the norms of screen gradients, in units of half a picture, `[count]`.
    public internal(set) var gradientSums: [Float]
    /// How often each splat was seen, `[count]`.
    public internal(set) var timesSeen: [Float]
    /// The greatest radius in pixels that each splat had, `[count]`.
    public internal(set) var largestRadii: [Float]

    /// Splats before their first step.
    public init(_ splats: Splats) {
        self.splats = splats
        let zeros = [Float](repeating: 0, count: splats.storage.count)
        moments = (zeros, zeros)
        gradientSums = Array(repeating: 0, count: splats.count)
        (timesSeen, largestRadii) = (gradientSums, gradientSums)
    }

    /// Adds a view to the statistics (Kerbl et al., 2023, section 5.2).
    ///
    /// - Parameters:
    ///   - radii: radii of the splats in the view, `[2, count]`, 0 for those that are not seen.
    ///   - screen: derivatives by u and v in pixels, `[2, count]`.
    public mutating func note(
        radii: UnsafeBufferPointer<Int32>, screen: UnsafeBufferPointer<Float>, width: Int, height: Int
    ) {
        let count = splats.count, half = (Float(width) / 2, Float(height) / 2)
        for k in 0..<count where radii[k] > 0 {
            let (x, y) = (screen[k] * half.0, screen[count + k] * half.1)
            gradientSums[k] += (x * x + y * y).squareRoot()
            timesSeen[k] += 1
            largestRadii[k] = max(largestRadii[k], Float(max(radii[k], radii[count + k])))
        }
    }

    /// One step of Adam.
    ///
    /// - Parameters:
    ///   - gradients: derivatives, in the planes of the splats.
    ///   - rates: the learning rate of each plane; planes of rate 0 stay as they are.
    ///   - seen: radii, `[count]`, where splats that are not seen shall stay as they are (sparse Adam); else nil.
    public mutating func step(
        _ gradients: UnsafePointer<Float>, rates: [Float], seen: UnsafePointer<Int32>? = nil, threads: Int
    ) {
        precondition(rates.count == splats.planeCount)
        steps += 1
        let (stride, count) = (Int64(splats.stride), Int64(splats.count))
        splats.storage.withUnsafeMutableBufferPointer { values in
            moments.first.withUnsafeMutableBufferPointer { first in
                moments.second.withUnsafeMutableBufferPointer { second in
                    splat_adam(
                        values.baseAddress, gradients, first.baseAddress, second.baseAddress, stride, count,
                        Int32(rates.count), rates, 0.9, 0.999, 1e-15, Int64(steps), seen, Int32(threads))
                }
            }
        }
    }

    /// Replaces the splats by copies: splat i of the new ones is `sources[i]` of the old. Statistics begin anew.
    ///
    /// - Parameter fresh: from which of the new splats on Adam remembers nothing.
    mutating func rebuild(_ sources: [Int32], fresh: Int) {
        splats = splats.picked(sources)
        let old = splats.planeCount
        moments.first = Self.picked(moments.first, sources, splats.stride, planes: old, upTo: fresh)
        moments.second = Self.picked(moments.second, sources, splats.stride, planes: old, upTo: fresh)
        resetStatistics()
    }

    /// Forgets the statistics.
    mutating func resetStatistics() {
        gradientSums = Array(repeating: 0, count: splats.count)
        (timesSeen, largestRadii) = (gradientSums, gradientSums)
    }

    /// Sets a plane, and makes Adam forget it.
    mutating func reset(_ plane: Int, _ value: (Float) -> Float) {
        for k in 0..<splats.count {
            splats[plane, k] = value(splats[plane, k])
            moments.first[plane * splats.stride + k] = 0
            moments.second[plane * splats.stride + k] = 0
        }
    }

    private static func picked(
        _ values: [Float], _ sources: [Int32], _ stride: Int, planes: Int, upTo fresh: Int
    ) -> [Float] {
        let oldStride = values.count / planes
        var result = [Float](repeating: 0, count: planes * stride)
        for plane in 0..<planes {
            for k in 0..<min(fresh, sources.count) {
                result[plane * stride + k] = values[plane * oldStride + Int(sources[k])]
            }
        }
        return result
    }
}

extension Splats {
    /// Some of the splats, in the order given.
    public func picked(_ indices: [Int32]) -> Splats {
        var result = Splats(count: indices.count, degree: degree)
        for plane in 0..<planeCount {
            let (from, to) = (plane * stride, plane * result.stride)
            for (k, index) in indices.enumerated() { result.storage[to + k] = storage[from + Int(index)] }
        }
        return result
    }
}

extension TrainedSplats {
    /// Lowers all opacities to at most a hundredth.
    public mutating func resetOpacities(to most: Float = 0.01) {
        let logit = log(most / (1 - most))
        reset(Splats.Plane.opacity) { min($0, logit) }
    }

    /// Makes all shapes Gaussian.
    public mutating func resetShapes() { reset(Splats.Plane.shape) { _ in 0 } }
}
