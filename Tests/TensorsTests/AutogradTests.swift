import Tensors
import Testing

@Suite struct AutogradTests {
    /// A function of two matrices that uses many operators.
    func loss(_ x: Tensor, _ w: Tensor) -> Tensor {
        let h = (x.matmul(w) + 0.1).silu() * x.sigmoid()
        let normal = h.groupNorm(groups: 1, weight: nil, bias: nil, epsilon: 1e-3)
        return (normal.softmax(axis: 1).log() * h.tanh()).sum() + (h.squared() + 1).sqrt().mean()
    }

    let x = Tensor(numbers(12), shape: [4, 3])
    let w = Tensor(numbers(9, seed: 2), shape: [3, 3])

    @Test("Derivatives agree with finite differences")
    func finiteDifferences() throws {
        let leaf = try w.cloned().requiringGradient()
        let gradient = try loss(x, leaf).gradients(of: [leaf])[0].values
        let step = 1e-5
        let values = try w.values
        for index in values.indices {
            func shifted(_ by: Double) throws -> Double {
                var moved = values
                moved[index] += by
                return try loss(x, Tensor(moved, shape: [3, 3])).item()
            }
            let slope = (try shifted(step) - shifted(-step)) / (2 * step)
            #expect(abs(slope - gradient[index]) < 1e-7 * (1 + abs(slope)))
        }
    }

    @Test("backward() adds to what is there, gradients(of:) does not")
    func accumulation() throws {
        let leaf = try Tensor([3.0]).requiringGradient()
        #expect(leaf.gradient == nil && leaf.requiresGradient)
        try (leaf * leaf).sum().backward()
        try (leaf * 2).sum().backward()
        #expect(try leaf.gradient?.item() == 8)
        #expect(try (leaf * 5).sum().gradients(of: [leaf])[0].item() == 5)
        #expect(try leaf.gradient?.item() == 8)
    }

    @Test("An input the loss does not depend on has derivative zero")
    func unused() throws {
        let (a, b) = (try Tensor([1.0]).requiringGradient(), try Tensor([2.0, 3]).requiringGradient())
        #expect(try a.sum().gradients(of: [a, b]).map { try $0.values } == [[1], [0, 0]])
    }

    @Test("Second derivatives are there when the graph is asked for")
    func second() throws {
        let a = try Tensor([2.0]).requiringGradient()
        let first = try a.pow(3).sum().gradients(of: [a], graph: true)[0]
        #expect(try first.item() == 12 && first.sum().gradients(of: [a])[0].item() == 12)
    }

    @Test("Scopes turn recording off and on for their body alone")
    func scopes() throws {
        let a = try Tensor([2.0]).requiringGradient()
        withoutGradients {
            #expect(!(a * 2).requiresGradient)
            withGradients { #expect((a * 2).requiresGradient) }
            #expect(!(a * 2).requiresGradient)
        }
        #expect((a * 2).requiresGradient && !a.detached().requiresGradient)
        let inside = inferenceMode { a * 2 }
        #expect(!inside.requiresGradient && tensorError { try inside.sum().backward() } != nil)
        #expect(tensorError { try (inside * a).sum().backward() } != nil)
        struct Stop: Error {}
        #expect(throws: Stop.self) { try withoutGradients { throw Stop() } }
        #expect((a * 2).requiresGradient)
    }

    @Test("Autocast computes products in the narrower type and ends with its scope")
    func autocasting() throws {
        let (a, b) = (x.to(.float32), w.to(.float32))
        let narrow = autocast(.bfloat16) { a.matmul(b) }
        #expect(narrow.dtype == .bfloat16 && a.matmul(b).dtype == .float32)
        expectEqual(try narrow.values, try a.matmul(b).values, tolerance: 2e-2)
        let nested = autocast(.bfloat16) { autocast(.bfloat16) { a.matmul(b) }.to(.float32).matmul(b) }
        #expect(nested.dtype == .bfloat16)
    }

    @Test("Only leaves of real numbers can be asked for derivatives")
    func leaves() {
        #expect(tensorError { try Tensor([1, 2]).requiringGradient() } != nil)
        #expect(tensorError { try Tensor([1.0]).sum().backward() } != nil)
    }
}
