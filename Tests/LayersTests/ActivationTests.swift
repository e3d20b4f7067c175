import Foundation
import Layers
import Tensors
import Testing

@Suite struct ActivationTests {
    static let all: [(activation: Activation, formula: @Sendable (Double) -> Double)] = [
        (.silu, { $0 / (1 + exp(-$0)) }),
        (.gelu, { $0 * 0.5 * (1 + erf($0 / 2.0.squareRoot())) }),
        (.geluTanh, { 0.5 * $0 * (1 + tanh((2 / Double.pi).squareRoot() * ($0 + 0.044715 * $0 * $0 * $0))) }),
        (.relu, { max($0, 0) }),
        (.elu(), { $0 > 0 ? $0 : exp($0) - 1 }),
        (.elu(alpha: 0.3), { $0 > 0 ? $0 : 0.3 * (exp($0) - 1) }),
        (.selu, { 1.0507009873554805 * ($0 > 0 ? $0 : 1.6732632423543772 * (exp($0) - 1)) }),
        (.leakyRelu(), { $0 > 0 ? $0 : 0.01 * $0 }),
        (.leakyRelu(slope: 0.2), { $0 > 0 ? $0 : 0.2 * $0 }),
        (.tanh, { tanh($0) }),
        (.sigmoid, { 1 / (1 + exp(-$0)) }),
        (.softplus(), { log(1 + exp($0)) }),
        (.softplus(beta: 3), { 3 * $0 > 20 ? $0 : log(1 + exp(3 * $0)) / 3 }),
    ]

    @Test("Every function has its formula's values", arguments: all.indices)
    func values(index: Int) throws {
        let (activation, formula) = Self.all[index]
        let x = [-30, -8, -2.5, -1, -0.3, -1e-3, 0, 1e-3, 0.4, 1, 2.2, 6, 7, 12]
        #expect(try distance(activation(Tensor(x)).values, x.map(formula)) < 1e-10, "\(activation)")
    }

    @Test("Every function has its own derivative", arguments: all.indices)
    func derivatives(index: Int) throws {
        let x = Tensor([-3, -1.2, -0.4, 0.3, 0.9, 4] as [Double])
        try checkDerivatives(of: [], at: x) { Self.all[index].activation($0) }
    }

    @Test("SELU keeps mean 0 and variance 1 of normal numbers")
    func selfNormalising() throws {
        let y = try Activation.selu(random([200_000])).values
        let mean = y.reduce(0, +) / Double(y.count)
        let variance = y.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(y.count)
        #expect(abs(mean) < 0.01 && abs(variance - 1) < 0.02)
    }
}
