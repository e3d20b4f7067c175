import Foundation
import Genera
import GeneraTesting
import PFGMPP
import Testing

/// PFGM++ from Swift, without a command line.
@Suite struct FrontDoorTests {
    private func model(
        _ configuration: NetworkConfiguration, in folder: TemporaryFolder
    ) throws -> (model: PFGMPP.Model, path: String) {
        let context = try Tiny.context(configuration, in: folder)
        let path = try #require(context.checkpoint)
        return (try PFGMPP.load(path), path)
    }

    private static let conditional = Tiny.configuration { ($0.labelDim, $0.labelDropout) = (3, 0.1) }

    static let pairs: [(words: [String], sampling: PFGMPP.Sampling)] = [
        ([], .init()),
        (["--steps", "4", "--label", "1"], .init(levels: .rho(steps: 4), labels: .fixed(1))),
        (["--solver", "euler", "--steps", "3"], .init(solver: .euler, levels: .rho(steps: 3))),
        (["--solver", "unipc-2", "--nfe", "5"], .init(solver: .unipc(order: 2), levels: .rho(steps: 5))),
        (
            ["--solver", "unipc-3", "--unipc-variant", "bh1", "--schedule", "ays", "--steps", "4"],
            .init(solver: .unipc(order: 3, variant: .bh1), levels: .alignYourSteps(steps: 4))
        ),
        (
            ["--solver", "dpmpp-2m", "--schedule", "loglinear", "--steps", "4", "--sigma-max", "20"],
            .init(solver: .dpmpp2m, levels: .logLinear(steps: 4, bounds: .init(high: 20)))
        ),
        (
            ["--solver", "dpmpp-2m-sde", "--eta", "0.5", "--schedule", "cosine", "--steps", "4"],
            .init(solver: .dpmpp2mSDE(eta: 0.5), levels: .cosine(steps: 4))
        ),
        (
            ["--solver", "euler-a", "--schedule", "vp", "--steps", "4"],
            .init(solver: .eulerAncestral(), levels: .variancePreserving(steps: 4))
        ),
        (
            ["--S-churn", "4", "--S-noise", "1.01", "--steps", "4"],
            .init(solver: .heun(churn: Churn(amount: 4, inflation: 1.01)), levels: .rho(steps: 4))
        ),
        (
            ["--sigmas", "20,4,0.5", "--solver", "dpmpp-3m"],
            .init(solver: .dpmpp3m, levels: .listed([20, 4, 0.5]))
        ),
        (
            ["--sigmas", "20,4,0.5", "--steps", "5", "--solver", "dpmpp-3m-full"],
            .init(solver: .dpmpp3mFull, levels: .listed([20, 4, 0.5], steps: 5))
        ),
        (
            ["--solver", "dpmpp-2m-sde", "--brownian", "--steps", "4"],
            .init(solver: .dpmpp2mSDE(), levels: .rho(steps: 4), numbers: .motion)
        ),
        (["--alpha", "0.1", "--steps", "4"], .init(solver: .disturbed(.heun(), alpha: 0.1), levels: .rho(steps: 4))),
        (
            ["--guidance", "2", "--label", "2", "--steps", "3"],
            .init(levels: .rho(steps: 3), labels: .fixed(2), guidance: 2)
        ),
        (["--D", "16", "--override-D", "--steps", "3"], .init(levels: .rho(steps: 3), D: 16)),
        (["--seed-compat", "--steps", "3"], .init(levels: .rho(steps: 3), numbers: .reference)),
        (["--disc", "edm", "--steps", "4"], .init(.generalized(generalized { $0.steps = 4 }))),
        (
            [
                "--disc", "vp", "--schedule", "vp", "--scaling", "vp", "--epsilon-s", "0.01", "--rk-alpha", "0.5",
                "--steps",
                "4",
            ],
            .init(
                .generalized(
                    generalized {
                        ($0.discretization, $0.schedule, $0.scaling) = (.vp(epsilon: 0.01), .vp(epsilon: 0.01), .vp)
                        ($0.method, $0.steps) = (.secondOrder(alpha: 0.5), 4)
                    }))
        ),
    ]

    private static func generalized(_ change: (inout PFGMPP.Generalized) -> Void) -> PFGMPP.Generalized {
        var choices = PFGMPP.Generalized()
        change(&choices)
        return choices
    }

    @Test("Values draw what the words of the command line draw", arguments: pairs.indices)
    func valuesAreWords(index: Int) throws {
        let folder = TemporaryFolder()
        let (model, path) = try model(Self.conditional, in: folder)
        let (words, sampling) = Self.pairs[index]
        let sampler = try PFGMPP.sampler(
            try PFGMPPSamplingOptions.parse(words), RunContext(seed: 5, checkpoint: path))
        let expected = try Tiny.pictures(sampler, SamplingRequest(indices: [0, 1, 2], seed: 5))
        #expect(try model.sample(3, seed: 5, sampling) == expected, "\(words)")
    }

    @Test("Sample i of a seed is the same whatever the count")
    func addressed() throws {
        let folder = TemporaryFolder()
        let model = try model(Tiny.configuration(), in: folder).model
        let sampling = PFGMPP.Sampling(levels: .rho(steps: 3))
        let four = try model.sample(4, seed: 9, sampling)
        #expect(try model.sample(2, seed: 9, sampling) == Array(four.prefix(2)))
        #expect(try four.count == 4 && Set(four.map { "\($0.values)" }).count == 4 && model.sample(0, sampling).isEmpty)
    }

    static let faults: [(sampling: PFGMPP.Sampling, error: SamplingError)] = [
        (.init(numbers: .motion), .noMotion), (.init(solver: .eulerAncestral(eta: 0.5), numbers: .motion), .noMotion),
        (.init(labels: .fixed(0)), .noClasses), (.init(guidance: 2), .unguidable(hasClasses: false)),
        (.init(levels: .listed([1, 2])), .levelsDoNotFall([1, 2])), (.init(levels: .listed([])), .levelsDoNotFall([])),
        (.init(levels: .listed([1, 0])), .levelsDoNotFall([1, 0])),
        (
            .init(levels: .rho(bounds: .init(low: 90))), .levelsOutside(0...Double.infinity, listed: false)
        ),
        (
            .init(.generalized(generalized { ($0.discretization, $0.low, $0.high) = (.iddpm(), 1e-5, 2e-5) })),
            .impossible(.noLevel(low: 1e-5, high: 2e-5))
        ),
    ]

    @Test("What does not go with the model is refused in a sentence", arguments: faults.indices)
    func refused(index: Int) throws {
        let folder = TemporaryFolder()
        let model = try model(Tiny.configuration(), in: folder).model
        let (sampling, error) = Self.faults[index]
        #expect(throws: error) { try model.sample(1, sampling) }
        #expect(error.kind == .usage && error.description.hasSuffix("."))
    }

    @Test("Models with classes refuse classes that they do not have")
    func classes() throws {
        let folder = TemporaryFolder()
        let model = try model(Tiny.configuration { $0.labelDim = 3 }, in: folder).model
        #expect(throws: SamplingError.classOutside(3, count: 3)) { try model.sample(1, .init(labels: .fixed(3))) }
        #expect(throws: SamplingError.unguidable(hasClasses: true)) { try model.sample(1, .init(guidance: 2)) }
        #expect(throws: SamplingError.otherKind(isOfPoints: false)) { try model.points(1) }
    }

    @Test("Any denoiser of points can be drawn from: the closed form of two points")
    func closedForm() throws {
        let denoiser = PointsDenoiser(points: Tensor([1, 0, -1, 0.5], shape: [2, 2]), kernel: StudentT(D: 32))
        let drawn = try PFGMPP.points(200, by: denoiser, seed: 3, .init(levels: .rho(steps: 30), D: 32))
        let places = drawn.flatMap(\.points)
        #expect(places.count == 200)
        let near = places.count { abs($0.x - 1) + abs($0.y) < 0.02 || abs($0.x + 1) + abs($0.y - 0.5) < 0.02 }
        #expect(near > 195, "\(near) of 200")
    }

    @Test("With a Brownian motion more steps refine the same sample; with fresh noise they draw another")
    func refined() throws {
        let denoiser = PointsDenoiser(points: Tensor([1, 0, -1, 0.5], shape: [2, 2]), kernel: StudentT(D: .infinity))
        func drawn(_ steps: Int, _ numbers: PFGMPP.Numbers) throws -> [Point] {
            let sampling = PFGMPP.Sampling(
                solver: .dpmpp2mSDE(), levels: .rho(steps: steps, bounds: .init(low: 0.01)), numbers: numbers)
            return try PFGMPP.points(100, by: denoiser, seed: 3, sampling).flatMap(\.points)
        }
        func moved(_ numbers: PFGMPP.Numbers) throws -> Int {
            zip(try drawn(60, numbers), try drawn(120, numbers)).count { abs($0.x - $1.x) > 1 }
        }
        // Those that stay undecided to the end may turn to the other point.
        let (motion, fresh) = (try moved(.motion), try moved(.own))
        #expect(motion < 15 && fresh > 2 * motion, "\(motion) and \(fresh) of 100 moved to the other point")
    }

    @Test("A model that is not there is an error that lists what is known")
    func missing() throws {
        #expect(throws: GeneraError.self) { try PFGMPP.load("no-such-model") }
    }
}
