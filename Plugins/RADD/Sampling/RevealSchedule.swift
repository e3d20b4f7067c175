import Foundation
import Genera

/// When places are revealed on a grid of n intervals from time 1 down to `end`.
///
/// A place's interval is a random number that depends on nothing else, tokens least of all: which places each step reveals is known
/// before the network is asked for the first time, and intervals without any cost nothing (section 5.1).
package struct RevealSchedule: Sendable {
    /// Intervals, n.
    package let steps: Int
    /// The probability of being revealed up to the end of each interval; the last is 1.
    package let cumulative: [Double]
    private let end: Double

    /// - Throws: `GeneraError.usage` for no interval.
    package init(_ rate: RADDSampling.Rate, _ noise: MaskingNoise, steps: Int, end: Float = 1e-5) throws {
        guard steps > 0 else { throw GeneraError.usage("A grid needs an interval or more, not \(steps).") }
        let end = Double(end)
        (self.steps, self.end) = (steps, end)
        func time(_ i: Int) -> Double { 1 - (1 - end) * Double(i) / Double(steps) }
        let first = exp(-noise.total(1.0))
        var (remaining, cumulative) = (1.0, [Double]())
        cumulative.reserveCapacity(steps)
        for i in 0..<steps {
            switch rate {
            case .tweedie:
                let alpha = exp(-noise.total(time(i + 1)))
                cumulative.append(min(max((alpha - first) / (1 - first), cumulative.last ?? 0), 1))
            case .euler:
                let alpha = exp(-noise.total(time(i)))
                let share = (1 - end) / Double(steps) * noise.rate(time(i)) * alpha / (1 - alpha)
                remaining *= 1 - min(max(share, 0), 1)
                cumulative.append(1 - remaining)
            }
        }
        // The last interval reveals what is left.
        cumulative[steps - 1] = 1
        self.cumulative = cumulative
    }

    /// The time at which an interval begins.
    func time(_ interval: Int) -> Double { 1 - (1 - end) * Double(interval) / Double(steps) }

    /// The interval in which a place is revealed whose number is u in [0, 1).
    package func interval(_ u: Double) -> Int {
        var (low, high) = (0, steps - 1)
        while low < high {
            let middle = (low + high) / 2
            if cumulative[middle] > u { high = middle } else { low = middle + 1 }
        }
        return low
    }

    /// How many evaluations of the network `count` unknown places take on average: intervals with any place in them.
    package func expectedEvaluations(_ count: Int) -> Double {
        var (before, sum) = (0.0, 0.0)
        for after in cumulative {
            sum += 1 - pow(1 - (after - before), Double(count))
            before = after
        }
        return sum
    }

    /// The paper's expected number of looks for log-linear noise: n (1 - (1 - 1/n)^l).
    package static func paperEvaluations(steps n: Int, tokens l: Int) -> Double {
        Double(n) * -expm1(Double(l) * log1p(-1 / Double(n)))
    }

    /// What the reference's loop takes: its first look always, and none behind its last interval.
    package static func referenceEvaluations(steps n: Int, tokens l: Int, end: Double = 1e-5) -> Double {
        let share = (1 - end) / Double(n)
        return 1 + Double(n - 1) * -expm1(Double(l) * log1p(-share))
    }

    /// The rates of each step in the reference's float32, without the last step's own rule.
    ///
    /// Where little is masked they are differences of nearly equal numbers, whose last bits differ between processors.
    package static func referenceRates(
        _ rate: RADDSampling.Rate, _ noise: MaskingNoise, steps: Int, end: Float = 1e-5
    ) -> [Float] {
        let dt = Float((1 - Double(end)) / Double(steps))
        return (0..<steps).map { i in
            let t = referenceTime(i, of: steps, end: end)
            let left = exp(-noise.total(t))
            switch rate {
            case .tweedie: return (exp(-noise.total(t - dt)) - left) / (1 - left)
            case .euler: return dt * noise.rate(t) * left / (1 - left)
            }
        }
    }

    /// Point i of `torch.linspace(1, end, n + 1)`, which goes forwards in its first half and backwards in the other.
    package static func referenceTime(_ i: Int, of n: Int, end: Float) -> Float {
        let step = (end - 1) / Float(n)
        return i < (n + 1) / 2 ? 1 + step * Float(i) : end - step * Float(n - i)
    }
}
