import Foundation
import Tensors
import Testing

@Suite struct OptimizerTests {
    /// Adam written out for one number (Kingma and Ba, 2015, algorithm 1; weight decay as in AdamW).
    struct PlainAdam {
        var (m, v, t) = (0.0, 0.0, 0)

        mutating func step(_ p: Double, _ g: Double, lr: Double, decay: Double) -> Double {
            t += 1
            m = 0.9 * m + 0.1 * g
            v = 0.999 * v + 0.001 * g * g
            let (first, second) = (m / (1 - pow(0.9, Double(t))), v / (1 - pow(0.999, Double(t))))
            return p * (1 - lr * decay) - lr * first / (second.squareRoot() + 1e-8)
        }
    }

    @Test("Adam follows the formula", arguments: [DType.float32, .float64], [0.0, 0.1])
    func adam(dtype: DType, decay: Double) throws {
        let parameter = Tensor(numbers(5)).to(dtype)
        let adam = Adam(decay: decay == 0 ? .none : .decoupled(decay))
        let memory = [[Tensor.zeros([5], dtype: dtype)], [Tensor.zeros([5], dtype: dtype)]]
        var expected = try parameter.values
        var plain = [PlainAdam](repeating: PlainAdam(), count: 5)
        for step in 0..<20 {
            let gradient = numbers(5, seed: UInt64(step + 10))
            let lr = 0.01 * Double(step)
            try adam.step(
                [parameter], gradients: [Tensor(gradient).to(dtype)], memory: memory, rate: lr, number: step + 1)
            for k in 0..<5 { expected[k] = plain[k].step(expected[k], gradient[k], lr: lr, decay: decay) }
        }
        expectEqual(try parameter.values, expected, tolerance: dtype == .float32 ? 1e-5 : 1e-12)
        expectEqual(try memory[0][0].values, plain.map(\.m), tolerance: 1e-6)
        expectEqual(try memory[1][0].values, plain.map(\.v), tolerance: 1e-6)
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let rule: any UpdateRule
        let rate: Double
        let expected: [Double]
        var testDescription: String { name }
    }

    /// What LibTorch's own optimisers (`torch::optim`, version 2.13) make of three numbers in five steps.
    static let cases = [
        Case(
            name: "Adam", rule: Adam(), rate: 0.01, expected: [0.477594227, -1.26267517, 1.99775255]),
        Case(
            name: "Adam, L2", rule: Adam(decay: .l2(0.1)), rate: 0.01,
            expected: [0.475417912, -1.25620604, 1.98685479]),
        Case(
            name: "AdamW", rule: Adam(decay: .decoupled(0.1)), rate: 0.01,
            expected: [0.475163311, -1.25639606, 1.98779404]),
        Case(name: "SGD", rule: SGD(), rate: 0.05, expected: [0.445361406, -1.26592088, 2.03743458]),
        Case(
            name: "SGD, momentum", rule: SGD(momentum: 0.9), rate: 0.05,
            expected: [0.350353599, -1.3349781, 2.05781865]),
        Case(
            name: "SGD, Nesterov, L2", rule: SGD(momentum: 0.9, isNesterov: true, l2: 0.1), rate: 0.05,
            expected: [0.275414079, -1.2353121, 1.92296362]),
    ]

    @Test("Rules are PyTorch's", arguments: cases)
    func sameAsPyTorch(one: Case) throws {
        let parameter = try Tensor([0.5, -1.25, 2] as [Float]).requiringGradient()
        let memory = one.rule.memories.map { _ in [Tensor.zeros([3])] }
        for step in 0..<5 {
            let gradient = Tensor((0..<3).map { Float(sin(1.0 + Double($0) + 2 * Double(step))) })
            let before = try gradient.values
            try one.rule.step([parameter], gradients: [gradient], memory: memory, rate: one.rate, number: step + 1)
            #expect(try gradient.values == before)
        }
        expectEqual(try parameter.values, one.expected, tolerance: 2.5e-7)
    }

    @Test(
        "Lists that do not fit are refused, and nothing is changed",
        arguments: [Adam(), SGD(momentum: 0.9)] as [any UpdateRule])
    func mismatch(rule: any UpdateRule) throws {
        let parameters = [Tensor([1, 2] as [Float]), Tensor([3, 4] as [Float])]
        let memory = rule.memories.map { _ in [Tensor.zeros([2]), Tensor.zeros([2])] }
        func step(_ gradients: [Tensor]) -> TensorError? {
            tensorError { try rule.step(parameters, gradients: gradients, memory: memory, rate: 1, number: 1) }
        }
        let (right, wrong) = (Tensor([1, 2] as [Float]), Tensor([1, 2, 3] as [Float]))
        #expect(step([])?.message.contains("2 parameters, 0 gradients") == true)
        #expect(step([right, wrong])?.message.contains("parameter 1 is [2]") == true)
        #expect(step([right, wrong.reshaped([7])])?.op == "reshape")
        #expect(try parameters.flatMap { try $0.values } == [1, 2, 3, 4])
        #expect(try memory.flatMap { try $0.flatMap { try $0.values } }.allSatisfy { $0 == 0 })
    }

    @Test("The moving average follows its formula", arguments: [0.0, 0.3, 0.9, 0.9999, 1.0])
    func average(decay: Double) throws {
        for dtype in [DType.float32, .float64] {
            let (average, target) = (Tensor(numbers(6)).to(dtype), Tensor(numbers(6, seed: 2)).to(dtype))
            let expected = zip(try average.values, try target.values).map { decay * $0 + (1 - decay) * $1 }
            try TensorList.movingAverage([average], towards: [target], decay: decay)
            expectEqual(try average.values, expected, tolerance: 3e-7)
        }
    }

    @Test("A decay of 0 copies bit by bit")
    func copies() throws {
        let (average, target) = (Tensor(numbers(6)).to(.float32), Tensor(numbers(6, seed: 2)).to(.float32))
        try TensorList.movingAverage([average], towards: [target], decay: 0)
        #expect(try average.array(of: Float.self) == target.array(of: Float.self))
    }

    @Test("Norms, sums and cleaning work on whole lists")
    func lists() throws {
        #expect(try TensorList.norm([Tensor([3.0]), Tensor([0.0, 4])]) == 5)
        let sum = Tensor([1.0, 2])
        try TensorList.add([Tensor([10.0, 20])], to: [sum], scale: 0.5)
        #expect(try sum.values == [6, 12])
        let wild = Tensor([Double.nan, .infinity, -.infinity, 7])
        try TensorList.clean([wild], limit: 1e5)
        #expect(try wild.values == [0, 1e5, -1e5, 7])
    }
}
