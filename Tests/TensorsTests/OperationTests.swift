import Foundation
import Tensors
import Testing

@Suite struct OperationTests {
    let a = Tensor(numbers(6), shape: [2, 3])
    let b = Tensor(numbers(6, seed: 2), shape: [2, 3])

    @Test("Arithmetic works element by element")
    func arithmetic() throws {
        let (x, y) = (numbers(6), numbers(6, seed: 2))
        expectEqual(try (a + b).values, zip(x, y).map { $0 + $1 })
        expectEqual(try (a - b).values, zip(x, y).map { $0 - $1 })
        expectEqual(try (a * b).values, zip(x, y).map { $0 * $1 })
        expectEqual(try (a / b).values, zip(x, y).map { $0 / $1 })
        expectEqual(try (-a).values, x.map { -$0 })
        expectEqual(try (2 - a).values, x.map { 2 - $0 })
        expectEqual(try (2 / a).values, x.map { 2 / $0 })
        expectEqual(try ((a + 1) * 3 / 2 - 0.5).values, x.map { ($0 + 1) * 3 / 2 - 0.5 })
        expectEqual(try (1 + a + 2 * a).values, x.map { 1 + 3 * $0 })
        var c = a
        c += b
        c -= a
        c *= b
        c *= 2
        expectEqual(try c.values, y.map { 2 * $0 * $0 })
        expectEqual(try a.values, x)
    }

    @Test("Axes of size 1 and missing axes are broadcast")
    func broadcasting() throws {
        let row = Tensor([1.0, 2, 3])
        let column = Tensor([10.0, 20], shape: [2, 1])
        #expect(try (row + column).values == [11, 12, 13, 21, 22, 23])
        #expect((row + column).shape == [2, 3] && (Tensor(1.0) + a).shape == [2, 3])
    }

    @Test("Functions of one number agree with the C library")
    func functions() throws {
        let positive = numbers(8).map { abs($0) + 0.1 }
        let x = Tensor(positive)
        func sigmoid(_ v: Double) -> Double { 1 / (1 + Foundation.exp(-v)) }
        let pairs: [(Tensor, (Double) -> Double)] = [
            (x.exp(), Foundation.exp), (x.log(), Foundation.log), (x.sqrt(), { $0.squareRoot() }),
            (x.tanh(), Foundation.tanh), (x.sigmoid(), sigmoid), (x.silu(), { $0 * sigmoid($0) }),
            (x.gelu(), { $0 / 2 * (1 + erf($0 / 2.0.squareRoot())) }), (x.cos(), Foundation.cos),
            (x.sin(), Foundation.sin),
            (x.log1p(), Foundation.log1p), ((-x).abs(), { $0 }), ((-x).relu(), { _ in 0 }), (x.squared(), { $0 * $0 }),
            (x.pow(1.7), { Foundation.pow($0, 1.7) }), (x.clamp(0.3, 0.6), { min(max($0, 0.3), 0.6) }),
            (x.isLess(than: 0.5), { $0 < 0.5 ? 1 : 0 }),
            (Operator.powScalar([.double(3), .tensor(x)]), { Foundation.pow(3, $0) }),
        ]
        for (result, function) in pairs { expectEqual(try result.values, positive.map(function), tolerance: 1e-12) }
        #expect(try Tensor([0.5, 1.5, 2.5, -0.5]).rounded().values == [0, 2, 2, 0])
    }

    @Test("Reductions agree with sums by hand")
    func reductions() throws {
        let x = numbers(6)
        expectEqual([try a.sum().item(), try a.mean().item()], [x.reduce(0, +), x.reduce(0, +) / 6])
        expectEqual(try a.sum(axes: [1]).values, [x[0] + x[1] + x[2], x[3] + x[4] + x[5]])
        expectEqual(try a.mean(axes: [0], keeping: true).values, (0..<3).map { (x[$0] + x[$0 + 3]) / 2 })
        #expect(a.mean(axes: [0], keeping: true).shape == [1, 3])
        expectEqual(try a.amax(axes: [1]).values, [x[0...2].max()!, x[3...5].max()!])
        let logs = [0, 3].map { row -> Double in log(exp(x[row]) + exp(x[row + 1]) + exp(x[row + 2])) }
        expectEqual(try a.logSumExp(axes: [1]).values, logs)
        expectEqual(try a.norm(axes: [0, 1]).values, [x.map { $0 * $0 }.reduce(0, +).squareRoot()])
        #expect(try Tensor([1000.0, 1000]).logSumExp(axes: [0]).item() == 1000 + log(2.0))
    }

    @Test("Shapes are changed without touching values")
    func shaping() throws {
        let x = Tensor.arange(0, 24).reshaped([2, 3, 4])
        #expect(x.reshaped([4, -1]).shape == [4, 6] && x.permuted([2, 0, 1]).shape == [4, 2, 3])
        #expect(x.transposed().shape == [2, 4, 3] && x.transposed(0, 1).shape == [3, 2, 4])
        #expect(try x.transposed().contiguous().values.prefix(3) == [0, 4, 8])
        #expect(
            x.unsqueezed(0).shape == [1, 2, 3, 4] && x.unsqueezed(0).expanded([5, 2, 3, 4]).shape == [5, 2, 3, 4])
        #expect(try x.narrowed(axis: 2, 1..<3).selected(axis: 0, 1).values == [13, 14, 17, 18, 21, 22])
        #expect(try x.gathered(rows: [1, 1, 0]).selected(axis: 0, 2).values == x.selected(axis: 0, 0).values)
        #expect(try x.chunked(2, axis: 2).map { try $0.sum().item() } == [126, 150])
        #expect(try Tensor.arange(0, 3).flipped(axes: [0]).values == [2, 1, 0])
        #expect(
            try Tensor.concatenated([x, x], axis: 1).shape == [2, 6, 4]
                && Tensor.stacked([x, x]).shape == [2, 2, 3, 4])
        let mask = Tensor([true, false, true])
        #expect(try Tensor([1.0, 2, 3]).replaced(where: mask, with: Tensor([7.0, 8, 9])).values == [7, 2, 9])
        let image = Tensor.arange(0, 24).reshaped([1, 2, 3, 4])
        #expect(try image.channelsLast().values == image.values)
    }

    @Test("Matrix products, linear maps and softmax agree with sums by hand")
    func products() throws {
        let (x, y) = (numbers(6), numbers(6, seed: 2))
        let pairs = [(0, 0), (0, 3), (3, 0), (3, 3)]
        let expected: [Double] = pairs.map { i, j in x[i] * y[j] + x[i + 1] * y[j + 1] + x[i + 2] * y[j + 2] }
        expectEqual(try a.matmul(b.transposed()).values, expected)
        expectEqual(try a.linear(b).values, expected)
        let bias = [0.5, -1]
        expectEqual(try a.linear(b, bias: Tensor(bias)).values, expected.enumerated().map { $1 + bias[$0 % 2] })
        let soft = try a.softmax(axis: 1).values
        let sums = [0, 3].map { row -> Double in exp(x[row]) + exp(x[row + 1]) + exp(x[row + 2]) }
        expectEqual(soft, x.enumerated().map { exp($1) / sums[$0 / 3] })
    }

    @Test("Fused attention is softmax of scaled products")
    func attention() throws {
        let q = Tensor(numbers(24), shape: [1, 2, 3, 4]).to(.float32)
        let k = Tensor(numbers(40, seed: 3), shape: [1, 2, 5, 4]).to(.float32)
        let v = Tensor(numbers(40, seed: 4), shape: [1, 2, 5, 4]).to(.float32)
        let plain = (q.matmul(k.transposed()) / 2).softmax().matmul(v)
        expectEqual(try Tensor.attention(q, k, v).values, try plain.values, tolerance: 1e-5)
    }

    @Test("Convolutions agree with sums by hand")
    func convolutions() throws {
        let x = Tensor(numbers(2 * 2 * 4 * 4), shape: [2, 2, 4, 4])
        let w = Tensor(numbers(3 * 2 * 9, seed: 5), shape: [3, 2, 3, 3])
        let (xs, ws) = (try x.values, try w.values)
        var expected: [Double] = []
        for n in 0..<2 {
            for o in 0..<3 {
                for i in 0..<4 {
                    for j in 0..<4 {
                        var sum = 0.25
                        for c in 0..<2 {
                            for u in 0..<3 {
                                for v in 0..<3 {
                                    let (row, column) = (i + u - 1, j + v - 1)
                                    guard (0..<4).contains(row), (0..<4).contains(column) else { continue }
                                    sum += xs[((n * 2 + c) * 4 + row) * 4 + column] * ws[((o * 2 + c) * 3 + u) * 3 + v]
                                }
                            }
                        }
                        expected.append(sum)
                    }
                }
            }
        }
        let bias = Tensor.full([3], 0.25, dtype: .float64)
        expectEqual(try x.conv2d(w, bias: bias, padding: 1).values, expected)
        #expect(x.conv2d(w, stride: 2).shape == [2, 3, 1, 1])
        // A transposed convolution is the adjoint: <conv(x), y> = <x, convT(y)>.
        let y = Tensor(numbers(2 * 3 * 4 * 4, seed: 6), shape: [2, 3, 4, 4])
        let left = try (x.conv2d(w, padding: 1) * y).sum().item()
        expectEqual([left], [try (x * y.convTranspose2d(w, padding: 1)).sum().item()])
    }

    @Test("Group and layer normalisation agree with the formula")
    func normalisation() throws {
        let x = Tensor(numbers(2 * 4 * 6), shape: [2, 4, 6])
        let (weight, bias) = (Tensor(numbers(4, seed: 7)), Tensor(numbers(4, seed: 8)))
        let groups = x.reshaped([2, 2, 12])
        let centred = groups - groups.mean(axes: [2], keeping: true)
        let scaled = centred / (centred.squared().mean(axes: [2], keeping: true) + 1e-3).sqrt()
        let expected = scaled.reshaped([2, 4, 6]) * weight.reshaped([1, 4, 1]) + bias.reshaped([1, 4, 1])
        expectEqual(try x.groupNorm(groups: 2, weight: weight, bias: bias, epsilon: 1e-3).values, try expected.values)
        let rows = x - x.mean(axes: [2], keeping: true)
        let normal = rows / (rows.squared().mean(axes: [2], keeping: true) + 1e-5).sqrt()
        expectEqual(try x.layerNorm(weight: nil, bias: nil).values, try normal.values)
    }

    @Test("Operators called by name give all their results")
    func byName() throws {
        let results = Operator("topk").all([.tensor(Tensor([3.0, 9, 5])), .int(2)])
        #expect(try results.count == 2 && results[0].values == [9, 5] && results[1].array(of: Int.self) == [1, 2])
        #expect(try Operator("cumsum")([.tensor(Tensor([1.0, 2, 3])), .int(0)]).values == [1, 3, 6])
        #expect(
            try Operator("split", "Tensor").all([.tensor(Tensor([1.0, 2, 3])), .int(2)]).map(\.elementCount) == [2, 1])
        let product = Operator("einsum")([.string("ij,kj->ik"), .tensors([a, b])])
        expectEqual(try product.values, try a.matmul(b.transposed()).values)
    }

    @Test("The loaded LibTorch has every operator that Genera needs, but for those of 1.13 that have other ways")
    func required() throws {
        let isOld = try Engine.information().torchVersion.hasPrefix("1.")
        let replaced: Set = ["scaled_dot_product_attention", "_foreach_lerp_.Scalar", "_fused_adamw_"]
        #expect(Operator.required.count >= 199)
        #expect(Set(Operator.missingRequired).isSubset(of: isOld ? replaced : []))
        #expect(Set(Operator.required).count == Operator.required.count)
    }
}
