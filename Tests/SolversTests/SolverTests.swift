import Foundation
import Solvers
import Tensors
import Testing

@Suite struct SolverTests {
    /// Solvers with the range that their measured order must lie in.
    static let solvers: [(name: String, solver: any DenoisingSolver, order: ClosedRange<Double>)] = [
        ("euler", Euler(), 0.8...1.3),
        ("heun", Heun(), 1.8...2.4),
        ("dpmpp-2m", DPMSolverPP(.secondOrder), 1.7...2.6),
        ("dpmpp-2m-sde without noise", DPMSolverPPSDE(eta: 0), 1.7...2.6),
        ("euler-a without noise", AncestralEuler(eta: 0), 0.8...1.3),
        ("dpmpp-3m", DPMSolverPP(.thirdOrderPublished), 1.7...2.9),
        ("dpmpp-3m-full", DPMSolverPP(.thirdOrderConsistent), 2.6...3.8),
        ("unipc-1", UniPC(order: 1, variant: .bh2), 1.7...2.6),
        ("unipc-1 bh1", UniPC(order: 1, variant: .bh1), 1.7...2.6),
        ("unipc-2 bh1", UniPC(order: 2, variant: .bh1), 1.9...3.6),
        ("unipc-2 bh2", UniPC(order: 2, variant: .bh2), 1.9...3.6),
        ("unipc-3 bh1", UniPC(order: 3, variant: .bh1), 2.8...5.5),
        ("unipc-3 bh2", UniPC(order: 3, variant: .bh2), 2.8...5.5),
    ]

    /// Two points at ±1 on a line under a Gaussian kernel: E[y|x] = tanh(x / sigma²).
    private func denoise(_ x: Tensor, _ sigma: Double) -> Tensor { (x / (sigma * sigma)).tanh() }

    private let start = Tensor([5.0, -31, 70, 0.4])

    /// Carries `start` down to sigma 0.3.
    private func end(_ solver: any DenoisingSolver, nodes: [Double]) throws -> (x: [Double], evaluations: Int) {
        var evaluations = 0
        let x = try solver.solve(start, along: nodes, noise: { _, _ in Tensor.zeros([4], dtype: .float64) }) {
            evaluations += 1
            return denoise($0, $1)
        }
        return (try x.array(of: Double.self), evaluations)
    }

    @Test("Each solver converges with its order", arguments: solvers.indices)
    func order(index: Int) throws {
        let (name, solver, range) = Self.solvers[index]
        func nodes(_ count: Int) -> [Double] { NoiseLevels.logLinear(count + 1, low: 0.3, high: 20) }
        let exact = try end(Heun(), nodes: nodes(20_000)).x
        func error(_ count: Int) throws -> Double {
            zip(try end(solver, nodes: nodes(count)).x, exact).map { abs($0 - $1) }.max() ?? 0
        }
        let (coarse, fine) = (try error(64), try error(256))
        let measured = log(coarse / fine) / log(4.0)
        #expect(range.contains(measured), "\(name): order \(measured), errors \(coarse) and \(fine)")
    }

    @Test("A solver asks the model as often as it says", arguments: solvers.indices, [1, 2, 3, 7])
    func evaluations(index: Int, steps: Int) throws {
        let (name, solver, _) = Self.solvers[index]
        let levels = NoiseLevels.rho(steps, low: 0.002, high: 80)
        for nodes in [levels + [0], NoiseLevels.rho(steps + 1, low: 0.002, high: 80)] {
            let promised = (0..<nodes.count - 1).map { solver.evaluations(index: $0, nodes: nodes) }.reduce(0, +)
            #expect(try end(solver, nodes: nodes).evaluations == promised, "\(name), nodes \(nodes)")
        }
        let nodes = levels + [0]
        let expected = name == "heun" ? 2 * steps - 1 : steps
        #expect((0..<steps).map { solver.evaluations(index: $0, nodes: nodes) }.reduce(0, +) == expected, "\(name)")
    }

    @Test("One step from the highest level to 0 gives the model's guess", arguments: solvers.indices)
    func singleStep(index: Int) throws {
        let got = try end(Self.solvers[index].solver, nodes: [80, 0]).x
        let expected = try denoise(start, 80).array(of: Double.self)
        for (g, e) in zip(got, expected) { #expect(abs(g - e) < 1e-12) }
    }

    @Test("A constant model is reproduced by every solver, whatever the steps", arguments: solvers.indices)
    func constantModel(index: Int) throws {
        // With E[y|x] = c the exact solution is c + (x - c)·sigma/sigma_0.
        let nodes = [20, 9, 4, 3.9, 0.5]
        let got = try Self.solvers[index].solver.solve(start, along: nodes) { x, _ in x * 0 + 2 }.array(of: Double.self)
        for (g, x) in zip(got, try start.array(of: Double.self)) { #expect(abs(g - (2 + (x - 2) * 0.5 / 20)) < 1e-10) }
    }

    @Test("Stochastic solvers without noise are their deterministic relatives")
    func withoutNoise() throws {
        let nodes = NoiseLevels.rho(9, low: 0.1, high: 30) + [0]
        let pairs: [(any DenoisingSolver, any DenoisingSolver)] = [
            (AncestralEuler(eta: 0), Euler()), (DPMSolverPPSDE(eta: 0), DPMSolverPP(.secondOrder)),
            (Heun(churn: Churn(amount: 0, inflation: 9)), Heun()), (AlphaNoise(Heun(), alpha: 0), Heun()),
            (Heun(churn: Churn(amount: 40, minimum: 100)), Heun()),
        ]
        for (a, b) in pairs {
            let (first, second) = (try end(a, nodes: nodes).x, try end(b, nodes: nodes).x)
            for (g, e) in zip(first, second) { #expect(abs(g - e) < 1e-10 * (1 + abs(e)), "\(a)") }
        }
    }

    /// Standard normal numbers that are the same everywhere, by the method of Box and Muller.
    private func normal(_ count: Int, seed: Int) -> Tensor {
        // SplitMix64: streams of neighbouring seeds must not be correlated.
        var state = UInt64(seed) &* 0xD134_2543_DE82_EF95
        func uniform() -> Double {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return (Double((z ^ (z >> 31)) >> 11) + 0.5) * 0x1p-53
        }
        return Tensor((0..<count).map { _ in (-2 * log(uniform())).squareRoot() * cos(2 * .pi * uniform()) })
    }

    static let stochastic: [(solver: any DenoisingSolver, steps: Int)] = [
        (AncestralEuler(), 200), (AncestralEuler(eta: 0.5), 200), (DPMSolverPPSDE(), 40),
        (DPMSolverPPSDE(eta: 0.5), 40),
        (Heun(churn: Churn(amount: 10)), 40),
    ]

    @Test("Stochastic solvers keep the spread of Gaussian data", arguments: stochastic.indices)
    func spread(index: Int) throws {
        // Data N(0, 1): E[y|x] = x / (1 + sigma²); at any level x has variance 1 + sigma².
        let (solver, steps) = Self.stochastic[index]
        let nodes = NoiseLevels.rho(steps, low: 0.02, high: 20) + [0]
        let end = try solver.solve(
            normal(10_000, seed: 1) * 401.0.squareRoot(), along: nodes,
            noise: { normal(10_000, seed: 100 * $0 + $1 + 2) }, denoise: { $0 / (1 + $1 * $1) })
        let variance = try end.squared().mean().item()
        #expect(abs(variance - 1) < 0.1, "\(solver): variance \(variance)")
    }

    @Test("Solvers say whether they add noise")
    func addsNoise() {
        for (name, solver, _) in Self.solvers { #expect(!solver.addsNoise, "\(name)") }
        for (solver, _) in Self.stochastic { #expect(solver.addsNoise, "\(solver)") }
        #expect(AlphaNoise(Euler(), alpha: 0.1).addsNoise && !AlphaNoise(Euler(), alpha: 0).addsNoise)
    }

    @Test("Churn adds noise only between its bounds, and no more than sqrt(2) - 1")
    func churnBounds() throws {
        var draws: [Int] = []
        let nodes = NoiseLevels.rho(10, low: 0.002, high: 80) + [0]
        let heun = Heun(churn: Churn(amount: 1000, minimum: 0.05, maximum: 50))
        var state = DenoisingState(x: start)
        var raised: [Double] = []
        for step in 0..<10 {
            var first = true
            try heun.step(
                &state, index: step, nodes: nodes,
                noise: { _ in
                    draws.append(step)
                    return Tensor.zeros([4], dtype: .float64)
                },
                denoise: { x, sigma in
                    if first { raised.append(sigma / nodes[step]) }
                    first = false
                    return denoise(x, sigma)
                })
        }
        #expect(draws == (0..<10).filter { (0.05...50).contains(nodes[$0]) })
        for (step, factor) in raised.enumerated() {
            #expect(abs(factor - (draws.contains(step) ? 2.0.squareRoot() : 1)) < 1e-12)
        }
    }

    @Test("A state goes on from where it was, step by step", arguments: solvers.indices)
    func resumable(index: Int) throws {
        let solver = Self.solvers[index].solver
        let nodes = NoiseLevels.rho(8, low: 0.01, high: 40) + [0]
        var state = DenoisingState(x: start)
        try solver.carry(&state, over: 0..<4, along: nodes, denoise: denoise)
        var (one, other) = (state, state)
        try solver.carry(&one, over: 4..<8, along: nodes, denoise: denoise)
        try solver.carry(&other, over: 4..<8, along: nodes, denoise: denoise)
        #expect(try one.x.array(of: Double.self) == other.x.array(of: Double.self))
        #expect(try one.x.array(of: Double.self) == end(solver, nodes: nodes).x && one.guesses.count <= 3)
    }

    @Test("An error of the model or of the noise ends the step")
    func errors() {
        struct Stop: Error {}
        var state = DenoisingState(x: start)
        for (_, solver, _) in Self.solvers {
            #expect(throws: Stop.self) {
                try solver.step(&state, index: 0, nodes: [2, 1, 0], noise: { _ in Tensor(0.0) }) { _, _ in throw Stop()
                }
            }
        }
        #expect(throws: Stop.self) {
            try AncestralEuler().step(&state, index: 0, nodes: [2, 1, 0], noise: { _ in throw Stop() }) { x, _ in x }
        }
    }
}
