import Foundation
import Genera
import Testing

@Suite struct BrownianPathTests {
    private func path(_ samples: [Int], seed: UInt64 = 1, power: Double = 2) -> BrownianPath {
        BrownianPath(Noise(seed: seed, samples: samples), shape: [3]) { pow($0, -power) }
    }

    @Test("What two parts of a way add is what the whole adds")
    func additive() throws {
        let path = path([0, 5])
        let whole = try path.increment(from: 20, to: 0.4).array(of: Double.self)
        let levels = [20, 7.3, 7.2, 1, 0.4]
        var sum = [Double](repeating: 0, count: 6)
        for (a, b) in zip(levels, levels.dropFirst()) {
            for (place, value) in try path.increment(from: a, to: b).array(of: Double.self).enumerated() {
                sum[place] += value
            }
        }
        for (a, b) in zip(whole, sum) { #expect(abs(a - b) < 1e-12) }
        #expect(try path.increment(from: 3, to: 3).array(of: Double.self) == [0, 0, 0, 0, 0, 0])
    }

    @Test("Increments are normal with the clock's variance, and independent of each other", arguments: [0.5, 2])
    func law(power: Double) throws {
        let path = path(Array(0..<1500), power: power)
        let levels = [80, 30, 5, 0.9, 0.7, 0.02, 0.002]
        let increments = try zip(levels, levels.dropFirst()).map { a, b in
            let scale = (pow(b, -power) - pow(a, -power)).squareRoot()
            return try path.increment(from: a, to: b).array(of: Double.self).map { $0 / scale }
        }
        let count = Double(increments[0].count)
        for (i, a) in increments.enumerated() {
            let mean = a.reduce(0, +) / count
            let fourth = a.reduce(0) { $0 + $1 * $1 * $1 * $1 } / count
            #expect(abs(mean) < 5 / count.squareRoot() && abs(fourth - 3) < 0.7, "\(levels[i]): \(mean) \(fourth)")
            for (j, b) in increments.enumerated() {
                let product = zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } / count
                #expect(
                    abs(product - (i == j ? 1 : 0)) < 7 / count.squareRoot(), "\(levels[i]) \(levels[j]): \(product)")
            }
        }
    }

    @Test("A sample's motion depends on the seed and on the sample alone")
    func addressed() throws {
        let together = try path([4, 9]).increment(from: 9, to: 2).array(of: Double.self)
        #expect(try path([9]).increment(from: 9, to: 2).array(of: Double.self) == Array(together.suffix(3)))
        #expect(try path([4], seed: 2).increment(from: 9, to: 2).array(of: Double.self) != Array(together.prefix(3)))
    }

    @Test("Solvers whose noise is a motion end at the same place however the way is cut")
    func refined() throws {
        let solvers: [any DenoisingSolver] = [AncestralEuler(), DPMSolverPPSDE(), DPMSolverPPSDE(eta: 0.4)]
        for solver in solvers {
            let noise = Noise(seed: 3, samples: [0, 1, 2])
            let path = BrownianPath(noise, shape: [2]) { solver.clock($0) ?? 0 }
            // With a constant model, the equation is linear and every step is exact: only the noise could tell.
            func end(_ count: Int) throws -> [Double] {
                let nodes = NoiseLevels.logLinear(count + 1, low: 0.05, high: 20)
                return try solver.solve(
                    Tensor([1, 2, 3, 4, 5, 6], shape: [3, 2]), along: nodes,
                    noise: { step, _ in
                        let (a, b) = (nodes[step], nodes[step + 1])
                        let variance = (solver.clock(b) ?? 0) - (solver.clock(a) ?? 0)
                        return try path.increment(from: a, to: b) / variance.squareRoot()
                    }, denoise: { x, _ in x * 0 + 0.5 }
                ).array(of: Double.self)
            }
            let (few, many) = (try end(3), try end(48))
            for (a, b) in zip(few, many) { #expect(abs(a - b) < 1e-9, "\(solver)") }
        }
        #expect(AncestralEuler(eta: 0.5).clock(1) == nil && Heun(churn: Churn(amount: 3)).clock(1) == nil)
    }

    @Test("Levels that no path reaches are an error")
    func outside() { #expect(throws: GeneraError.self) { try path([0]).increment(from: 1, to: 0) } }
}
