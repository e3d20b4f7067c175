import Foundation
import Layers
import Tensors
import Testing

@Suite struct LayerTests {
    private static let laws: [(name: String, law: Initializer, deviation: Double, bound: Double?)] = [
        ("standard", .standard(fanIn: 25), 0.2 / 3.0.squareRoot(), 0.2),
        ("uniform", .uniform(bound: 0.3), 0.3 / 3.0.squareRoot(), 0.3),
        ("normal", .normal(deviation: 0.7), 0.7, nil),
        (
            "xavier uniform", .xavierUniform(fanIn: 30, fanOut: 70, gain: 2), 2 * (2.0 / 100).squareRoot(),
            2 * 0.06.squareRoot()
        ),
        ("xavier normal", .xavierNormal(fanIn: 30, fanOut: 70), (2.0 / 100).squareRoot(), nil),
        ("kaiming uniform", .kaimingUniform(fanIn: 25), 0.2, 0.12.squareRoot()),
        ("kaiming normal", .kaimingNormal(fanIn: 25, gain: 3), 0.6, nil),
    ]

    @Test("New parameters have the mean, spread and bound of their law", arguments: laws.indices)
    func initialisers(index: Int) throws {
        let (_, law, deviation, bound) = Self.laws[index]
        let count = 40_000
        let values = try drawing().parameter("w", [200, 200], law).array(of: Double.self)
        let mean = values.reduce(0, +) / Double(count)
        let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count)
        #expect(abs(mean) < 5 * deviation / Double(count).squareRoot())
        #expect(abs(variance.squareRoot() / deviation - 1) < 0.02)
        if let bound {
            let largest = values.map(abs).max() ?? 0
            #expect(largest <= bound * (1 + 1e-6) && largest > bound * 0.99)
        }
    }

    @Test("Zeros and ones are what they say, and draw nothing")
    func constants() throws {
        let scope = ParameterScope.drawing { _, _, _ in
            Issue.record("nothing is to be drawn")
            return Tensor.zeros([])
        }
        #expect(try scope.parameter("a", [3], .zeros).array(of: Double.self) == [0, 0, 0])
        #expect(try scope.parameter("b", [2], .ones).array(of: Double.self) == [1, 1])
    }

    @Test("A linear map is x W' + b, with or without bias")
    func linear() throws {
        let weights: [(name: String, tensor: Tensor)] = [
            ("weight", Tensor([1, 2, 3, 4, 5, 6] as [Float], shape: [3, 2])),
            ("bias", Tensor([10, 20, 30] as [Float])),
        ]
        let x = Tensor([1, -1] as [Float], shape: [1, 2])
        #expect(try Linear(2, 3, in: .loading(weights))(x).array(of: Double.self) == [9, 19, 29])
        #expect(try Linear(2, 3, bias: false, in: .loading(weights))(x).array(of: Double.self) == [-1, -1, -1])
    }

    @Test("Positional embeddings are cosines, then sines, of geometric frequencies", arguments: [true, false])
    func positional(endpoint: Bool) throws {
        let levels: [Float] = [0, 0.25, -1.5, 42]
        let values = try PositionalEmbedding(8, endpoint: endpoint)(Tensor(levels)).array(of: Double.self)
        for (row, level) in levels.enumerated() {
            for i in 0..<4 {
                let frequency = pow(10_000, -Double(i) / (endpoint ? 3 : 4))
                #expect(abs(values[row * 8 + i] - cos(Double(level) * frequency)) < 1e-5)
                #expect(abs(values[row * 8 + 4 + i] - sin(Double(level) * frequency)) < 1e-5)
            }
        }
    }

    @Test("Fourier embeddings are cosines, then sines, of random frequencies kept as a buffer")
    func fourier() throws {
        let scope = drawing()
        let embedding = try FourierEmbedding(6, scale: 16, in: scope)
        #expect(scope.entries.map(\.name) == ["freqs"] && scope.entries[0].isTrainable == false)
        let f = try embedding.frequencies.array(of: Double.self)
        let values = try embedding(Tensor([0.1, 0.2] as [Float])).array(of: Double.self)
        for (row, level) in [Float(0.1), 0.2].enumerated() {
            for i in 0..<3 {
                #expect(abs(values[row * 6 + i] - cos(2 * .pi * f[i] * Double(level))) < 1e-4)
                #expect(abs(values[row * 6 + 3 + i] - sin(2 * .pi * f[i] * Double(level))) < 1e-4)
            }
        }
    }

    @Test("Group norm agrees with the formula, with a biased variance")
    func groupNorm() throws {
        let count = 2 * 6 * 5
        let x = (0..<count).map { sin(Double($0 * $0)) }
        let (weight, bias) = ((0..<6).map { Double($0) - 2 }, (0..<6).map { 0.1 * Double($0) })
        let weights: [(name: String, tensor: Tensor)] = [("weight", Tensor(weight)), ("bias", Tensor(bias))]
        let layer = try GroupNorm(6, groups: 3, epsilon: 1e-3, in: .loading(weights, dtype: .float64))
        let got = try layer(Tensor(x, shape: [2, 6, 5])).array(of: Double.self)
        for start in stride(from: 0, to: count, by: 10) {
            let group = x[start..<start + 10]
            let mean = group.reduce(0, +) / 10
            let variance = group.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 10
            for index in group.indices {
                let channel = index / 5 % 6
                let expected = (x[index] - mean) / (variance + 1e-3).squareRoot() * weight[channel] + bias[channel]
                #expect(abs(got[index] - expected) < 1e-12)
            }
        }
    }
}
