import Layers
import Tensors
import Testing

/// Two layers in a row, with a buffer.
private struct Pair {
    let first: Linear
    let norm: GroupNorm
    let filter: Tensor

    init(in scope: ParameterScope) throws {
        first = try Linear(4, 8, in: scope["first"])
        norm = try GroupNorm(8, groups: 2, in: scope["norm"])
        filter = try scope["down"].buffer("filter", constant: Tensor([1, 3, 3, 1] as [Float]))
    }
}

@Suite struct ParameterScopeTests {
    let shapes: [(String, [Int])] = [
        ("model.first.weight", [8, 4]), ("model.first.bias", [8]), ("model.norm.weight", [8]), ("model.norm.bias", [8]),
        ("model.down.filter", [4]),
    ]

    func weights(without: String = "", with extra: [(name: String, tensor: Tensor)] = []) -> [(
        name: String, tensor: Tensor
    )] {
        shapes.filter { $0.0 != without }.map { (name: $0.0, tensor: Tensor.full($0.1, 0.5)) } + extra
    }

    @Test("Entries come in the order of building, with dotted names, and tell parameters from buffers")
    func entries() throws {
        let scope = ParameterScope.listing()
        _ = try Pair(in: scope["model"])
        #expect(
            scope.entries.map(\.name) == shapes.map(\.0) && scope.entries.map(\.tensor.shape.sizes) == shapes.map(\.1))
        #expect(scope.entries.map(\.isTrainable) == [true, true, true, true, false])
    }

    @Test("Weights that fit are taken over bit by bit")
    func loading() throws {
        let scope = ParameterScope.loading(weights())
        let pair = try Pair(in: scope["model"])
        try scope.finish()
        #expect(try pair.first.weight.array(of: Float.self) == [Float](repeating: 0.5, count: 32))
        #expect(try pair.filter.array(of: Float.self) == [0.5, 0.5, 0.5, 0.5] && !pair.first.weight.requiresGradient)
    }

    @Test("Every missing, unexpected and mis-shaped key is listed at once")
    func mismatch() throws {
        let odd = [(name: "model.norm.weight", tensor: Tensor.zeros([7])), (name: "extra", tensor: Tensor.zeros([1]))]
        let given = weights(without: "model.first.bias").filter { $0.name != "model.norm.weight" } + odd
        let scope = ParameterScope.loading(given)
        _ = try Pair(in: scope["model"])
        let error = try #require(throws: KeyMismatch.self) { try scope.finish() }
        #expect(error.missing == ["model.first.bias"] && error.unexpected == ["extra"])
        #expect(error.misshaped == [.init(key: "model.norm.weight", expected: [8], found: [7])])
        #expect(
            error.description
                == "The weights do not fit the network. 1 missing: model.first.bias; 1 unexpected: extra; "
                + "1 of another shape: model.norm.weight is [7], the network needs [8].")
    }

    @Test("Long lists of keys are cut after ten")
    func longLists() {
        let error = KeyMismatch(missing: (0..<13).map { "k\($0)" }, unexpected: [], misshaped: [])
        #expect(error.description.contains("13 missing: k0, ") && error.description.contains("k9, and 3 more."))
    }

    @Test("Listing a network of ten billion parameters takes no memory")
    func listing() throws {
        let scope = ParameterScope.listing()
        let linear = try Linear(100_000, 100_000, in: scope["huge"])
        #expect(linear.weight.elementCount == 10_000_000_000 && scope.entries.count == 2)
        try scope.finish()
    }

    @Test("Trainable weights are copies to which gradients flow, in the type asked for")
    func trainable() throws {
        let given = weights()
        let scope = ParameterScope.loading(given, trainable: true)
        let pair = try Pair(in: scope["model"])
        #expect(pair.first.weight.requiresGradient && !pair.filter.requiresGradient)
        try pair.first.weight.copy(from: Tensor.zeros([8, 4]))
        #expect(try given[0].tensor.sum().item() == 16)
        let narrow = ParameterScope.loading(given, dtype: .bfloat16)
        #expect(try Pair(in: narrow["model"]).first.weight.dtype == .bfloat16)
    }

    @Test("Drawn parameters are asked for in order, and buffers of known value are not drawn")
    func drawing() throws {
        var asked: [[Int]] = []
        let scope = ParameterScope.drawing { _, shape, ordinal in
            #expect(ordinal == asked.count)
            asked.append(shape)
            return Tensor.ones(shape)
        }
        let pair = try Pair(in: scope["model"])
        #expect(asked == [[8, 4], [8]] && pair.first.weight.requiresGradient)
        #expect(try pair.filter.array(of: Float.self) == [1, 3, 3, 1])
    }

    @Test("A failed draw stops the building")
    func failedDraw() {
        struct Stop: Error {}
        let scope = ParameterScope.drawing { _, _, _ in throw Stop() }
        #expect(throws: Stop.self) { try Linear(2, 2, in: scope) }
    }
}
