import Tensors
import Testing

@Suite struct PoisonTests {
    @Test("A wrong shape inside ten layers surfaces at item() with the first operator and its line")
    func tenLayers() throws {
        let good = Tensor(numbers(64), shape: [8, 8])
        var x = Tensor(numbers(16), shape: [2, 8])
        var culprit: UInt = 0
        for layer in 0..<10 {
            let weight = layer == 4 ? Tensor.zeros([8, 5], dtype: .float64) : good
            if layer == 4 { culprit = #line + 1 }
            x = x.linear(weight)
            x = (x + 1).silu()
        }
        let error = try #require(tensorError { try x.item() })
        #expect(error.op == "linear" && error.line == culprit && "\(error.file)".hasSuffix("PoisonTests.swift"))
        #expect(error.operands == ["float64 [2, 8]", "float64 [8, 5]"])
        #expect(
            error.description.contains("linear(float64 [2, 8], float64 [8, 5]): ")
                && error.description.contains(":\(culprit))"))
    }

    @Test("Nothing is called after the first failure")
    func nothingAfter() throws {
        let broken = Tensor([1.0, 2]).reshaped([3])
        let first = try #require(broken.error)
        // Each of these would fail in its own way if it were called.
        let later: [Tensor] = [
            broken + broken, broken.matmul(Tensor(1.0)), broken.permuted([5, 6]),
            Operator("no_such_operator")([.tensor(broken)]),
            broken.conv2d(broken), .concatenated([Tensor(1.0), broken]), broken.to(.float16), Tensor([1.0]) * broken,
            Tensor([1.0]).linear(Tensor([1.0]), bias: broken),
            broken.groupNorm(groups: 0, weight: nil, bias: nil, epsilon: 1),
            Tensor.zeros([1, 4, 2]).groupNorm(groups: 2, weight: broken, bias: nil, epsilon: 1),
            Tensor.zeros([1, 4]).layerNorm(weight: nil, bias: broken), .attention(Tensor(1.0), Tensor(1.0), broken),
        ]
        for tensor in later { #expect(tensor.error?.description == first.description) }
        #expect(Operator("topk").all([.tensor(broken), .int(1)])[1].error?.description == first.description)
        #expect(tensorError { try broken.gradients(of: []) }?.description == first.description)
        #expect(tensorError { try broken.backward() } != nil && tensorError { try broken.isFinite() } != nil)
    }

    @Test("Questions about a failed tensor have harmless answers")
    func harmless() {
        let broken = Tensor([1.0, 2]).reshaped([3])
        #expect(broken.shape == [] && broken.shape[1] == 0 && broken.rank == 0 && broken.elementCount == 0)
        #expect(broken.dtype == .float32 && broken.device == .cpu && !broken.requiresGradient && broken.gradient == nil)
        #expect(broken.summary.hasPrefix("poisoned: reshape(float64 [2])"))
    }

    @Test("An operator that this LibTorch lacks says so by name and version")
    func missingOperator() throws {
        let op = Operator("no_such_operator", "out")
        #expect(!op.exists)
        let error = try #require(op([]).error)
        let version = try Engine.information().torchVersion
        #expect(error.message.contains("LibTorch \(version) has no operator aten::no_such_operator.out"))
    }

    @Test("Wrong arguments of an operator are errors, not crashes")
    func wrongArguments() {
        let sum = Operator("sum")
        #expect(sum([]).error?.message.contains("'self' is required") == true)
        #expect(sum([.int(3)]).error != nil && sum([.tensor(Tensor(1.0)), .string("x")]).error != nil)
        #expect(sum([.tensor(Tensor(1.0)), .none, .none, .none]).error?.message.contains("takes at most") == true)
        #expect(Operator("cat")([.tensors([])]).error != nil)
        #expect(Tensor([1.0]).to(.cuda(7)).error != nil)
    }

    @Test("Updates in place refuse failed tensors and leave the others as they were")
    func inPlace() throws {
        let broken = Tensor([1.0, 2]).reshaped([3])
        let target = Tensor([1.0, 2])
        #expect(
            tensorError { try target.copy(from: broken) } != nil && tensorError { try broken.copy(from: target) } != nil
        )
        #expect(tensorError { try target.copy(from: Tensor([1.0, 2, 3])) }?.op == "copy_")
        #expect(tensorError { try TensorList.movingAverage([target], towards: [broken], decay: 0.5) } != nil)
        #expect(tensorError { try TensorList.norm([target, broken]) } != nil)
        #expect(try target.values == [1, 2])
    }
}
