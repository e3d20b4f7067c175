import Foundation
import Solvers
import Tensors
import Testing

@Suite struct GeneralizedEDMTests {
    /// A way of the generalised sampler.
    struct Choice: CustomStringConvertible, Sendable {
        var method = GeneralizedEDM.Method.secondOrder(alpha: 1)
        var discretization = EDMDiscretization.edm()
        var schedule = GeneralizedEDM.Schedule.linear
        var scaling = GeneralizedEDM.Scaling.none

        var description: String { "\(method) \(discretization) \(schedule) \(scaling)" }

        /// Carries four numbers from sigma 20 down to sigma 0.3.
        func end(_ steps: Int) throws -> [Double] {
            let times = try discretization.times(steps, low: 0.3, high: 20, schedule: schedule)
            let solver = GeneralizedEDM(method, schedule: schedule, scaling: scaling)
            var state = DenoisingState(x: Tensor([0.3, -1.6, 2, 0.05]) * solver.spread(at: times[0]))
            try solver.carry(&state, over: 0..<steps - 1, along: times) { x, sigma in (x / (sigma * sigma)).tanh() }
            return try state.x.array(of: Double.self)
        }
    }

    static let choices = [
        Choice(method: .euler), Choice(), Choice(method: .secondOrder(alpha: 0.5)),
        Choice(discretization: .ve, schedule: .ve), Choice(schedule: .ve, scaling: .vp),
        Choice(method: .secondOrder(alpha: 0.7), scaling: .vp),
        Choice(discretization: .vp(), schedule: .vp(low: 0.3, high: 20), scaling: .vp),
    ]

    @Test(
        "It converges with its order for every discretisation, schedule and scaling", arguments: choices.indices)
    func order(index: Int) throws {
        let choice = Self.choices[index]
        var exactly = choice
        exactly.method = .secondOrder(alpha: 1)
        let exact = try exactly.end(20_001)
        func error(_ steps: Int) throws -> Double {
            zip(try choice.end(steps), exact).map { abs($0 - $1) }.max() ?? 0
        }
        let (coarse, fine) = (try error(129), try error(513))
        let measured = log(coarse / fine) / log(4.0)
        let range = choice.method == .euler ? 0.8...1.3 : 1.7...2.5
        #expect(range.contains(measured), "\(choice): order \(measured), errors \(coarse) and \(fine)")
    }

    @Test("Times and levels are each other's inverse, and slopes are their derivatives", arguments: choices.indices)
    func schedules(index: Int) {
        let schedule = Self.choices[index].schedule
        for sigma in [0.31, 1, 7, 19.0] {
            let t = schedule.time(of: sigma)
            #expect(abs(schedule.sigma(t) - sigma) < 1e-9 * sigma)
            let difference = (schedule.sigma(t * 1.0001) - schedule.sigma(t * 0.9999)) / (t * 0.0002)
            #expect(abs(schedule.slope(t) / difference - 1) < 1e-4)
        }
    }

    @Test("Discretisations have the ends they are given, and fall", arguments: [EDMDiscretization.vp(), .ve, .edm()])
    func levels(discretization: EDMDiscretization) throws {
        let levels = try discretization.levels(9, low: 0.01, high: 50)
        #expect(abs(levels[0] - 50) < 1e-9 && abs(levels[8] - 0.01) < 1e-9)
        #expect(zip(levels, levels.dropFirst()).allSatisfy { $0 > $1 })
    }

    @Test("Bounds that no discretisation goes through are refused")
    func impossible() throws {
        #expect(throws: EDMDiscretization.Impossible.noLevel(low: 1e-5, high: 2e-5)) {
            try EDMDiscretization.iddpm().levels(5, low: 1e-5, high: 2e-5)
        }
        #expect(throws: EDMDiscretization.Impossible.noTimes(low: 5, high: 1)) {
            try EDMDiscretization.edm().times(5, low: 5, high: 1, schedule: .linear)
        }
    }

    @Test("It says how often it asks, and that its nodes are times")
    func promises() throws {
        let times = try EDMDiscretization.edm().times(6, low: 0.1, high: 10, schedule: .ve)
        for (method, expected) in [(GeneralizedEDM.Method.euler, 6), (.secondOrder(alpha: 0.5), 11)] {
            let solver = GeneralizedEDM(method, schedule: .ve)
            var asked = 0
            _ = try solver.solve(Tensor([1.0]), along: times) { x, _ in
                asked += 1
                return x * 0
            }
            #expect(asked == expected)
            #expect((0..<6).reduce(0) { $0 + solver.evaluations(index: $1, nodes: times) } == expected)
            #expect(!solver.nodesAreLevels && abs(solver.level(of: times[0]) - 10) < 1e-9)
        }
        #expect(Heun().nodesAreLevels && Heun().level(of: 3) == 3 && Heun().spread(at: 3) == 3)
    }
}
