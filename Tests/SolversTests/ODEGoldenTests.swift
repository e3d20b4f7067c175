import Foundation
import Genera
import GeneraTesting
import Testing

/// Solutions of torchdyn 1.0.6 for small random networks, from the golden cases of meta flow matching.
@Suite("Ordinary differential equations, recorded") struct ODEGoldenTests {
    @Test("The recorded solutions and numbers of evaluations are met", .enabled(if: Golden.isPresent("mfm")))
    func recorded() throws {
        let cases = try Golden.cases(of: "mfm").filter { $0.kind == "ode" }
        #expect(!cases.isEmpty)
        for one in cases {
            let tensors = try one.tensors()
            let velocity = try FlowNetwork(one.config["net"] ?? .null, tensors).velocity
            let start = try #require(tensors["in.x"])
            for (name, expected) in tensors.sorted(by: { $0.key < $1.key }) where name.hasPrefix("out.") {
                let words = name.split(separator: ".").map(String.init)
                let (method, count) = (words[1], try #require(Int(words[2])))
                // torchdyn's linspace(0, 1, count) in float32.
                let times = (0..<count).map { Double(Float($0) / Float(count - 1)) }
                let solver = try #require(Self.solver(method, one.config), "\(method)")
                let solution = try solver.solve([start], at: times) { x, t in [velocity(x[0], t)] }
                let states = Tensor.stacked(solution.states.map { $0[0] })
                let calls = one.config["nfe"]?["\(method).\(count)"] ?? one.config["nfe_k\(count)"]
                if method == "tsit5" {
                    try expectAsGood(states, expected, [start], times, velocity)
                    #expect(abs(solution.evaluations - (try #require(calls?.integer))) <= 12, "\(one.name) \(name)")
                    continue
                }
                try expectClose(
                    got: states, expected: expected, rtol: one["rtol"]?.number ?? 1e-5,
                    atol: one["atol"]?.number ?? 1e-6, "\(one.name) \(name)")
                #expect(solution.evaluations == calls?.integer, "\(one.name) \(name)")
            }
        }
    }

    /// The estimated errors of tsit5's steps are partly float32's rounding here, and steps follow them: no other arithmetic
    /// takes the very same ones. What it comes to must be as near to the accurate solution as what was recorded.
    private func expectAsGood(
        _ got: Tensor, _ recorded: Tensor, _ start: [Tensor], _ times: [Double],
        _ velocity: (Tensor, Double) -> Tensor
    ) throws {
        let accurate = try EmbeddedRK(.dopri5, absolute: 1e-6, relative: 1e-6).solve(start, at: times) { x, t in
            [velocity(x[0], t)]
        }
        let exact = Tensor.stacked(accurate.states.map { $0[0] })
        func error(_ states: Tensor) throws -> Double { try (states - exact).squared().mean().item().squareRoot() }
        #expect(try error(got) < 2 * error(recorded))
        #expect(try error(recorded) < 2 * error(got))
    }

    private static func solver(_ name: String, _ config: JSONValue) -> (any ODESolver)? {
        let fixed = ["euler": ExplicitRK.euler, "midpoint": .midpoint, "rk4": .rk4Torchdyn]
        if let solver = fixed[name] { return solver }
        guard var solver = ["dopri5": EmbeddedRK.dopri5, "tsit5": .tsit5][name] else { return nil }
        (solver.absolute, solver.relative) = (config["atol"]?.number ?? .nan, config["rtol"]?.number ?? .nan)
        solver.stops = .torchdyn
        return solver
    }
}

/// The velocity network of the recordings: a perceptron over an embedding of time, waves of the points, and the state.
private struct FlowNetwork {
    let waves: Tensor
    let layers: [(weight: Tensor, bias: Tensor)]
    let dimension: Int
    let embedding: Int

    init(_ config: JSONValue, _ tensors: [String: Tensor]) throws {
        waves = try #require(tensors["in.B"])
        dimension = try #require(config["D"]?.integer)
        embedding = try #require(config["t_embedding_dim"]?.integer)
        try #require(config["skip_connections"]?.bool == false)
        layers = try (0..<(try #require(config["num_layers"]?.integer))).map { layer in
            (
                try #require(tensors["w.net.\(2 * layer).weight"]), try #require(tensors["w.net.\(2 * layer).bias"])
            )
        }
    }

    /// dx/dt of `[n, D + conditions]`; conditions stand still.
    func velocity(_ x: Tensor, _ t: Double) -> Tensor {
        let n = x.shape[0]
        let half = embedding / 2
        let angles = (0..<half).map { Float(t * exp(-Double($0) * log(10_000) / Double(half - 1))) }
        let time = Tensor(angles.map(sin) + angles.map(cos), shape: [1, embedding]).expanded([n, embedding])
        let phase = x.narrowed(axis: 1, 0..<dimension).matmul(waves) * (2 * Double.pi)
        var a = Tensor.concatenated([time, phase.cos(), phase.sin(), x], axis: 1)
        for (number, layer) in layers.enumerated() {
            a = a.matmul(layer.weight.transposed()) + layer.bias
            if number < layers.count - 1 { a = Self.selu([.tensor(a)]) }
        }
        let still = x.shape[1] - dimension
        return still == 0 ? a : .concatenated([a, .zeros([n, still])], axis: 1)
    }

    private static let selu = Operator("selu")
}
