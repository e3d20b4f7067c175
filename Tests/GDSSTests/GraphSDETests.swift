import Foundation
import GDSS
import Genera
import Testing

/// The two equations beside closed forms that are worked out in double precision.
@Suite struct GraphSDETests {
    static let equations: [GraphSDE] = {
        let list: [(GraphSDE.Kind, Float, Float)] = [
            (.vp, 0.1, 1), (.vp, 0.2, 0.8), (.vp, 0.1, 20), (.ve, 0.1, 1), (.ve, 0.2, 1), (.subVP, 0.1, 1),
        ]
        return list.compactMap { try? GraphSDE($0, low: $1, high: $2) }
    }()
    static let times: [Float] = [0.05, 0.2, 0.5, 0.9, 1]

    @Test("VP keeps a variance of 1, and subVP has the square of its variance of noise", arguments: times)
    func variances(t: Float) throws {
        let vp = try GraphSDE(.vp, low: 0.1, high: 1).marginal(t)
        #expect(abs(vp.mean * vp.mean + vp.deviation * vp.deviation - 1) < 1e-6)
        let sub = try GraphSDE(.subVP, low: 0.1, high: 1).marginal(t)
        #expect(sub.mean == vp.mean)
        #expect(abs(sub.deviation - vp.deviation * vp.deviation) < 1e-6)
        #expect(sub.deviation < vp.deviation)
    }

    @Test("Means and variances are what drift and diffusion make of them", arguments: equations)
    func marginals(sde: GraphSDE) throws {
        // d/dt mean = drift · mean, d/dt variance = 2 drift · variance + g², by the midpoint rule.
        let start: Float = 1e-3
        let (n, end) = (20_000, 0.7)
        let law = sde.marginal(start)
        var (mean, variance) = (Double(law.mean), pow(Double(law.deviation), 2))
        let h = (end - Double(start)) / Double(n)
        for k in 0..<n {
            let (f, g) = sde.coefficients(Float(Double(start) + (Double(k) + 0.5) * h))
            let (drift, square) = (Double(f), Double(g) * Double(g))
            let half = variance + (2 * drift * variance + square) * h / 2
            variance += (2 * drift * half + square) * h
            mean *= exp(drift * h)
        }
        let found = sde.marginal(Float(end))
        #expect(abs(Double(found.mean) - mean) < 1e-4 * mean)
        #expect(abs(Double(found.deviation) - variance.squareRoot()) < 1e-3 * variance.squareRoot())
    }

    @Test("The discrete chain becomes the continuous one as its steps grow short", arguments: equations)
    func discretised(sde: GraphSDE) throws {
        var fine = sde
        fine.steps = 20_000
        for t in Self.times {
            let (f, G) = fine.discretised(t)
            let (drift, g) = fine.coefficients(t)
            let k = Float(fine.steps)
            #expect(abs(f * k - drift) < 2e-2 * max(abs(drift), 1), "f at \(t)")
            #expect(abs(G * k.squareRoot() - g) < 1e-2 * max(g, 0.1), "G at \(t)")
        }
    }

    @Test("A way back and the way forth again end where they began", arguments: equations.filter { $0.kind != .subVP })
    func transitions(sde: GraphSDE) throws {
        // x_{t+dt} = x_t / r has mean r^-1: with r the ratio of the marginals' means. Two half ways make a whole one.
        let (t, dt): (Float, Float) = (0.8, -0.3)
        let whole = try sde.transition(t, dt)
        let (first, second) = try (sde.transition(t, dt / 2), sde.transition(t + dt / 2, dt / 2))
        #expect(abs(whole.mean - first.mean * second.mean) < 1e-5)
        #expect(abs(whole.mean - sde.marginal(t + dt).mean / sde.marginal(t).mean) < 1e-5)
        if sde.kind == .ve {
            let sum = first.deviation * first.deviation + second.deviation * second.deviation
            #expect(abs(whole.deviation * whole.deviation - sum) < 1e-5)
        } else {
            // The variance that the way forth would have added, seen from its end.
            let ratio = sde.marginal(t).mean / sde.marginal(t + dt).mean
            #expect(abs(whole.deviation * whole.deviation - (1 - ratio * ratio)) < 1e-5)
        }
    }

    @Test("subVP has no transition, and says what to do instead")
    func noTransition() throws {
        let sde = try GraphSDE(.subVP, low: 0.1, high: 1)
        #expect(throws: GeneraError.self) { try sde.transition(0.5, -0.1) }
        var sampling = GDSSSampling()
        sampling.predictor = .s4
        #expect(throws: GeneraError.self) { try sde.check(sampling) }
        sampling.predictor = .reverse
        try sde.check(sampling)
    }

    @Test(
        "Numbers that make no equation are refused",
        arguments: [
            (0, 1, 10), (-0.1, 1, 10), (1, 0.5, 10), (.nan, 1, 10), (0.1, .infinity, 10), (0.1, 1, 1), (0.1, 1, 0),
        ] as [(Float, Float, Int)])
    func refused(low: Float, high: Float, steps: Int) {
        for kind in GraphSDE.Kind.allCases {
            #expect(throws: GeneraError.self) { try GraphSDE(kind, low: low, high: high, steps: steps) }
        }
    }

    @Test("Ways of drawing that an equation does not go with are refused")
    func unfit() throws {
        let sde = try GraphSDE(.vp, low: 0.1, high: 20, steps: 10)
        var sampling = GDSSSampling()
        #expect(throws: GeneraError.self) { try sde.check(sampling) }
        (sampling.predictor, sampling.corrector) = (.heun, .none)
        try sde.check(sampling)
        sampling.end = 1e-30
        #expect(throws: GeneraError.self) { try sde.check(sampling) }
    }

    @Test("Priors integrate to one and are highest at zero")
    func prior() throws {
        for sde in Self.equations {
            let h: Float = 0.01
            let total = stride(from: -12, to: 12, by: h).reduce(Double(0)) {
                $0 + Double(exp(sde.priorLogDensity([$1])) * h)
            }
            #expect(abs(total - 1) < 1e-3)
            let two = sde.priorLogDensity([0.3, -1])
            #expect(abs(two - sde.priorLogDensity([0.3]) - sde.priorLogDensity([-1])) < 1e-5)
        }
    }
}
