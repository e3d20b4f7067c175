import Foundation
import Layers
import Tensors
import Testing

@Suite struct MLPTests {
    @Test("A network of two hidden layers is its formula, on rows of any number of axes")
    func formula() throws {
        let (network, w, entries) = try filled { try MLP([3, 4, 5, 2], .tanh, in: $0) }
        #expect(entries.map(\.name) == ["0.weight", "0.bias", "2.weight", "2.bias", "4.weight", "4.bias"])
        #expect(entries.map(\.tensor.shape.sizes) == [[4, 3], [4], [5, 4], [5], [2, 5], [2]])
        let x = random([2, 3, 3])
        func linear(_ x: [Double], _ name: String, _ outputs: Int) -> [Double] {
            let (weight, bias) = (w["\(name).weight"]!, w["\(name).bias"]!)
            return (0..<outputs).map { o in
                x.indices.reduce(bias[o]) { $0 + weight[o * x.count + $1] * x[$1] }
            }
        }
        let values = try x.values
        var expected: [Double] = []
        for start in stride(from: 0, to: values.count, by: 3) {
            let h = linear(Array(values[start..<start + 3]), "0", 4).map { tanh($0) }
            expected += linear(linear(h, "2", 5).map { tanh($0) }, "4", 2)
        }
        let got = network(x)
        #expect(try got.shape == [2, 3, 2] && distance(got.values, expected) < 1e-12)
        try checkDerivatives(of: entries, at: x) { network($0) }
    }

    static let names: [(build: @Sendable (ParameterScope) throws -> MLP, keys: [String])] = [
        ({ try MLP([2, 3, 1], .relu, in: $0["net"]) }, ["net.0.weight", "net.0.bias", "net.2.weight", "net.2.bias"]),
        ({ try MLP([2, 1], .relu, in: $0) }, ["0.weight", "0.bias"]),
        (
            { try MLP([2, 3, 1], .elu(), bias: false, keys: .list, in: $0["linears"]) },
            ["linears.0.weight", "linears.1.weight"]
        ),
        (
            { try MLP([2, 3, 1], .gelu, norm: .layer, dropout: 0.1, in: $0) },
            ["0.weight", "0.bias", "1.weight", "1.bias", "4.weight", "4.bias"]
        ),
        (
            { try MLP([2, 3, 1], .gelu, norm: .batch, keys: .list, in: $0) },
            [
                "0.weight", "0.bias", "norms.0.weight", "norms.0.bias", "norms.0.running_mean", "norms.0.running_var",
                "norms.0.num_batches_tracked", "1.weight", "1.bias",
            ]
        ),
    ]

    @Test("Keys are places in PyTorch's containers", arguments: names.indices)
    func keys(index: Int) throws {
        let scope = ParameterScope.listing()
        _ = try Self.names[index].build(scope)
        #expect(scope.entries.map(\.name) == Self.names[index].keys)
    }

    @Test("New weights and biases are uniform in ±1/sqrt(inputs), or of the law given")
    func laws() throws {
        let network = try MLP([50, 400, 3], .silu, in: drawing())
        for values in [try network.maps[0].weight.values, try #require(network.maps[0].bias).values] {
            let bound = 1 / 50.0.squareRoot()
            let spread = (values.reduce(0) { $0 + $1 * $1 } / Double(values.count)).squareRoot()
            #expect(values.map(abs).max() ?? 1 <= bound * (1 + 1e-6))
            #expect(abs(spread * 3.0.squareRoot() / bound - 1) < 0.1)
        }
        let other = try MLP(
            [2, 3, 1], .silu, weightInit: { _, _ in .ones }, biasInit: { _, o in o == 3 ? .zeros : .ones },
            in: drawing())
        #expect(try other.maps[0].bias?.values == [0, 0, 0] && other.maps[1].bias?.values == [1])
        #expect(try other.maps[0].weight.values == [1, 1, 1, 1, 1, 1])
    }

    @Test("Dropout and batch statistics come into play in training alone")
    func training() throws {
        let (network, _, _) = try filled { try MLP([3, 8, 8, 1], .relu, norm: .layer, dropout: 0.5, in: $0) }
        let x = random([4, 3])
        var asked: [[Int]] = []
        let masks = Dropout { shape, layer in
            #expect(layer == asked.count)
            asked.append(shape)
            return .full(shape, layer == 0 ? 0 : 0.49, dtype: .float64)
        }
        // All is kept and doubled, so that the last map sees twice what it sees otherwise.
        let trained = try network(x, dropout: masks).values
        #expect(try asked == [[4, 8], [4, 8]] && distance(trained, network(x).values) > 1e-3)
        let none = try network(x, dropout: Dropout { shape, _ in .full(shape, 0.5, dtype: .float64) }).values
        let bias = try #require(network.maps.last?.bias).values[0]
        #expect(distance(none, [bias, bias, bias, bias]) < 1e-12)
        let (batched, _, _) = try filled { try MLP([3, 4, 1], .relu, norm: .batch, in: $0) }
        let alone = batched(x.narrowed(axis: 0, 0..<1))
        #expect(try distance(batched(x).narrowed(axis: 0, 0..<1).values, alone.values) < 1e-12)
        let together = batched(x, dropout: Dropout { shape, _ in .zeros(shape) })
        #expect(try distance(together.narrowed(axis: 0, 0..<1).values, alone.values) > 1e-3)
    }
}

@Suite struct DropoutTests {
    @Test("Elements below the probability's complement are kept and scaled, the others are zero")
    func masks() throws {
        let numbers = [0, 0.2, 0.59, 0.6, 0.61, 0.99]
        let dropout = Dropout { shape, layer in
            #expect(shape == [2, 3])
            return Tensor(layer == 0 ? numbers : numbers.reversed(), shape: shape)
        }
        let x = Tensor([1, 2, 3, 4, 5, 6] as [Double], shape: [2, 3])
        #expect(try distance(dropout(x, probability: 0.4).values, [1 / 0.6, 2 / 0.6, 3 / 0.6, 0, 0, 0]) < 1e-12)
        #expect(try distance(dropout(x, probability: 0.4).values, [0, 0, 0, 4 / 0.6, 5 / 0.6, 6 / 0.6]) < 1e-12)
    }

    @Test("With probability 0 no number is asked for")
    func nothing() throws {
        let dropout = Dropout { shape, _ in
            Issue.record("nothing is to be drawn")
            return .zeros(shape)
        }
        let x = random([3])
        #expect(try dropout(x, probability: 0).values == x.values)
    }

    @Test("A draw that fails poisons the result with its reason")
    func failure() throws {
        struct Dry: Error, CustomStringConvertible { var description: String { "no noise is left" } }
        let error = Dropout { _, _ in throw Dry() }(random([2]), probability: 0.5).error
        #expect(try #require(error).description.contains("no noise is left"))
    }

    @Test("Derivatives pass where elements are kept")
    func derivative() throws {
        let numbers = Tensor([0.1, 0.9, 0.3, 0.8] as [Double])
        try checkDerivatives(of: [], at: random([4])) { x in Dropout { _, _ in numbers }(x, probability: 0.5) }
    }
}
