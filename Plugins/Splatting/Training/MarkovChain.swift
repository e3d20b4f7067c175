import Foundation
import Genera

/// Splats as samples of a chain (Kheradmand et al., 2024): faded ones are moved onto others, new ones are added up to a number, and all are
/// shaken, the more the fainter they are.
public struct MarkovChain: Sendable, Equatable {
    /// The most splats there may be.
    public var limit = 1_000_000
    /// The steps after which, and until which, splats are moved and added.
    public var from = 500, until = 25_000
    /// Steps between.
    public var every = 100
    /// Splats of this opacity or less count as faded.
    public var leastOpacity: Float = 0.005
    /// How strongly positions are shaken, times their learning rate.
    public var noiseRate: Float = 5e5
    /// The weight of the mean opacity in the loss.
    public var opacityWeight: Float = 0.01
    /// The weight of the mean scale in the loss.
    public var scaleWeight: Float = 0.01
    /// The opacity of splats at first.
    public static let initialOpacity: Float = 0.5
    /// What scales are multiplied by at first.
    public static let initialScale: Float = 0.1

    /// gsplat's numbers.
    public init() {}

    /// Opacity and scale of each of `times` splats that together look like one.
    ///
    /// - Returns: the new opacity, and what scales are multiplied by.
    public static func shared(_ opacity: Double, times: Int) -> (opacity: Double, scale: Double) {
        let N = min(max(times, 1), 51)
        let part = 1 - pow(1 - opacity, 1 / Double(N))
        var sum = 0.0
        for i in 1...N {
            var binomial = 1.0
            for k in 0..<i {
                sum += binomial * (k % 2 == 0 ? 1 : -1) * pow(part, Double(k + 1)) / Double(k + 1).squareRoot()
                binomial *= Double(i - 1 - k) / Double(k + 1)
            }
        }
        return (part, opacity / sum)
    }

    /// Moves faded splats and adds new ones.
    ///
    /// - Parameter uniform: numbers in 0..<1, so many.
    /// - Returns: how many were moved, and how many added.
    func refine(_ trained: inout TrainedSplats, uniform: (_ count: Int) throws -> [Float]) rethrows -> (
        moved: Int, added: Int
    ) {
        let count = trained.splats.count
        let opacities = (0..<count).map { 1 / (1 + exp(-trained.splats[Splats.Plane.opacity, $0])) }
        let dead = (0..<count).filter { opacities[$0] <= leastOpacity }
        let alive = (0..<count).filter { opacities[$0] > leastOpacity }
        guard !alive.isEmpty else { return (0, 0) }
        let onto = try Self.draw(alive, by: opacities, uniform(dead.count))
        share(&trained, onto)
        for (splat, source) in zip(dead, onto) {
            for plane in 0..<trained.splats.planeCount {
                trained.splats[plane, splat] = trained.splats[plane, source]
            }
        }
        let more = max(min(limit, Int(1.05 * Double(count))) - count, 0)
        let now = (0..<count).map { 1 / (1 + exp(-trained.splats[Splats.Plane.opacity, $0])) }
        let sources = try Self.draw(Array(0..<count), by: now, uniform(more))
        share(&trained, sources)
        trained.rebuild((0..<Int32(count)) + sources.map(Int32.init), fresh: count)
        return (dead.count, more)
    }

    /// Gives each splat that is drawn its share of what it was, and makes Adam forget it.
    private func share(_ trained: inout TrainedSplats, _ drawn: [Int]) {
        var times: [Int: Int] = [:]
        for splat in drawn { times[splat, default: 1] += 1 }
        let stride = trained.splats.stride
        for (splat, N) in times {
            let opacity = 1 / (1 + exp(-Double(trained.splats[Splats.Plane.opacity, splat])))
            var (part, factor) = Self.shared(opacity, times: N)
            part = min(max(part, Double(leastOpacity)), 1 - 1e-7)
            if !factor.isFinite || factor <= 0 { factor = 1 }
            trained.splats[Splats.Plane.opacity, splat] = Float(log(part / (1 - part)))
            for axis in 0..<3 { trained.splats[Splats.Plane.logScale + axis, splat] += Float(log(factor)) }
            for plane in 0..<trained.splats.planeCount {
                trained.moments.first[plane * stride + splat] = 0
                trained.moments.second[plane * stride + splat] = 0
            }
        }
    }

    private static func draw(_ splats: [Int], by weights: [Float], _ uniform: [Float]) -> [Int] {
        guard !uniform.isEmpty else { return [] }
        var sums: [Double] = [], total = 0.0
        for splat in splats {
            total += Double(weights[splat])
            sums.append(total)
        }
        return uniform.map { number in
            let at = Double(number) * total
            var (low, high) = (0, sums.count - 1)
            while low < high {
                let middle = (low + high) / 2
                if sums[middle] > at { high = middle } else { low = middle + 1 }
            }
            return splats[low]
        }
    }

    /// Shakes positions by noise in the shape of each splat.
    ///
    /// - Parameter normal: standard normal numbers, `[count, 3]`.
    func shake(_ splats: inout Splats, rate: Float, normal: [Float]) {
        for k in 0..<splats.count {
            let opacity = 1 / (1 + exp(-splats[Splats.Plane.opacity, k]))
            let strength = noiseRate * rate / (1 + exp(100 * (opacity - leastOpacity)))
            guard strength > 1e-12 else { continue }
            let scales = (0..<3).map { Double(exp(splats[Splats.Plane.logScale + $0, k])) }
            let sigma = Covariance.matrix((0..<4).map { Double(splats[Splats.Plane.rotation + $0, k]) }, scales: scales)
            for axis in 0..<3 {
                var shift: Float = 0
                for i in 0..<3 { shift += Float(sigma[3 * axis + i]) * normal[3 * k + i] }
                splats[Splats.Plane.position + axis, k] += shift * strength
            }
        }
    }
}
