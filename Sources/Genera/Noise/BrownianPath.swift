import Foundation
import Tensors

/// One Brownian motion a sample along falling noise levels, whose value at any level is a function of the seed and the sample: what a
/// stochastic solver adds between two levels does not depend on how the way is cut, and more steps refine the same sample.
///
/// The motion is halved again and again between two far levels, in ln sigma, by the law of a Brownian bridge; each half has an address
/// of its own. Shorter than a part of 2^-18 of the way it is a straight line.
public struct BrownianPath {
    private let noise: Noise
    private let shape: [Int]
    private let clock: (_ sigma: Double) -> Double
    /// The far levels: -ln sigma from 1e5 to 1e-5.
    private static let ends = (left: -log(1e5), right: log(1e5))
    private static let depth = 18
    private static let firstDraw = 1 << 22

    /// Describes the motions of the samples of `noise`.
    ///
    /// - Parameters:
    ///   - shape: of one sample.
    ///   - clock: how much of the motion has gone by at a level: its variance. It grows as the level falls.
    public init(_ noise: Noise, shape: [Int], clock: @escaping (_ sigma: Double) -> Double) {
        (self.noise, self.shape, self.clock) = (noise, shape, clock)
    }

    /// What the motion adds from one level to a lower one: `[N] + shape`, float64, with the variance clock(end) - clock(start).
    ///
    /// - Throws: what the noise throws; `GeneraError.software` for levels outside 1e-5 ... 1e5.
    public func increment(from start: Double, to end: Double) throws -> Tensor {
        try value(at: end) - value(at: start)
    }

    private func value(at sigma: Double) throws -> Tensor {
        let place = -log(sigma)
        guard (Self.ends.left...Self.ends.right).contains(place) else {
            throw GeneraError.software("A Brownian path goes from sigma 1e5 to 1e-5, not to \(sigma).")
        }
        func time(_ place: Double) -> Double { clock(exp(-place)) }
        func normal(_ draw: Int) throws -> Tensor {
            try noise.normal(shape, at: .start(draw: Self.firstDraw + draw), dtype: .float64)
        }
        var left = (place: Self.ends.left, time: time(Self.ends.left), value: Tensor(0.0))
        var right = (place: Self.ends.right, time: time(Self.ends.right), value: Tensor(0.0))
        right.value = try normal(0) * (right.time - left.time).squareRoot()
        var node = 1
        for _ in 0..<Self.depth {
            let middle = (left.place + right.place) / 2
            let now = time(middle)
            let (before, after) = (now - left.time, right.time - now)
            let deviation = (before * after / (before + after)).squareRoot()
            let value =
                left.value + (right.value - left.value) * (before / (before + after)) + (try normal(node)) * deviation
            if place < middle {
                (right, node) = ((middle, now, value), 2 * node)
            } else {
                (left, node) = ((middle, now, value), 2 * node + 1)
            }
        }
        return left.value + (right.value - left.value) * ((time(place) - left.time) / (right.time - left.time))
    }
}
