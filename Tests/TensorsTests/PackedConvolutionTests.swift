import Tensors
import Testing

@Suite struct PackedConvolutionTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let inputs, outputs, size, kernel: Int
        let dtype: DType
        var testDescription: String { "\(inputs)->\(outputs) \(size)x\(size) kernel \(kernel) \(dtype)" }
    }

    static let cases = [DType.float32, .bfloat16, .int8].filter(PackedConvolution.isAvailable).flatMap { dtype in
        [(3, 32, 8, 3), (16, 48, 7, 3), (32, 3, 5, 3), (64, 40, 6, 1)].map {
            Case(inputs: $0, outputs: $1, size: $2, kernel: $3, dtype: dtype)
        }
    }

    private func wave(_ shape: [Int], _ seed: UInt64) -> Tensor {
        Tensor(numbers(shape.reduce(1, *), seed: seed).map(Float.init), shape: shape)
    }

    @Test(arguments: cases) func equalsConvolution(_ c: Case) throws {
        let x = wave([5, c.inputs, c.size, c.size], 1)
        let weight = wave([c.outputs, c.inputs, c.kernel, c.kernel], 2) * 0.1
        let bias = wave([c.outputs], 3)
        let addend = wave([5, c.outputs], 4)
        let residual = wave([5, c.outputs, c.size, c.size], 5)
        let packed = try #require(PackedConvolution(weight: weight, bias: bias, dtype: c.dtype))
        let got = packed(x, addend: addend, residual: residual, scale: 0.5, isWide: true)
        let convolved = x.conv2d(weight, bias: bias, padding: c.kernel / 2)
        let expected = (convolved + addend.unsqueezed(2).unsqueezed(3) + residual) * 0.5
        let error = try (got - expected).squared().mean().item() / expected.squared().mean().item()
        #expect(error.squareRoot() < (c.dtype == .float32 ? 1e-6 : c.dtype == .bfloat16 ? 1e-2 : 2e-2))
    }

    @Test(arguments: cases) func neighboursDoNotMatter(_ c: Case) throws {
        let x = wave([5, c.inputs, c.size, c.size], 1)
        let weight = wave([c.outputs, c.inputs, c.kernel, c.kernel], 2)
        let packed = try #require(PackedConvolution(weight: weight, bias: nil, dtype: c.dtype))
        let together = try packed(x, isWide: true).array(of: Float.self)
        let apart = try (0..<5).flatMap {
            try packed(x.narrowed(axis: 0, $0..<$0 + 1), isWide: true).array(of: Float.self)
        }
        #expect(together == apart)
    }

    @Test(arguments: cases) func whatIsNotFiniteIsNotLost(_ c: Case) throws {
        let weight = wave([c.outputs, c.inputs, c.kernel, c.kernel], 2)
        let packed = try #require(PackedConvolution(weight: weight, bias: nil, dtype: c.dtype))
        for poison in [Double.nan, .infinity] {
            let x = wave([1, c.inputs, c.size, c.size], 1)
            let spoilt = Tensor.concatenated([x, x * poison], axis: 0)
            let y = packed(spoilt, isWide: true)
            #expect(try y.selected(axis: 0, 0).isFinite())
            #expect(try !y.selected(axis: 0, 1).isFinite())
        }
    }

    @Test(arguments: [DType.float32, .bfloat16].filter(PackedConvolution.isAvailable))
    func normalizes(_ dtype: DType) throws {
        let x = wave([3, 32, 5, 7], 1) + 20
        let (weight, bias) = (wave([32], 6), wave([32], 7))
        let rounded = x.to(dtype)
        let got = rounded.packedGroupNorm(groups: 8, weight: weight, bias: bias, epsilon: 1e-5, activates: true)
        let expected = rounded.to(.float32).groupNorm(groups: 8, weight: weight, bias: bias, epsilon: 1e-5).silu()
        let error = try (got.to(.float32) - expected).squared().mean().item() / expected.squared().mean().item()
        #expect(error.squareRoot() < (dtype == .float32 ? 1e-5 : 1e-2))
    }

    @Test func refusesWhatDoesNotFit() throws {
        guard PackedConvolution.isAvailable(.float32) else { return }
        #expect(PackedConvolution(weight: .zeros([8, 8, 5, 5]), bias: nil, dtype: .float32) == nil)
        let packed = try #require(PackedConvolution(weight: .zeros([8, 16, 3, 3]), bias: nil, dtype: .float32))
        #expect(packed(.zeros([1, 64, 4, 4])).error != nil)
        #expect(packed(.zeros([1, 16, 4, 4]), residual: .zeros([1, 16, 2, 2])).error != nil)
    }
}
