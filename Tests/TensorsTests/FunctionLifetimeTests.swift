import Foundation
import Tensors
import Testing

@Suite(.serialized) struct FunctionLifetimeTests {
    let x = Tensor(numbers(12), shape: [4, 3])

    @Test("What a function keeps is let go: after the derivatives, with a graph that is dropped, after an error")
    func released() throws {
        let leaf = try x.cloned().requiringGradient()
        let alive = Count()
        for _ in 0..<500 {
            _ = try Own.square(leaf, keeping: Witness(alive)).sum().gradients(of: [leaf])
            _ = Own.square(Own.square(leaf, keeping: Witness(alive)), keeping: Witness(alive)).sum()
            let witness = Witness(alive)
            let failing = Own.identity(leaf) { _ in withExtendedLifetime(witness) { [] } }
            _ = tensorError { try failing.sum().gradients(of: [leaf]) }
            let loss = Own.square(leaf, keeping: Witness(alive)).sum()
            #expect(try loss.gradients(of: [leaf], graph: true)[0].requiresGradient)
        }
        #expect(alive.value == 0)
    }

    @Test("Tensors that pass through a function do not pile up")
    func memory() throws {
        let leaf = try Tensor.zeros([1 << 18], dtype: .float64).requiringGradient()
        func work(_ count: Int) throws {
            for _ in 0..<count { _ = try Own.square(leaf + 1).sum().gradients(of: [leaf]) }
        }
        try work(5)
        let before = try residentMemory()
        try work(300)
        // Each turn makes some 10 MB.
        #expect(try residentMemory() - before < 400 << 20)
    }

    @Test("A long chain of functions is let go without filling the stack")
    func chain() throws {
        let leaf = try Tensor([1.0]).requiringGradient()
        let alive = Count()
        func grown() -> Tensor {
            var y: Tensor = leaf
            for _ in 0..<20_000 {
                let (input, witness) = (y, Witness(alive))
                y = Tensor.function(of: [input], output: input.detached()) { gradients in
                    withExtendedLifetime((input, witness)) { [gradients[0]] }
                }
            }
            return y
        }
        var y = grown()
        #expect(alive.value == 20_000)
        y = Tensor(0.0)
        #expect(alive.value == 0)
        y = grown()
        #expect(try y.sum().gradients(of: [leaf])[0].item() == 1 && alive.value == 0)
    }

    @Test("A backward may compute anew what the forward did not keep")
    func recomputed() throws {
        let leaves = try [x, Tensor(numbers(9, seed: 2), shape: [3, 3])].map { try $0.cloned().requiringGradient() }
        @Sendable func layer(_ x: Tensor, _ w: Tensor) -> Tensor { (x.matmul(w) + 0.1).silu() * x.sigmoid() }
        func thrifty(_ x: Tensor, _ w: Tensor) -> Tensor {
            let y = withoutGradients { layer(x, w) }
            return Tensor.function(of: [x, w], output: y) { gradients in
                try withGradients {
                    let again = try [x, w].map { try $0.detached().requiringGradient() }
                    return try (layer(again[0], again[1]) * gradients[0]).sum().gradients(of: again)
                }
            }
        }
        var (own, theirs) = (leaves[0], leaves[0])
        for _ in 0..<30 { (own, theirs) = (thrifty(own, leaves[1]), layer(theirs, leaves[1])) }
        for (got, expected) in zip(try own.sum().gradients(of: leaves), try theirs.sum().gradients(of: leaves)) {
            expectEqual(try got.values, try expected.values, tolerance: 1e-12)
        }
    }

    @Test("A backward may count as it goes")
    func statistics() throws {
        let leaf = try x.cloned().requiringGradient()
        let counted = Count()
        for turn in 1...10 {
            let y = Own.identity(leaf) { gradients in
                try gradients[0].withElements(of: Double.self) { values in counted.add(values.filter { $0 > 1.5 }.count)
                }
                return [gradients[0]]
            }
            _ = try (y * (turn > 5 ? 2 : 1)).sum().gradients(of: [leaf])
        }
        #expect(counted.value == 60)
    }
}
