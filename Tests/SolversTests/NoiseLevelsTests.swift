import Foundation
import Solvers
import Testing

@Suite struct NoiseLevelsTests {
    typealias Schedule = @Sendable (Int, Double, Double) -> [Double]

    static let schedules: [(name: String, levels: Schedule)] = [
        ("rho 7", { NoiseLevels.rho($0, low: $1, high: $2) }),
        ("rho 1", { NoiseLevels.rho($0, low: $1, high: $2, rho: 1) }),
        ("log-linear", { NoiseLevels.logLinear($0, low: $1, high: $2) }),
        ("cosine", { NoiseLevels.cosine($0, low: $1, high: $2) }),
        ("ays", { NoiseLevels.alignYourSteps($0, low: $1, high: $2) }),
        ("vp", { NoiseLevels.variancePreserving($0, low: $1, high: $2) }),
    ]

    @Test(
        "Levels fall strictly, from exactly the highest to exactly the lowest", arguments: schedules.indices,
        [2, 3, 18, 256])
    func fall(schedule: Int, count: Int) {
        for (low, high) in [(0.002, 80.0), (0.02, 100), (0.3, 1), (5, 6)] {
            let levels = Self.schedules[schedule].levels(count, low, high)
            #expect(levels.count == count && zip(levels, levels.dropFirst()).allSatisfy { $0 > $1 }, "\(levels)")
            #expect(abs(levels[0] / high - 1) < 1e-12 && abs(levels[count - 1] / low - 1) < 1e-8)
        }
    }

    @Test("A single level is the highest", arguments: schedules.indices)
    func single(schedule: Int) {
        let levels = Self.schedules[schedule].levels(1, 0.002, 80)
        #expect(
            levels.count == 1 && abs(levels[0] - 80) < 1e-9 && Self.schedules[schedule].levels(0, 0.002, 80).isEmpty)
    }

    @Test("The rho schedule is the formula of Karras et al.")
    func rho() {
        let levels = NoiseLevels.rho(18, low: 0.002, high: 80)
        for (i, level) in levels.enumerated() {
            let root = pow(80, 1.0 / 7) + Double(i) / 17 * (pow(0.002, 1.0 / 7) - pow(80, 1.0 / 7))
            #expect(abs(level / pow(root, 7) - 1) < 1e-12)
        }
    }

    @Test("Log-linear levels have one ratio, and angles of the cosine schedule one difference")
    func spacing() {
        let levels = NoiseLevels.logLinear(5, low: 0.01, high: 100)
        for (a, b) in zip(levels, levels.dropFirst()) { #expect(abs(a / b - 10) < 1e-9) }
        let angles = NoiseLevels.cosine(5, low: 0.01, high: 100).map { atan($0) }
        for (a, b) in zip(angles, angles.dropFirst()) { #expect(abs((a - b) - (angles[0] - angles[4]) / 4) < 1e-9) }
    }

    @Test("Interpolation in ln sigma keeps the ends and the levels of its own count")
    func interpolation() {
        let list = [14.6146, 6.4746, 3.8637, 2.6946, 1.8842, 1.3944, 0.9643, 0.6524, 0.3977, 0.1515, 0.0292]
        for (got, expected) in zip(NoiseLevels.interpolated(list, count: 11), list) {
            #expect(abs(got / expected - 1) < 1e-12)
        }
        let finer = NoiseLevels.interpolated(list, count: 21)
        #expect(
            abs(finer[1] - (list[0] * list[1]).squareRoot()) < 1e-9
                && zip(finer, finer.dropFirst()).allSatisfy { $0 > $1 })
        #expect(NoiseLevels.interpolated(list, count: 1) == [14.6146] && NoiseLevels.interpolated([], count: 3).isEmpty)
    }
}
