import Foundation
import Layers
import Tensors
import Testing

@Suite struct ConvolutionTests {
    struct Shape: Sendable, CustomStringConvertible {
        var inputs = 4, outputs = 6, kernel = 3, stride = 1, padding = 0, groups = 1, length = 7, bias = true

        var description: String { "\(inputs)->\(outputs) k\(kernel) s\(stride) p\(padding) g\(groups) \(bias)" }
    }

    static let shapes = [
        Shape(), Shape(padding: 1), Shape(stride: 2, padding: 2), Shape(groups: 2), Shape(kernel: 1, bias: false),
        Shape(inputs: 3, outputs: 3, kernel: 5, stride: 3, padding: 2, groups: 3),
        Shape(kernel: 4, stride: 2, padding: 1, length: 8),
    ]

    /// The sum of products of the formula, over one axis.
    private func correlated(_ x: [Double], _ w: [Double], _ b: [Double]?, _ s: Shape) -> [Double] {
        let result = (s.length + 2 * s.padding - s.kernel) / s.stride + 1
        let (ins, outs) = (s.inputs / s.groups, s.outputs / s.groups)
        return (0..<2 * s.outputs * result).map { place in
            let (n, o, l) = (place / result / s.outputs, place / result % s.outputs, place % result)
            var sum = b?[o] ?? 0
            for i in 0..<ins {
                for k in 0..<s.kernel {
                    let from = s.stride * l + k - s.padding
                    guard (0..<s.length).contains(from) else { continue }
                    let channel = o / outs * ins + i
                    sum += w[(o * ins + i) * s.kernel + k] * x[(n * s.inputs + channel) * s.length + from]
                }
            }
            return sum
        }
    }

    @Test("A convolution along one axis is the formula's sum", arguments: shapes)
    func conv1d(shape s: Shape) throws {
        let (layer, weights, entries) = try filled {
            try Conv1d(
                s.inputs, s.outputs, kernel: s.kernel, stride: s.stride, padding: s.padding, groups: s.groups,
                bias: s.bias, in: $0)
        }
        #expect(entries.map(\.name) == (s.bias ? ["weight", "bias"] : ["weight"]))
        #expect(layer.weight.shape == [s.outputs, s.inputs / s.groups, s.kernel])
        let x = random([2, s.inputs, s.length])
        let expected = correlated(try x.values, try #require(weights["weight"]), weights["bias"], s)
        #expect(try distance(layer(x).values, expected) < 1e-12)
    }

    @Test("A convolution of images with one row is that along one axis", arguments: shapes)
    func conv2d(shape s: Shape) throws {
        let (layer, weights, entries) = try filled {
            try Conv2d(
                s.inputs, s.outputs, kernel: s.kernel, stride: s.stride, padding: s.padding, groups: s.groups,
                bias: s.bias, in: $0)
        }
        #expect(entries.map(\.name) == (s.bias ? ["weight", "bias"] : ["weight"]))
        // Rows of zeros around one row: only the kernel's matching row touches it, so each output row is a convolution along it.
        let x = random([2, s.inputs, s.length, s.length])
        let got = layer(x)
        let side = (s.length + 2 * s.padding - s.kernel) / s.stride + 1
        #expect(got.shape == [2, s.outputs, side, side])
        let all = try #require(weights["weight"])
        var expected = [Double](repeating: 0, count: 2 * s.outputs * side * side)
        for y in 0..<side {
            for ky in 0..<s.kernel {
                let from = s.stride * y + ky - s.padding
                guard (0..<s.length).contains(from) else { continue }
                let row = try x.selected(axis: 2, from).contiguous().values
                let kernel = (0..<all.count / s.kernel).map { k in
                    all[(k / s.kernel * s.kernel + ky) * s.kernel + k % s.kernel]
                }
                let part = correlated(row, kernel, nil, s)
                for (place, value) in part.enumerated() {
                    expected[(place / side * side + y) * side + place % side] += value
                }
            }
            for place in 0..<2 * s.outputs * side {
                expected[(place / side * side + y) * side + place % side] +=
                    weights["bias"]?[place / side % s.outputs] ?? 0
            }
        }
        #expect(try distance(got.values, expected) < 1e-12)
    }

    @Test(
        "A transposed convolution is the transpose: <conv(x), y> = <x, transposed(y)>",
        arguments: [(3, 1, 0), (3, 1, 1), (4, 2, 1), (2, 2, 0)])
    func transposed(kernel: Int, stride: Int, padding: Int) throws {
        let length = 8
        let result = (length + 2 * padding - kernel) / stride + 1
        let same = (result - 1) * stride - 2 * padding + kernel
        func line(_ rank: Int, _ count: Int) -> [Int] { [Int](repeating: count, count: rank) }
        for rank in [1, 2] {
            let shared = random([5, 3] + line(rank, kernel))
            let weights = [(name: "weight", tensor: shared)]
            let x = random([2, 3] + line(rank, same), seed: 1)
            let y = random([2, 5] + line(rank, result), seed: 2)
            let forward: Tensor
            let back: Tensor
            if rank == 1 {
                forward = try Conv1d(
                    3, 5, kernel: kernel, stride: stride, padding: padding, bias: false,
                    in: .loading(weights, dtype: .float64))(x)
                back = try ConvTranspose1d(
                    5, 3, kernel: kernel, stride: stride, padding: padding, bias: false,
                    in: .loading(weights, dtype: .float64))(y)
            } else {
                forward = try Conv2d(
                    3, 5, kernel: kernel, stride: stride, padding: padding, bias: false,
                    in: .loading(weights, dtype: .float64))(x)
                back = try ConvTranspose2d(
                    5, 3, kernel: kernel, stride: stride, padding: padding, bias: false,
                    in: .loading(weights, dtype: .float64))(y)
            }
            #expect(back.shape == x.shape)
            #expect(abs(try (forward * y).sum().item() - (x * back).sum().item()) < 1e-9)
        }
    }

    @Test("A transposed convolution of zeros is its bias")
    func transposedBias() throws {
        let (one, first, _) = try filled { try ConvTranspose1d(2, 3, kernel: 2, stride: 2, in: $0) }
        let (two, second, _) = try filled { try ConvTranspose2d(2, 3, kernel: 2, stride: 2, in: $0) }
        let line = one(Tensor.zeros([1, 2, 4], dtype: .float64))
        let image = two(Tensor.zeros([1, 2, 4, 4], dtype: .float64))
        #expect(line.shape == [1, 3, 8] && image.shape == [1, 3, 8, 8])
        #expect(try line.selected(axis: 2, 5).values == first["bias"])
        #expect(try image.selected(axis: 3, 1).selected(axis: 2, 6).values == second["bias"])
    }

    @Test("Derivatives of convolutions")
    func derivatives() throws {
        let (line, _, first) = try filled { try Conv1d(2, 4, kernel: 3, stride: 2, padding: 1, groups: 2, in: $0) }
        try checkDerivatives(of: first, at: random([2, 2, 6])) { line($0) }
        let (image, _, second) = try filled { try Conv2d(2, 3, kernel: 3, padding: 1, in: $0) }
        try checkDerivatives(of: second, at: random([1, 2, 4, 4])) { image($0) }
        let (up, _, third) = try filled { try ConvTranspose2d(2, 3, kernel: 2, stride: 2, in: $0) }
        try checkDerivatives(of: third, at: random([1, 2, 2, 3])) { up($0) }
    }

    @Test("New weights and biases are uniform with PyTorch's bound")
    func laws() throws {
        let scope = drawing()
        let layers: [(Tensor, Tensor?, Double)] = [
            { ($0.weight, $0.bias, 1 / 40.0.squareRoot()) }(try Conv1d(16, 300, kernel: 5, groups: 2, in: scope["a"])),
            { ($0.weight, $0.bias, 1 / 72.0.squareRoot()) }(try Conv2d(8, 300, kernel: 3, in: scope["b"])),
            { ($0.weight, $0.bias, 1 / 600.0.squareRoot()) }(try ConvTranspose1d(8, 300, kernel: 2, in: scope["c"])),
            { ($0.weight, $0.bias, 1 / 1200.0.squareRoot()) }(try ConvTranspose2d(8, 300, kernel: 2, in: scope["d"])),
        ]
        for (weight, bias, bound) in layers {
            for values in [try weight.values, try #require(bias).values] {
                let spread = (values.reduce(0) { $0 + $1 * $1 } / Double(values.count)).squareRoot()
                let largest = values.map(abs).max() ?? 0
                #expect(largest <= bound * (1 + 1e-6) && largest > bound * 0.97)
                #expect(abs(spread * 3.0.squareRoot() / bound - 1) < 0.1)
            }
        }
    }

    @Test("Pooling takes the largest and drops what is left over")
    func pooling() throws {
        let x = Tensor([3, 9, -1, 4, 7, 8] as [Double], shape: [1, 1, 6])
        #expect(try x.largestElements().values == [9, 4, 8] && x.largestElements(4).values == [9])
        let image = Tensor((0..<20).map { Double($0 * 7 % 20) }, shape: [1, 1, 4, 5])
        #expect(try image.largestPixels().values == [15, 16, 17, 19])
    }
}
