import Foundation
import Synchronization
import Tensors
import Testing

/// Functions of our own whose derivatives are known by other ways.
enum Own {
    /// selu(x Wᵀ + b) with one pass back, beside the same of LibTorch's operators.
    static func linearSELU(_ x: Tensor, _ w: Tensor, _ b: Tensor, keeping witness: Witness? = nil) -> Tensor {
        let y = withoutGradients { selu(x.linear(w, bias: b)) }
        return Tensor.function(of: [x, w, b], output: y) { gradients in
            withExtendedLifetime(witness) {
                let slope = Tensor.full([1], scale, dtype: y.dtype)
                    .replaced(where: y.isLess(than: 0), with: y + scale * alpha)
                let inner = gradients[0] * slope
                return [
                    gradients.isWanted(0) ? inner.matmul(w) : nil,
                    gradients.isWanted(1) ? inner.transposed().matmul(x) : nil,
                    gradients.isWanted(2) ? inner.sum(axes: [0]) : nil,
                ]
            }
        }
    }

    static func selu(_ x: Tensor) -> Tensor { Operator("selu")([.tensor(x)]) }

    private static let scale = 1.0507009873554805
    private static let alpha = 1.6732632423543772

    /// x² by a loop over memory, with its derivative the same way.
    static func square(_ x: Tensor, keeping witness: Witness? = nil) -> Tensor {
        Tensor.function(of: [x], output: product(x, x)) { gradients in
            withExtendedLifetime(witness) { [product(gradients[0], x) * 2] }
        }
    }

    private static func product(_ x: Tensor, _ y: Tensor) -> Tensor {
        let result = Tensor.zeros(x.shape.sizes, dtype: .float64)
        do {
            try x.withElements(of: Double.self) { a in
                try y.withElements(of: Double.self) { b in
                    try result.withMutableElements(of: Double.self) { out in
                        for index in out.indices { out[index] = a[index] * b[index] }
                    }
                }
            }
        } catch { return (error as? TensorError).map { Tensor(poison: $0) } ?? result }
        return result
    }

    /// The identity, whose backward is `backward`.
    static func identity(
        _ x: Tensor, _ backward: @escaping @Sendable (OutputGradients) throws -> [Tensor?]
    ) -> Tensor {
        Tensor.function(of: [x], output: x.detached(), name: "identity(of:)", backward: backward)
    }
}

/// Counts itself, so that a test can see what is still alive.
final class Witness: Sendable {
    private let alive: Count

    init(_ alive: Count) {
        self.alive = alive
        alive.add(1)
    }

    deinit { alive.add(-1) }
}

/// A number that threads share.
final class Count: Sendable {
    private let number = Atomic(0)

    var value: Int { number.load(ordering: .sequentiallyConsistent) }

    func add(_ change: Int) { number.add(change, ordering: .sequentiallyConsistent) }
}

@Suite struct FunctionTests {
    let x = Tensor(numbers(12), shape: [4, 3])
    let w = Tensor(numbers(15, seed: 2), shape: [5, 3])
    let b = Tensor(numbers(5, seed: 3))

    private func leaves() throws -> [Tensor] { try [x, w, b].map { try $0.cloned().requiringGradient() } }

    @Test("Derivatives given by hand are those of LibTorch's own operators")
    func derivatives() throws {
        let leaves = try leaves()
        func loss(_ y: Tensor) -> Tensor {
            (y * Tensor(numbers(20, seed: 4), shape: [4, 5])).sum() + y.squared().mean()
        }
        let own = loss(Own.linearSELU(leaves[0], leaves[1], leaves[2]))
        let theirs = loss(Own.selu(leaves[0].linear(leaves[1], bias: leaves[2])))
        expectEqual([try own.item()], [try theirs.item()], tolerance: 1e-14)
        for (got, expected) in zip(try own.gradients(of: leaves), try theirs.gradients(of: leaves)) {
            expectEqual(try got.values, try expected.values, tolerance: 1e-12)
        }
    }

    @Test("A function in the middle of a graph, used twice, passes derivatives on; backward() adds them up")
    func inside() throws {
        let leaf = try x.cloned().requiringGradient()
        func loss(_ square: (Tensor) -> Tensor) -> Tensor { square(square(leaf.tanh()) + leaf * 0.5).exp().sum() }
        let expected = try loss { $0 * $0 }.gradients(of: [leaf])[0].values
        expectEqual(try loss { Own.square($0) }.gradients(of: [leaf])[0].values, expected, tolerance: 1e-12)
        try loss { Own.square($0) }.backward()
        try loss { Own.square($0) }.backward()
        expectEqual(try #require(leaf.gradient).values, expected.map { 2 * $0 }, tolerance: 1e-12)
    }

    @Test("An output that the loss does not use is told, and has zeros; indices have no derivative")
    func severalOutputs() throws {
        let leaf = try x.cloned().requiringGradient()
        let seen = Mutex<[[Bool]]>([])
        func parts() -> [Tensor] {
            let (double, order) = withoutGradients { (leaf * 2, Operator("argsort")([.tensor(leaf), .int(1)])) }
            return Tensor.function(of: [leaf], outputs: [double, order, leaf.detached()]) { gradients in
                seen.withLock { $0.append((0..<4).map { gradients.reaches($0) }) }
                guard gradients[1].dtype == .int64, gradients[9].error?.message == "there is no output 9 of 3" else {
                    return []
                }
                return [gradients[0] * 2 + gradients[2]]
            }
        }
        var out = parts()
        #expect(
            out[0].requiresGradient && out[2].requiresGradient && !out[1].requiresGradient && out[1].dtype == .int64)
        #expect(try out[0].sum().gradients(of: [leaf])[0].values == Array(repeating: 2, count: 12))
        out = parts()
        #expect(try out[2].sum().gradients(of: [leaf])[0].values == Array(repeating: 1, count: 12))
        out = parts()
        #expect(try (out[0] + out[2]).sum().gradients(of: [leaf])[0].values == Array(repeating: 3, count: 12))
        #expect(
            seen.withLock { $0 } == [
                [true, false, false, false], [false, false, true, false], [true, false, true, false],
            ])
    }

    @Test("Only the derivatives that are asked for are wanted, and others are of no account")
    func wanted() throws {
        let leaves = try leaves()
        let seen = Mutex<[[Bool]]>([])
        func loss(_ first: Tensor) -> Tensor {
            Tensor.function(of: [first, leaves[1]], output: Tensor(1.0)) { gradients in
                seen.withLock { $0.append([gradients.isWanted(0), gradients.isWanted(1), gradients.isWanted(2)]) }
                return [Tensor(0.0), gradients.isWanted(1) ? Tensor.ones([5, 3], dtype: .float64) : nil]
            }
        }
        #expect(try loss(x).gradients(of: [leaves[1]])[0].values == Array(repeating: 1, count: 15))
        #expect(try loss(leaves[0]).gradients(of: [leaves[1]])[0].values == Array(repeating: 1, count: 15))
        #expect(seen.withLock { $0 } == [[false, true, false], [false, true, false]])
    }

    @Test("nil stands for zero")
    func zero() throws {
        let leaf = try x.cloned().requiringGradient()
        #expect(try (Own.identity(leaf) { _ in [nil] }).sum().gradients(of: [leaf])[0].values.allSatisfy { $0 == 0 })
    }

    @Test("Several threads differentiate at once over shared parameters, with the numbers of one after the other")
    func threads() throws {
        let parameters = try [w, b].map { try $0.cloned().requiringGradient() }
        let calls = Count()
        @Sendable func work(_ seed: Int) -> [[Double]] {
            Engine.setIntraOpThreads(1)
            var sums = parameters.map { _ in [Double]() }
            for turn in 0..<50 {
                let input = Tensor(numbers(12, seed: UInt64(100 * seed + turn + 7)), shape: [4, 3])
                let y = Own.linearSELU(input, parameters[0], parameters[1])
                let counted = Own.identity(y) { gradients in
                    calls.add(1)
                    return [gradients[0]]
                }
                guard let found = try? counted.squared().sum().gradients(of: parameters) else { return [] }
                for (index, gradient) in found.enumerated() { sums[index] += (try? gradient.values) ?? [] }
            }
            return sums
        }
        let alone = (0..<6).map(work)
        let together = Mutex([[[Double]]](repeating: [], count: 6))
        DispatchQueue.concurrentPerform(iterations: 6) { index in
            let result = work(index)
            together.withLock { $0[index] = result }
        }
        #expect(together.withLock { $0 } == alone && alone.allSatisfy { $0.count == 2 && $0[0].count == 50 * 15 })
        #expect(calls.value == 600)
    }

    @Test("Nothing is recorded without gradients, in inference mode, and for inputs that need none")
    func unrecorded() throws {
        let leaf = try x.cloned().requiringGradient()
        let alive = Count()
        var kept = withoutGradients { Own.square(leaf, keeping: Witness(alive)) }
        #expect(alive.value == 0 && !kept.requiresGradient)
        kept = inferenceMode { Own.square(leaf, keeping: Witness(alive)) }
        #expect(alive.value == 0 && !kept.requiresGradient)
        kept = Own.square(x, keeping: Witness(alive))
        #expect(alive.value == 0 && !kept.requiresGradient)
        #expect(tensorError { try kept.sum().backward() } != nil)
        kept = Own.square(leaf, keeping: Witness(alive))
        #expect(alive.value == 1 && kept.requiresGradient)
    }

    @Test("The history of what is handed in as an output is of no account")
    func history() throws {
        let (leaf, other) = (try x.cloned().requiringGradient(), try x.cloned().requiringGradient())
        let y = Tensor.function(of: [leaf], output: leaf * other) { [$0[0]] }
        #expect(try y.sum().gradients(of: [leaf, other]).map { try $0.values[0] } == [1, 0])
        #expect(!Tensor.function(of: [x], output: x * other) { [$0[0]] }.requiresGradient)
        let same = Tensor.function(of: [leaf], output: leaf) { [$0[0] * 3] }
        #expect(try same.sum().gradients(of: [leaf])[0].values[0] == 3 && leaf.requiresGradient)
    }

    @Test("Outputs made in inference mode take part in derivatives")
    func inferenceOutputs() throws {
        let leaf = try x.cloned().requiringGradient()
        let y = inferenceMode { leaf * leaf }
        let own = Tensor.function(of: [leaf], output: y) { [$0[0] * leaf * 2] }
        #expect(try (own * leaf).sum().gradients(of: [leaf])[0].values[1] == 3 * x.squared().values[1])
    }

    @Test("Under autocast the backward computes as the forward did, wherever derivatives are asked for")
    func autocasting() throws {
        let leaves = try leaves().map { try $0.detached().to(.float32).cloned().requiringGradient() }
        let types = Mutex<[DType]>([])
        let y = autocast(.bfloat16) {
            let y = withoutGradients { leaves[0].linear(leaves[1], bias: leaves[2]) }
            return Tensor.function(of: leaves, output: y) { gradients in
                let product = gradients[0].matmul(leaves[1])
                types.withLock { $0 = [gradients[0].dtype, product.dtype] }
                return [product, gradients[0].transposed().matmul(leaves[0]), gradients[0].to(.float32).sum(axes: [0])]
            }
        }
        #expect(y.dtype == .bfloat16)
        let found = try y.to(.float32).squared().sum().gradients(of: leaves)
        #expect(found.allSatisfy { $0.dtype == .float32 } && types.withLock { $0 } == [.bfloat16, .bfloat16])
        let exact = try leaves[0].linear(leaves[1], bias: leaves[2]).squared().sum().gradients(of: leaves)
        for (got, expected) in zip(found, exact) { expectEqual(try got.values, try expected.values, tolerance: 5e-2) }
        // Outside of autocast it stays outside.
        let plain = Own.identity(leaves[0]) { gradients in
            types.withLock { $0 = [gradients[0].matmul(leaves[0].transposed()).dtype] }
            return [gradients[0]]
        }
        _ = try autocast(.bfloat16) { try plain.sum().gradients(of: leaves) }
        #expect(types.withLock { $0 } == [.float32])
    }

    @Test("A weight that a function used without recording still has its derivative elsewhere under autocast")
    func tiedWeights() throws {
        let leaves = try leaves().map { try $0.detached().to(.float32).cloned().requiringGradient() }
        let found = try autocast(.bfloat16) {
            let first = withoutGradients { leaves[0].linear(leaves[1]) }
            let own = Tensor.function(of: [leaves[0]], output: first) { [$0[0].matmul(leaves[1])] }
            return try (own + leaves[0].linear(leaves[1])).to(.float32).sum().gradients(of: leaves)
        }
        #expect(try found[1].values.contains { $0 != 0 })
    }

    @Test("First derivatives may be part of a graph; differentiating through them again is refused in one sentence")
    func second() throws {
        let leaf = try x.cloned().requiringGradient()
        let first = try (Own.square(leaf) * leaf).sum().gradients(of: [leaf], graph: true)[0]
        expectEqual(try first.values, try x.squared().values.map { 3 * $0 }, tolerance: 1e-12)
        let error = try #require(tensorError { try first.sum().gradients(of: [leaf]) })
        #expect(
            error.message == "square has first derivatives only: what its backward gives cannot be differentiated again"
        )
    }

    @Test("A graph that was differentiated has let go of what it kept, and says so")
    func again() throws {
        let leaf = try x.cloned().requiringGradient()
        let alive = Count()
        let y = Own.square(leaf, keeping: Witness(alive))
        let loss = y.reshaped([12]).narrowed(axis: 0, 0..<12).expanded([2, 12])
        let sum = loss.sum()
        _ = try sum.gradients(of: [leaf])
        #expect(alive.value == 0)
        let error = try #require(tensorError { try sum.gradients(of: [leaf]) })
        #expect(error.message == "square was differentiated before, and let go of what it had kept: compute it anew")
    }
}
