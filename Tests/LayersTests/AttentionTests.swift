import Foundation
import Layers
import Tensors
import Testing

@Suite struct AttentionTests {
    /// The formula in plain arithmetic, for one set: rows of tokens.
    private func attended(
        _ x: [[Double]], _ y: [[Double]], _ w: [String: [Double]], heads: Int, keys: (String, String, String, String),
        mask: (Int, Int) -> Bool = { _, _ in true }
    ) -> [[Double]] {
        let width = x[0].count
        let c = width / heads
        func linear(_ x: [Double], _ weight: [Double], _ bias: [Double]?, from row: Int) -> [Double] {
            (0..<width).map { o in
                x.indices.reduce(bias?[row + o] ?? 0) { $0 + weight[(row + o) * width + $1] * x[$1] }
            }
        }
        let (weight, bias) = (w[keys.0]!, w[keys.1])
        let q = x.map { linear($0, weight, bias, from: 0) }
        let k = y.map { linear($0, weight, bias, from: width) }
        let v = y.map { linear($0, weight, bias, from: 2 * width) }
        return q.indices.map { i in
            var mixed = [Double](repeating: 0, count: width)
            for h in 0..<heads {
                let part = h * c..<(h + 1) * c
                let open = k.indices.filter { mask(i, $0) }
                let logits = open.map { j in exp(part.reduce(0) { $0 + q[i][$1] * k[j][$1] } / Double(c).squareRoot()) }
                let total = logits.reduce(0, +)
                for (j, weight) in zip(open, logits) { for e in part { mixed[e] += weight / total * v[j][e] } }
            }
            return linear(mixed, w[keys.2]!, w[keys.3], from: 0)
        }
    }

    private func rows(_ x: Tensor) throws -> [[Double]] {
        let (values, width) = (try x.values, x.shape[-1])
        return stride(from: 0, to: values.count, by: width).map { Array(values[$0..<$0 + width]) }
    }

    private let torch = ("in_proj_weight", "in_proj_bias", "out_proj.weight", "out_proj.bias")

    @Test("Attention of a set to itself is its formula", arguments: [1, 2, 3, 6])
    func selfAttention(heads: Int) throws {
        let (layer, w, entries) = try filled { try MultiHeadAttention(6, heads: heads, in: $0) }
        #expect(entries.map(\.name) == ["in_proj_weight", "in_proj_bias", "out_proj.weight", "out_proj.bias"])
        #expect(entries.map(\.tensor.shape.sizes) == [[18, 6], [18], [6, 6], [6]])
        let x = random([2, 5, 6])
        for n in 0..<2 {
            let part = x.selected(axis: 0, n)
            let expected = attended(try rows(part), try rows(part), w, heads: heads, keys: torch)
            #expect(try distance(layer(x).selected(axis: 0, n).values, expected.flatMap { $0 }) < 1e-10)
            #expect(try distance(layer(part).values, expected.flatMap { $0 }) < 1e-10)
        }
    }

    @Test("Attention to another set, without biases, under the names of linear layers")
    func crossAttention() throws {
        let (layer, w, entries) = try filled {
            try MultiHeadAttention(
                4, heads: 2, bias: false, keys: .linears(input: "attn_qkv", output: "attn_out"), in: $0)
        }
        #expect(entries.map(\.name) == ["attn_qkv.weight", "attn_out.weight"])
        let (x, y) = (random([3, 4]), random([7, 4], seed: 8))
        let expected = attended(
            try rows(x), try rows(y), w, heads: 2, keys: ("attn_qkv.weight", "", "attn_out.weight", ""))
        #expect(try distance(layer(x, context: y).values, expected.flatMap { $0 }) < 1e-10)
        let (biased, v, _) = try filled { try MultiHeadAttention(4, heads: 2, in: $0) }
        let other = attended(try rows(x), try rows(y), v, heads: 2, keys: torch)
        #expect(try distance(biased(x, context: y).values, other.flatMap { $0 }) < 1e-10)
    }

    @Test("A mask closes pairs; a token that may look at none gets the output's bias")
    func masks() throws {
        let (layer, w, entries) = try filled { try MultiHeadAttention(4, heads: 2, in: $0) }
        let x = random([1, 4, 4])
        func open(_ i: Int, _ j: Int) -> Bool { i != 2 && j <= i }
        let mask = Tensor((0..<16).map { open($0 / 4, $0 % 4) }, shape: [4, 4])
        let part = try rows(x)
        var expected = attended(part, part, w, heads: 2, keys: torch, mask: open)
        expected[2] = w["out_proj.bias"]!
        #expect(try distance(layer(x, mask: mask).values, expected.flatMap { $0 }) < 1e-10)
        // A mask of keys alone: what a closed token says does not matter to the others.
        let present = Tensor([true, true, false, true], shape: [1, 1, 1, 4])
        let moved = x + Tensor([0, 0, 5, 0] as [Double], shape: [1, 4, 1])
        let (one, two) = (try rows(layer(x, mask: present)), try rows(layer(moved, mask: present)))
        for token in [0, 1, 3] { #expect(distance(one[token], two[token]) < 1e-10) }
        #expect(distance(one[2], two[2]) > 1e-3)
        try checkDerivatives(of: entries, at: x) { layer($0, mask: mask) }
    }

    @Test("The operator in pieces agrees with the engine's own")
    func pieces() throws {
        let (q, k, v) = (random([2, 3, 4]), random([2, 5, 4], seed: 1), random([2, 5, 3], seed: 2))
        let all = Tensor([Bool](repeating: true, count: 15), shape: [3, 5])
        #expect(
            try distance(Tensor.attention(q, k, v, mask: all).values, Tensor.attention(q, k, v, mask: nil).values)
                < 1e-12)
    }

    @Test("Tokens in another order come out in that order")
    func equivariance() throws {
        let (layer, _, _) = try filled { try MultiHeadAttention(6, heads: 3, in: $0) }
        let x = random([2, 5, 6])
        let order = [3, 0, 4, 1, 2]
        let moved = layer(x.gathered(axis: 1, order))
        #expect(try distance(moved.values, layer(x).gathered(axis: 1, order).values) < 1e-12)
        // And a set twice over gives what it gives once: attention sees proportions alone.
        let twice = layer(.concatenated([x, x], axis: 1)).narrowed(axis: 1, 0..<5)
        #expect(try distance(twice.values, layer(x).values) < 1e-12)
    }

    @Test("Derivatives of attention with its parameters")
    func derivatives() throws {
        let (layer, _, entries) = try filled { try MultiHeadAttention(4, heads: 2, in: $0) }
        try checkDerivatives(of: entries, at: random([1, 3, 4])) { layer($0, rotary: RotaryEmbedding(2)) }
    }

    @Test("New parameters have PyTorch's laws")
    func laws() throws {
        let layer = try MultiHeadAttention(64, heads: 4, in: drawing())
        let bound = (6.0 / 256).squareRoot()
        let largest = try layer.inputWeight.values.map(abs).max() ?? 0
        #expect(largest <= bound * (1 + 1e-6) && largest > bound * 0.99)
        let outer = try layer.output.weight.values.map(abs).max() ?? 0
        #expect(outer <= 0.125 * (1 + 1e-6) && outer > 0.124)
        #expect(try layer.inputBias?.values.allSatisfy { $0 == 0 } == true)
        #expect(try layer.output.bias?.values.allSatisfy { $0 == 0 } == true)
    }

    @Test("Heads that do not divide the width are an error, not a crash")
    func wrongHeads() throws {
        let layer = try MultiHeadAttention(6, heads: 4, in: drawing())
        #expect(layer(Tensor.zeros([1, 2, 6])).error != nil)
    }
}

@Suite struct RotaryEmbeddingTests {
    @Test("Halves are turned by the angles of the formula")
    func formula() throws {
        let x = random([2, 3, 6])
        let values = try x.values
        var expected = values
        for start in stride(from: 0, to: values.count, by: 6) {
            let position = Double(start / 6 % 3)
            for j in 0..<3 {
                let angle = position * pow(10_000, -2 * Double(j) / 6)
                let (u, v) = (values[start + j], values[start + 3 + j])
                expected[start + j] = u * cos(angle) - v * sin(angle)
                expected[start + 3 + j] = v * cos(angle) + u * sin(angle)
            }
        }
        #expect(try distance(RotaryEmbedding(6)(x).values, expected) < 1e-6)
        let places = Tensor([2, 0, 1] as [Double])
        let shuffled = RotaryEmbedding(6)(x.gathered(axis: 1, [2, 0, 1]), positions: places)
        #expect(
            try distance(shuffled.values, Tensor(expected, shape: [2, 3, 6]).gathered(axis: 1, [2, 0, 1]).values) < 1e-6
        )
    }

    @Test("Products depend on the difference of positions alone, and lengths stay")
    func relative() throws {
        let (q, k) = (random([1, 8]), random([1, 8], seed: 3))
        let rotary = RotaryEmbedding(8)
        func product(_ a: Double, _ b: Double) throws -> Double {
            try (rotary(q, positions: Tensor([a])) * rotary(k, positions: Tensor([b]))).sum().item()
        }
        #expect(try abs(product(3, 1) - product(12, 10)) < 1e-5 && abs(product(3, 1) - product(3, 2)) > 1e-3)
        #expect(abs(try rotary(q, positions: Tensor([5.5])).squared().sum().item() - q.squared().sum().item()) < 1e-5)
    }

    @Test("The frequencies can be kept in files, as a buffer")
    func buffer() throws {
        let scope = ParameterScope.listing()
        _ = try RotaryEmbedding(8, in: scope["rotary_emb"])
        #expect(scope.entries.map(\.name) == ["rotary_emb.inv_freq"] && scope.entries[0].isTrainable == false)
        #expect(scope.entries[0].tensor.shape == [4])
        let kept = try RotaryEmbedding(2, in: .loading([(name: "inv_freq", tensor: Tensor([0.5] as [Float]))]))
        let turned = try kept(Tensor([1, 0] as [Double], shape: [1, 2]), positions: Tensor([2.0])).values
        #expect(distance(turned, [cos(1.0), sin(1.0)]) < 1e-6)
    }
}

@Suite struct EmbeddingTests {
    @Test("Words are rows of the table; a word outside poisons the result")
    func lookup() throws {
        let (layer, w, entries) = try filled { try Embedding(5, 3, in: $0) }
        #expect(entries.map(\.name) == ["weight"])
        let words = [[4, 0], [2, 2]]
        let got = layer(Tensor(words.flatMap { $0 }, shape: [2, 2]))
        #expect(got.shape == [2, 2, 3])
        #expect(try got.values == words.flatMap { $0 }.flatMap { w["weight"]![$0 * 3..<$0 * 3 + 3] })
        #expect(layer(Tensor([5])).error != nil)
    }

    @Test("The table has the name and the law given")
    func law() throws {
        let scope = drawing()
        let values = try Embedding(
            200, 50, weightInit: .standard(fanIn: 50), key: "embedding", in: scope["vocab_embed"]
        ).weight.values
        #expect(scope.entries.map(\.name) == ["vocab_embed.embedding"])
        #expect((values.map(abs).max() ?? 1) <= 1 / 50.0.squareRoot() * (1 + 1e-6))
        let normal = try Embedding(200, 50, in: drawing()).weight.values
        #expect(abs((normal.reduce(0) { $0 + $1 * $1 } / 10_000).squareRoot() - 1) < 0.03)
    }

    @Test("Derivatives add up over the places where a word stands")
    func derivative() throws {
        let layer = try Embedding(
            3, 2, in: .loading([(name: "weight", tensor: Tensor.zeros([3, 2]))], trainable: true))
        let gradient = try layer(Tensor([1, 1, 0])).sum().gradients(of: [layer.weight])[0]
        #expect(try gradient.values == [1, 1, 2, 2, 0, 0])
    }

    @Test("Positional embeddings can have the sines first")
    func sinesFirst() throws {
        let x = Tensor([0.3, 7] as [Float])
        let halves = PositionalEmbedding(8, endpoint: true)(x).chunked(2, axis: 1)
        let swapped = PositionalEmbedding(8, endpoint: true, sinesFirst: true)(x)
        #expect(try swapped.values == Tensor.concatenated([halves[1], halves[0]], axis: 1).values)
    }
}
