import Foundation
import Tensors
import Testing

@Suite struct FunctionFailureTests {
    let x = Tensor(numbers(12), shape: [4, 3])

    private func leaf() throws -> Tensor { try x.cloned().requiringGradient() }

    /// The error of differentiating the identity with this backward.
    private func error(_ backward: @escaping @Sendable (OutputGradients) throws -> [Tensor?]) throws -> TensorError {
        let leaf = try leaf()
        return try #require(tensorError { try (Own.identity(leaf, backward) * 2).sum().gradients(of: [leaf]) })
    }

    @Test("An operator's error in a backward comes out as it was, poisoned or thrown")
    func original() throws {
        let line: UInt = #line + 1
        let poisoned = try error { [$0[0].reshaped([5])] }
        #expect(poisoned.op == "reshape" && poisoned.line == line && poisoned.operands == ["float64 [4, 3]"])
        #expect("\(poisoned.file)".hasSuffix("FunctionFailureTests.swift") && poisoned.message.contains("[5]"))
        let thrown = try error { [try $0[0].reshaped([5]).checked()] }
        #expect(thrown.op == "reshape" && thrown.message == poisoned.message)
        let leaf = try leaf()
        #expect(tensorError { try Own.identity(leaf) { [$0[0].reshaped([5])] }.sum().backward() }?.op == "reshape")
    }

    @Test("Another error is told with the function's name and place")
    func foreign() throws {
        struct Fault: Error, CustomStringConvertible { let description = "the kernel ran out of tiles" }
        let leaf = try leaf()
        let line: UInt = #line + 1
        let y = Tensor.function(of: [leaf], output: x, name: "rasterise") { _ in throw Fault() }
        let error = try #require(tensorError { try y.sum().gradients(of: [leaf]) })
        #expect(error.op == "rasterise" && error.line == line && error.operands == ["float64 [4, 3]"])
        #expect(error.message == "its backward failed: the kernel ran out of tiles")
    }

    @Test("Derivatives of the wrong number, shape or type are told with both")
    func misfits() throws {
        #expect(try error { [$0[0], $0[0]] }.message == "its backward gave 2 derivatives for 1 inputs")
        #expect(try error { _ in [] }.message == "its backward gave 0 derivatives for 1 inputs")
        let shape = try error { [$0[0].transposed()] }
        #expect(shape.op == "identity")
        #expect(
            shape.message
                == "its backward gave float64 [3, 4] as the derivative by input 0, which is float64 [4, 3]")
        #expect(
            try error { [$0[0].to(.int64)] }.message
                == "its backward gave int64 [4, 3] as the derivative by input 0, which is float64 [4, 3]")
        let leaf = try leaf()
        let narrow = try Own.identity(leaf) { [$0[0].to(.float32)] }.sum().gradients(of: [leaf])[0]
        #expect(narrow.dtype == .float64)
    }

    @Test("A failed input or output is the result, and the backward is dropped")
    func poison() throws {
        let broken = Tensor([1.0, 2]).reshaped([3])
        let alive = Count()
        let witness: () -> Witness = { Witness(alive) }
        func outputs(_ input: Tensor, _ output: Tensor) -> [Tensor] {
            let kept = witness()
            return Tensor.function(of: [x, input], outputs: [x, output]) { _ in
                withExtendedLifetime(kept) { [nil, nil] }
            }
        }
        for result in outputs(broken, x) + outputs(x, broken) { #expect(result.error?.op == "reshape") }
        #expect(alive.value == 0 && Tensor.function(of: [x], outputs: []) { _ in [] }.isEmpty)
    }

    @Test("An error inside an error's backward, and the one after it, are each their own")
    func nested() throws {
        let inner = try error { gradients in
            let leaf = try gradients[0].cloned().requiringGradient()
            return try withGradients {
                try Own.identity(leaf) { _ in [Tensor(1.0).reshaped([7])] }.sum().gradients(of: [leaf])
            }
        }
        #expect(inner.op == "reshape" && inner.message.contains("[7]"))
        let after = try #require(tensorError { try Tensor([1.0]).sum().backward() })
        #expect(after.op == "backward" && !after.message.contains("[7]"))
    }

    @Test("Errors on several threads at once do not mix")
    func threads() throws {
        let shared = try leaf()
        let wrong = Count()
        DispatchQueue.concurrentPerform(iterations: 8) { number in
            for turn in 1...100 {
                let sizes = [number + 20, turn]
                let y = Own.identity(shared) { [$0[0].reshaped(sizes)] }
                let found = tensorError { try y.sum().gradients(of: [shared]) }
                if found?.message.contains("\(sizes)") != true { wrong.add(1) }
            }
        }
        #expect(wrong.value == 0)
    }
}
