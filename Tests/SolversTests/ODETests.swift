import Foundation
import Solvers
import Tensors
import Testing

@Suite("Ordinary differential equations") struct ODETests {
    /// A system whose solution is known: x' = x·cos t and, in a second tensor, y' = y·(1 - y).
    private enum Known {
        static let start = [Tensor([1.0, -2, 0.5]), Tensor([0.1, 0.6], shape: [2, 1])]

        static func velocity(_ x: [Tensor], _ t: Double) -> [Tensor] { [x[0] * cos(t), x[1] * (1 - x[1])] }

        static func exact(_ t: Double) -> [Double] {
            let x = [1.0, -2, 0.5].map { $0 * exp(sin(t)) }
            return x + [0.1, 0.6].map { $0 * exp(t) / (1 - $0 + $0 * exp(t)) }
        }

        /// How far a solution is off at a time.
        static func error(_ x: [Tensor], _ t: Double) throws -> Double {
            zip(try numbers(x), exact(t)).map { abs($0 - $1) }.max() ?? 0
        }
    }

    private static func numbers(_ x: [Tensor]) throws -> [Double] { try x.flatMap { try $0.array(of: Double.self) } }

    private static func grid(_ count: Int, from start: Double = 0, to end: Double = 2) -> [Double] {
        (0...count).map { start + (end - start) * Double($0) / Double(count) }
    }

    /// Methods of fixed steps with the order that they must show.
    static let fixed: [(name: String, tableau: ButcherTableau)] = {
        func lower(_ pair: EmbeddedPair) -> ButcherTableau {
            ButcherTableau(
                nodes: pair.tableau.nodes, stages: pair.tableau.stages,
                weights: zip(pair.tableau.weights, pair.error).map { $0 - $1 }, order: pair.tableau.order - 1)
        }
        return [
            ("euler", .euler), ("midpoint", .midpoint), ("heun", .heun()), ("ralston", .heun(alpha: 2.0 / 3)),
            ("heun 0.3", .heun(alpha: 0.3)), ("rk4", .rk4), ("3/8 rule", .rk4ThreeEighths),
            ("torchdyn's rk4", .rk4Torchdyn), ("bosh3", EmbeddedPair.bosh3.tableau),
            ("bosh3, lower", lower(.bosh3)), ("dopri5", EmbeddedPair.dopri5.tableau),
            ("dopri5, lower", lower(.dopri5)), ("tsit5", EmbeddedPair.tsit5.tableau), ("tsit5, lower", lower(.tsit5)),
        ]
    }()

    static let pairs: [(name: String, solver: EmbeddedRK)] = [
        ("bosh3", .bosh3), ("dopri5", .dopri5), ("tsit5", .tsit5),
    ]

    private static func with(_ solver: EmbeddedRK, _ tolerance: Double) -> EmbeddedRK {
        EmbeddedRK(solver.pair, absolute: tolerance, relative: tolerance)
    }

    @Test("Every method converges with its order", arguments: fixed.indices)
    func order(index: Int) throws {
        let (name, tableau) = Self.fixed[index]
        let solver = ExplicitRK(tableau)
        func error(_ steps: Int) throws -> Double {
            let solution = try solver.solve(Known.start, at: Self.grid(steps), Known.velocity)
            return try Known.error(solution.states[steps], 2)
        }
        let (coarse, fine) = (try error(24), try error(96))
        let measured = log(coarse / fine) / log(4.0)
        let excess = measured - Double(solver.order)
        #expect((-0.35...0.6).contains(excess), "\(name): order \(measured), errors \(coarse), \(fine)")
    }

    @Test("The polynomial during a step has the order that is said of it, and begins and ends as the step does")
    func dense() throws {
        for ((name, solver), order) in zip(Self.pairs, [4.0, 5, 5]) {
            func error(_ h: Double) throws -> Double {
                var state = ODEState(x: Known.start)
                state.h = h
                let step = try Self.with(solver, 1).interpolatedStep(&state, until: 2, Known.velocity)
                #expect(step.start == 0 && step.end == h && state.t == h, "\(name)")
                #expect(try Self.numbers(step(h)) == Self.numbers(state.x))
                #expect(try Self.numbers(step(0)) == Self.numbers(Known.start))
                // Both ends are met without a jump.
                #expect(try Known.error(step(h * (1 - 1e-9)), h) < Known.error(state.x, h) + 1e-8)
                return try (1...9).map { try Known.error(step(h * Double($0) / 10), h * Double($0) / 10) }.max() ?? 0
            }
            let measured = log(try error(0.1) / error(0.025)) / log(4.0)
            #expect(abs(measured - order) < 0.4, "\(name): \(measured)")
        }
    }

    @Test("The error follows the tolerance", arguments: pairs.indices)
    func tolerance(index: Int) throws {
        let (name, solver) = Self.pairs[index]
        var last = Double.infinity
        for tolerance in [1e-3, 1e-5, 1e-7, 1e-9] {
            let end = try Self.with(solver, tolerance).solve(Known.start, at: [0, 2], Known.velocity).states[1]
            let error = try Known.error(end, 2)
            #expect(error < 30 * tolerance && error < last, "\(name): \(error) for \(tolerance)")
            last = error
        }
    }

    @Test("Times between steps are interpolated as well as the steps are, without more evaluations")
    func between() throws {
        let times = Self.grid(57)
        for (name, solver) in Self.pairs {
            let solver = Self.with(solver, 1e-6)
            let few = try solver.solve(Known.start, at: [0, 2], Known.velocity)
            let many = try solver.solve(Known.start, at: times, Known.velocity)
            #expect(many.evaluations == few.evaluations && many.times == times)
            #expect(try Self.numbers(many.states[57]) == Self.numbers(few.states[1]))
            for (time, state) in zip(times, many.states) {
                #expect(try Known.error(state, time) < 1e-4, "\(name) at \(time)")
            }
        }
    }

    @Test("Steps can be made to end at each time, which costs evaluations")
    func landing() throws {
        let times = Self.grid(40)
        for stops in [EmbeddedRK.Stops.landed, .torchdyn] {
            var solver = Self.with(.dopri5, 1e-6)
            solver.stops = stops
            let solution = try solver.solve(Known.start, at: times, Known.velocity)
            for (time, state) in zip(times, solution.states) { #expect(try Known.error(state, time) < 1e-6) }
            #expect(solution.evaluations >= 2 + 6 * 40)
        }
    }

    @Test("Evaluations are counted exactly, those of rejected steps included")
    func evaluations() throws {
        // A bump at t = 1 makes the long steps fail that the straight way before it allows.
        func bump(_ x: [Tensor], _ t: Double) -> [Tensor] { [x[0] * 0 + (1 + exp(-100 * (t - 1) * (t - 1)))] }
        for (name, solver) in Self.pairs {
            let perStep = solver.pair.tableau.nodes.count - 1
            var (calls, steps) = (0, 0)
            var state = ODEState(x: [Tensor([1.0])])
            while state.t < 2 {
                try Self.with(solver, 1e-7).step(&state, until: 2) {
                    calls += 1
                    return bump($0, $1)
                }
                steps += 1
            }
            #expect(state.evaluations == calls, "\(name)")
            #expect((calls - 2) % perStep == 0 && calls > 2 + perStep * steps, "\(name): nothing was rejected")
            #expect(try abs(state.x[0].item() - 3 - (Double.pi / 100).squareRoot()) < 1e-5, "\(name)")
        }
        var calls = 0
        for (name, tableau) in Self.fixed {
            calls = 0
            let solution = try ExplicitRK(tableau).solve(Known.start, at: Self.grid(5)) {
                calls += 1
                return Known.velocity($0, $1)
            }
            let shared = tableau.endsAtNext ? 4 : 0
            #expect(solution.evaluations == calls && calls == 5 * tableau.nodes.count - shared, "\(name)")
        }
    }

    @Test("Time runs backwards as well: what was solved forwards leads back to the start")
    func reversed() throws {
        for (name, solver) in Self.pairs {
            let solver = Self.with(solver, 1e-9)
            let end = try solver.solve(Known.start, at: [0, 2], Known.velocity).states[1]
            let back = try solver.solve(end, at: [2, 1.3, 0], Known.velocity).states
            #expect(try Known.error(back[1], 1.3) < 1e-6, "\(name)")
            #expect(try Known.error(back[2], 0) < 1e-7, "\(name)")
        }
        let end = try ExplicitRK.rk4.solve(Known.start, at: Self.grid(100), Known.velocity).states[100]
        let back = try ExplicitRK.rk4.solve(end, at: Self.grid(100).reversed(), Known.velocity).states[100]
        #expect(try Known.error(back, 0) < 1e-7)
    }

    @Test("A row of a batch is solved by fixed steps as it is alone, to the last bit")
    func rows() throws {
        let batch = Tensor([0.3, -1.2, 2, 0.1, -0.7, 0.9] as [Float], shape: [3, 2])
        func velocity(_ x: [Tensor], _ t: Double) -> [Tensor] { [(x[0] * t).sin() - x[0] * 0.5] }
        for (name, tableau) in Self.fixed {
            let solver = ExplicitRK(tableau)
            let all = try solver.solve([batch], at: Self.grid(7), velocity).states[7][0]
            for row in 0..<3 {
                let one = batch.narrowed(axis: 0, row..<row + 1)
                let alone = try solver.solve([one], at: Self.grid(7), velocity).states[7][0].array(of: Float.self)
                #expect(try alone == all.selected(axis: 0, row).array(of: Float.self), "\(name)")
            }
        }
    }

    @Test("Several tensors are one state: their errors count together")
    func together() throws {
        let solver = Self.with(.dopri5, 1e-6)
        let joined = [Tensor.concatenated(Known.start.map { $0.reshaped([-1]) })]
        let apart = try solver.solve(Known.start, at: [0, 2], Known.velocity)
        let whole = try solver.solve(joined, at: [0, 2]) { x, t in
            let parts = [x[0].narrowed(axis: 0, 0..<3), x[0].narrowed(axis: 0, 3..<5)]
            return [Tensor.concatenated(Known.velocity(parts, t))]
        }
        #expect(apart.evaluations == whole.evaluations)
        for (a, b) in zip(try Self.numbers(apart.states[1]), try Self.numbers(whole.states[1])) {
            #expect(abs(a - b) < 1e-13)
        }
    }

    @Test("By the worst sample, one row with a large error is not hidden by many with none")
    func worstSample() throws {
        // Only the first of 400 rows moves.
        let mask = Tensor((0..<400).map { $0 == 0 ? 1.0 : 0 }, shape: [400, 1])
        func velocity(_ x: [Tensor], _ t: Double) -> [Tensor] { [mask * (20 * cos(20 * t))] }
        var solver = Self.with(.dopri5, 1e-4)
        func result() throws -> (error: Double, evaluations: Int) {
            let solution = try solver.solve([mask * 0], at: [0, 3], velocity)
            return (abs(try solution.states[1][0].array(of: Double.self)[0] - sin(60)), solution.evaluations)
        }
        let all = try result()
        solver.norm = .worstSample
        let worst = try result()
        #expect(worst.error < all.error && worst.evaluations > all.evaluations, "\(all), \(worst)")
    }

    @Test("Whoever moves the state by hand need not think of its slope")
    func slope() throws {
        var state = ODEState(x: Known.start)
        try EmbeddedRK.dopri5.step(&state, until: 1, Known.velocity)
        #expect(state.slope != nil)
        state.x[0] = state.x[0] + 1
        #expect(state.slope == nil)
        try EmbeddedRK.dopri5.step(&state, until: 1, Known.velocity)
        state.t = 0
        #expect(state.slope == nil)
        let count = state.evaluations
        try EmbeddedRK.dopri5.step(&state, until: 0) { _, _ in throw ODEError.times([]) }
        #expect(state.evaluations == count && state.t == 0)
    }

    @Test("A solution at rest takes longer and longer steps")
    func rest() throws {
        let solution = try EmbeddedRK.tsit5.solve([Tensor([1.0])], at: [0, 1]) { x, _ in [x[0] * 0] }
        #expect(try solution.states[1][0].item() == 1)
        // The first length is 1e-6 and grows tenfold a step.
        #expect(solution.evaluations == 2 + 6 * 7)
    }

    @Test("What cannot be solved is said in a sentence")
    func failures() throws {
        let one = [Tensor([1.0])]
        func failure(_ solver: EmbeddedRK = .dopri5, _ times: [Double] = [0, 2], _ velocity: Velocity) -> ODEError? {
            #expect(throws: ODEError.self) { try solver.solve(one, at: times, velocity) }
        }
        var short = EmbeddedRK.dopri5
        short.maxSteps = 500
        let stiff = failure(short) { x, t in [(x[0] - cos(t)) * -1e6] }
        guard case .tooManySteps(500, _, _) = stiff else { Issue.record("\(String(describing: stiff))"); return }
        #expect(stiff?.description.contains("It may be stiff: loosen the tolerances") == true)
        // x' = x^2 from 1 is infinite at t = 1.
        let blown = failure { x, _ in [x[0] * x[0]] }
        guard case let .stepTooShort(t, _) = blown else { Issue.record("\(String(describing: blown))"); return }
        #expect(abs(t - 1) < 1e-3 && blown?.description.contains("cannot be solved beyond t = ") == true)
        #expect(failure { x, _ in [x[0] * Double.nan] } == .notFinite(t: 0))
        #expect(failure { _, _ in [] } == .count(0, wanted: 1))
        #expect(failure(.dopri5, [0, 1, 1]) { x, _ in x } == .times([0, 1, 1]))
        #expect(failure(.dopri5, [0, .nan]) { x, _ in x } != nil)
        #expect(throws: TensorError.self) {
            try EmbeddedRK.dopri5.solve(one, at: [0, 1]) { _, _ in [Tensor([1.0, 2]).matmul(Tensor([1.0]))] }
        }
    }
}
