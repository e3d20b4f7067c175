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
        var optimizer = try Adam([parameter])
        if dtype == .float64 {
            optimizer = Adam(first: [.zeros([5], dtype: dtype)], second: [.zeros([5], dtype: dtype)], stepCount: 0)
        }
        optimizer.weightDecay = decay
        var expected = try parameter.values
        var plain = [PlainAdam](repeating: PlainAdam(), count: 5)
        for step in 0..<20 {
            let gradient = numbers(5, seed: UInt64(step + 10))
            let lr = 0.01 * Double(step)
            try optimizer.step([parameter], gradients: [Tensor(gradient).to(dtype)], learningRate: lr)
            for k in 0..<5 { expected[k] = plain[k].step(expected[k], gradient[k], lr: lr, decay: decay) }
        }
        #expect(optimizer.stepCount == 20)
        expectEqual(try parameter.values, expected, tolerance: dtype == .float32 ? 1e-5 : 1e-12)
        expectEqual(try optimizer.first[0].values, plain.map(\.m), tolerance: 1e-6)
        expectEqual(try optimizer.second[0].values, plain.map(\.v), tolerance: 1e-6)
    }

    @Test("Adam refuses lists that do not fit, and then changes nothing")
    func mismatch() throws {
        let parameter = Tensor([1, 2] as [Float])
        var optimizer = try Adam([parameter])
        #expect(tensorError { try optimizer.step([parameter], gradients: [], learningRate: 1) }?.op == "adam")
        let wrong = Tensor([1, 2, 3] as [Float])
        #expect(tensorError { try optimizer.step([parameter], gradients: [wrong], learningRate: 1) } != nil)
        let broken = wrong.reshaped([7])
        #expect(tensorError { try optimizer.step([parameter], gradients: [broken], learningRate: 1) }?.op == "reshape")
        #expect(try parameter.values == [1, 2] && optimizer.stepCount == 0)
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
