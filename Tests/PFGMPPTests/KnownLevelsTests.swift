import Genera
import GeneraTesting
import Testing

@testable import PFGMPP

/// Networks that know some noise levels alone, as iDDPM's do.
@Suite struct KnownLevelsTests {
    /// D(x; sigma) = x / (1 + sigma²), which writes down where it was asked.
    private final class Spy: Denoiser, @unchecked Sendable {
        let known = KnownLevels([40, 20, 10, 5, 2.5, 1.25, 0.7, 0.3, 0.1, 0.05])
        let shape = [1]
        let levels = 0.05...40
        var asked: [Double] = []

        func denoised(_ x: Tensor, sigma: Double, labels: Tensor?) throws -> Tensor {
            asked.append(sigma)
            return x * (1 / (1 + sigma * sigma))
        }
    }

    /// The end of a path from x = 3 with noise of 0.5 in each step, and where the model was asked.
    private func solved(_ way: PFGMPP.Way) throws -> (end: Double, asked: [Double]) {
        let spy = Spy()
        let path = try way.path(for: spy)
        var state = DenoisingState(x: Tensor([3.0]))
        for index in 0..<path.stepCount {
            try path.solver.step(
                &state, index: index, nodes: path.nodes, noise: { _ in Tensor([0.5]) },
                denoise: { try spy.denoised($0, sigma: $1, labels: nil) })
        }
        return (try state.x.item(), spy.asked)
    }

    /// EDM's sampler written down again, with its `round_sigma`.
    private func expected(steps: Int, churn: Double) -> Double {
        let levels = Spy().known?.levels ?? []
        func rounded(_ sigma: Double) -> Double { levels.min { abs($0 - sigma) < abs($1 - sigma) } ?? 0 }
        let nodes = NoiseLevels.rho(steps, low: 0.05, high: 40).map(rounded) + [0]
        var x = 3.0
        func denoised(_ x: Double, _ sigma: Double) -> Double { x / (1 + sigma * sigma) }
        for (level, next) in zip(nodes, nodes.dropFirst()) {
            let raised = rounded(level * (1 + min(churn / Double(steps), 2.0.squareRoot() - 1)))
            let begin = x + (raised * raised - level * level).squareRoot() * 0.5
            let slope = (begin - denoised(begin, raised)) / raised
            x = begin + (next - raised) * slope
            guard next > 0 else { break }
            let other = (x - denoised(x, next)) / next
            x = begin + (next - raised) * (slope + other) / 2
        }
        return x
    }

    @Test("Heun's method goes along known levels, with churn too, as EDM's sampler does", arguments: [0.0, 4, 30])
    func heun(churn: Double) throws {
        let way = PFGMPP.Way.solver(.heun(churn: Churn(amount: churn)), .rho(steps: 12))
        let (end, asked) = try solved(way)
        #expect(asked.allSatisfy { Spy().known?.levels.contains($0) == true }, "\(asked)")
        let goal = expected(steps: 12, churn: churn)
        #expect(abs(end - goal) < 1e-12, "\(end), expected \(goal)")
    }

    @Test("So do the generalised sampler and methods that look back, without steps of no length")
    func others() throws {
        var choices = PFGMPP.Generalized()
        (choices.schedule, choices.scaling, choices.discretization) = (.vp(), .vp, .vp())
        (choices.churn, choices.steps) = (Churn(amount: 20), 9)
        let ways: [PFGMPP.Way] = [
            .generalized(choices), .solver(.dpmpp3m, .rho(steps: 30)), .solver(.unipc(order: 3), .rho(steps: 30)),
        ]
        for way in ways {
            let (end, asked) = try solved(way)
            #expect(end.isFinite)
            for level in asked {
                let nearest = try #require(Spy().known?.nearest(to: level))
                #expect(abs(level - nearest) <= 1e-9 * nearest, "\(level) of \(way)")
            }
        }
    }

    @Test("An iDDPM network knows its own levels, and takes those alone")
    func network() throws {
        var c = NetworkConfiguration()
        (c.preconditioning, c.imgResolution, c.modelChannels, c.channelMult) = (.iddpm, 8, 8, [1])
        (c.numBlocks, c.attnResolutions) = (1, [])
        let network = try NetworkDenoiser(c, in: .drawing(seed: 1, on: .cpu))
        let known = try #require(network.known)
        #expect(known.levels.count == 1001 && known.levels.last == 0)
        #expect(abs(network.levels.lowerBound / known.levels[999] - 1) < 1e-6)
        #expect(abs(network.levels.upperBound / known.levels[0] - 1) < 1e-6)
        let path = try PFGMPP.Way.solver(.heun(), .rho()).path(for: network)
        #expect(path.nodes.dropLast().allSatisfy(known.levels.contains), "\(path.nodes)")
        #expect(path.nodes != NoiseLevels.rho(18, low: network.levels.lowerBound, high: 80) + [0])
    }
}
