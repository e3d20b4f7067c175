import Foundation
import Genera
import RADD

/// A transformer one number at a time, in double precision: what the kernels are compared with.
struct PlainTransformer {
    let configuration: RADDConfiguration
    let weights: [(name: String, tensor: RawTensor)]
    private let numbers: [String: [Double]]

    /// Random weights, of which norms are around 1.
    init(_ configuration: RADDConfiguration, seed: UInt64, scale: Float = 0.3) {
        var random = PlainNumbers(state: seed)
        let weights = PackedNames(configuration).list.map { parameter in
            let isNorm = parameter.name.contains("norm") && parameter.name.hasSuffix("weight")
            let values = (0..<parameter.shape.reduce(1, *)).map { _ in
                (isNorm ? 1 : 0) + scale * Float(random.uniform() * 2 - 1)
            }
            return (name: parameter.name, tensor: RawTensor(values, shape: parameter.shape))
        }
        self.configuration = configuration
        self.weights = weights
        numbers = Dictionary(uniqueKeysWithValues: weights.map { ($0.name, $0.tensor.floats().map(Double.init)) })
    }

    /// Logits `[L][V + 1]`. With `keys`, keys and values of a block at places that are not active come from there, and
    /// all that were used are given back.
    func logits(
        _ tokens: [Int32], keys: [[(key: [Double], value: [Double])]]? = nil, active: Set<Int>? = nil
    ) -> (logits: [[Double]], keys: [[(key: [Double], value: [Double])]]) {
        let width = configuration.model.width
        var x = tokens.map { token in
            Array(number("vocab_embed.embedding")[Int(token) * width..<(Int(token) + 1) * width])
        }
        var all: [[(key: [Double], value: [Double])]] = []
        for block in 0..<configuration.model.blocks {
            let place = "blocks.\(block)"
            let products = x.map { linear("\(place).attn_qkv", norm("\(place).norm1", $0)) }
            var pairs = products.enumerated().map { (p, row) in
                (key: turned(Array(row[width..<2 * width]), p), value: Array(row[2 * width..<3 * width]))
            }
            if let keys, let active {
                for p in pairs.indices where !active.contains(p) { pairs[p] = keys[block][p] }
            }
            all.append(pairs)
            for p in x.indices {
                let o = attention(turned(Array(products[p][0..<width]), p), pairs, p)
                x[p] = sum(x[p], linear("\(place).attn_out", o))
                let inside = linear("\(place).mlp.0", norm("\(place).norm2", x[p])).map(gelu)
                x[p] = sum(x[p], linear("\(place).mlp.2", inside))
            }
        }
        return (x.map { linear("output_layer.linear", norm("output_layer.norm_final", $0)) }, all)
    }

    private func number(_ name: String) -> [Double] { numbers[name] ?? [] }

    private func sum(_ a: [Double], _ b: [Double]) -> [Double] { zip(a, b).map { $0 + $1 } }

    private func gelu(_ z: Double) -> Double {
        0.5 * z * (1 + tanh((2 / Double.pi).squareRoot() * (z + 0.044715 * z * z * z)))
    }

    private func linear(_ name: String, _ x: [Double]) -> [Double] {
        let (weight, bias) = (number("\(name).weight"), numbers["\(name).bias"])
        return (0..<weight.count / x.count).map { (o: Int) -> Double in
            var sum = bias?[o] ?? 0
            for k in x.indices { sum += weight[o * x.count + k] * x[k] }
            return sum
        }
    }

    private func norm(_ name: String, _ x: [Double]) -> [Double] {
        let mean = x.reduce(0, +) / Double(x.count)
        let variance = x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(x.count)
        let (weight, bias) = (number("\(name).weight"), number("\(name).bias"))
        return x.indices.map { (x[$0] - mean) / (variance + 1e-5).squareRoot() * weight[$0] + bias[$0] }
    }

    /// Rotary positions in the half-split form.
    private func turned(_ x: [Double], _ place: Int) -> [Double] {
        let head = configuration.model.width / configuration.model.heads
        return x.indices.map { i in
            let (j, first) = (i % head % (head / 2), i - i % head)
            let angle = Double(place) * pow(10000, -2 * Double(j) / Double(head))
            let (one, other) = (x[first + j], x[first + head / 2 + j])
            return i % head < head / 2 ? one * cos(angle) - other * sin(angle) : other * cos(angle) + one * sin(angle)
        }
    }

    private func attention(_ q: [Double], _ pairs: [(key: [Double], value: [Double])], _ place: Int) -> [Double] {
        let head = configuration.model.width / configuration.model.heads
        let seen = configuration.model.isCausal == true ? pairs[...place] : pairs[...]
        return stride(from: 0, to: q.count, by: head).flatMap { first -> [Double] in
            let range = first..<first + head
            let scores = seen.map { pair -> Double in
                var product = 0.0
                for i in range { product += q[i] * pair.key[i] }
                return product / Double(head).squareRoot()
            }
            let most = scores.max() ?? 0
            let shares = scores.map { exp($0 - most) }
            let total = shares.reduce(0, +)
            return range.map { (i: Int) -> Double in
                var sum = 0.0
                for (share, pair) in zip(shares, seen) { sum += share * pair.value[i] }
                return sum / total
            }
        }
    }
}

/// Reproducible numbers.
struct PlainNumbers {
    var state: UInt64

    mutating func uniform() -> Double {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Double(state >> 33) / Double(UInt64(1) << 31)
    }

    /// A sequence of which about half is masked.
    mutating func tokens(_ length: Int, _ vocabulary: Int) -> [Int32] {
        (0..<length).map { _ in
            let value = uniform()
            return uniform() < 0.5 ? Int32(vocabulary) : Int32(value * Double(vocabulary))
        }
    }
}
