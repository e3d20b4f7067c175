import Solvers
import Tensors
import Testing

@Suite struct SolveTests {
    private let nodes = NoiseLevels.rho(6, low: 0.1, high: 30) + [0]

    private func denoise(_ x: Tensor, _ sigma: Double) -> Tensor { x / (1 + sigma * sigma) }

    @Test("All steps at once are the steps one by one, and part after part", arguments: [1, 3, 5])
    func parts(cut: Int) throws {
        let solver = UniPC(order: 3, variant: .bh2)
        let x = Tensor([3.0, -40, 7])
        let whole = try solver.solve(x, along: nodes, denoise: denoise).array(of: Double.self)
        var (state, other) = (DenoisingState(x: x), DenoisingState(x: x))
        try solver.carry(&state, over: 0..<cut, along: nodes, denoise: denoise)
        try solver.carry(&state, over: cut..<6, along: nodes, denoise: denoise)
        for index in 0..<6 {
            try solver.step(
                &other, index: index, nodes: nodes, noise: { _ in throw NoiseMissing(step: index) }, denoise: denoise)
        }
        #expect(try state.x.array(of: Double.self) == whole && other.x.array(of: Double.self) == whole)
    }

    @Test("After each step the state is told, and noise is asked for by step and draw")
    func observed() throws {
        var (told, asked): ([Int], [String]) = ([], [])
        _ = try AlphaNoise(AncestralEuler(), alpha: 0.1).solve(
            Tensor([1.0]), along: nodes,
            noise: { step, draw in
                asked.append("\(step).\(draw)")
                return Tensor([0.0])
            },
            after: { step, state in
                told.append(step)
                #expect(state.x.shape == [1])
            }, denoise: denoise)
        #expect(told == Array(0..<6))
        #expect(asked == (0..<6).flatMap { $0 < 5 ? ["\($0).16", "\($0).0"] : ["\($0).16"] })
    }

    @Test("A solver that adds noise says so where none is given")
    func noNoise() throws {
        let error = #expect(throws: NoiseMissing.self) {
            try AncestralEuler().solve(Tensor([1.0]), along: nodes, denoise: denoise)
        }
        #expect(error?.step == 0 && error?.description.contains("step 0") == true)
        #expect(try Euler().solve(Tensor([1.0]), along: [3], denoise: denoise).item() == 1)
        #expect(try Euler().solve(Tensor([1.0]), along: [], denoise: denoise).item() == 1)
    }
}
