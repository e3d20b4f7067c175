import Foundation
import Genera
import GeneraTesting
import RADD

extension RADDGoldens {
    /// All stages of the network in tensors, and the logits of the kernels.
    static let forward: GoldenRunner.Handler = { one, check in
        let tensors = try CaseTensors(one)
        let c = try one.raddConfiguration()
        let weights = tensors.below("w.")
        let (network, _) = try AbsorbingTransformer.of(c, weights)
        let tokens = try tensors.need("in.tokens")
        try withoutGradients {
            var stages: [(String, Tensor)] = []
            let hidden = network.hidden(tokens) { stages.append(($0, $1)) }
            for (name, tensor) in stages {
                if let expected = tensors["out.\(name)"] { try check.close(name, tensor, expected) }
            }
            if let expected = tensors["out.norm_final"] { try check.close("norm_final", hidden, expected) }
            try check.close("logits", network.logits(tokens), tensors["out.logits"])
            try check.close("log_condition", network.logCondition(tokens), tensors["out.log_condition"])
        }
        let packed = try PackedTransformer(c, weights: weights.map { ($0.name, try RawTensor($0.tensor)) })
        try check.close("kernels' logits", logits(packed, tokens), tensors["out.logits"])
    }

    /// The logits of every place: [B, L, V + 1].
    private static func logits(_ conditional: any TokenConditional, _ tokens: Tensor) throws -> Tensor {
        let (B, L) = (tokens.shape[0], tokens.shape[1])
        let numbers = try tokens.array(of: Int64.self)
        let queries = (0..<B).map { row in
            TokenQuery(numbers[row * L..<(row + 1) * L].map { Int32($0) }, rows: Array(0..<L))
        }
        let rows = try conditional.map(queries) { _, _, logits in Array(logits) }
        return Tensor(rows.flatMap { $0.flatMap { $0 } }, shape: [B, L, conditional.vocabulary + 1])
    }

    /// A full-size network whose weights a formula gives.
    static let synthetic: GoldenRunner.Handler = { one, check in
        let tensors = try CaseTensors(one)
        let c = try one.raddConfiguration()
        let salt = try one.text("salt")
        let scope = ParameterScope.listing()
        _ = try AbsorbingTransformer(c, in: scope)
        let weights = scope.entries.filter(\.isTrainable).map { entry in
            (name: entry.name, tensor: synthetic(entry.name, entry.tensor.shape.sizes, salt: salt))
        }
        let rows = try tensors.need("in.positions").array(of: Int64.self).map(Int.init)
        let columns = try tensors.need("in.columns").array(of: Int64.self).map(Int.init)
        let tokens = try tensors.need("in.tokens").array(of: Int64.self).map { Int32($0) }
        let packed = try PackedTransformer(c, weights: weights, workers: 2)
        let all = try packed.map([TokenQuery(tokens, rows: Array(tokens.indices))]) { _, _, logits in
            logCondition(logits)
        }[0]
        let picked = rows.flatMap { row in columns.map { all[row][$0] } }
        try check.close(
            "log_condition", Tensor(picked, shape: [rows.count, columns.count]), tensors["out.log_condition"])
        // Real tokens alone.
        let best = all.map { row in row.indices.dropLast().sorted { (row[$0], $1) > (row[$1], $0) }.prefix(8) }
        let values = zip(all, best).flatMap { row, best in best.map { row[$0] } }
        try check.close("top8_values", Tensor(values, shape: [tokens.count, 8]), tensors["out.top8_values"])
        let sums = all.map { row in Float(row.reduce(0.0) { $0 + Double($1) }) }
        if let expected = tensors["out.row_sum_over_classes"] {
            try check.close("row sums", Tensor(sums), expected)
        }
    }

    /// Log-probabilities of real tokens and the mask's logit.
    private static func logCondition(_ logits: UnsafeBufferPointer<Float>) -> [Float] {
        let real = logits[..<(logits.count - 1)]
        let top = Double(real.max() ?? 0)
        let sum = real.reduce(0.0) { $0 + exp(Double($1) - top) }
        return real.map { Float(Double($0) - top - log(sum)) } + [logits[logits.count - 1]]
    }

    /// A tensor of the closed formula: splitmix64 of the name's digest and the place.
    private static func synthetic(_ name: String, _ shape: [Int], salt: String) -> RawTensor {
        var base: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in (salt + name).utf8 { base = (base ^ UInt64(byte)) &* 0x100_0000_01b3 }
        let (a, b): (Float, Float) =
            if name.contains("norm") {
                name.hasSuffix("weight") ? (0.25, 1) : (0.25, 0)
            } else if name.hasSuffix("embedding") {
                (0.5, 0)
            } else if name == "output_layer.linear.weight" || name.hasSuffix("bias") {
                (0.125, 0)
            } else {
                (0.0625, 0)
            }
        let count = shape.reduce(1, *)
        let numbers = (0..<count).map { place -> Float in
            var z = base &+ UInt64(place + 1) &* 0x9E37_79B9_7F4A_7C15
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            z ^= z >> 31
            return (2 * (Float(z >> 40) * 0x1p-24) - 1) * a + b
        }
        return RawTensor(numbers, shape: shape)
    }

    /// Schedules and their rates in float32.
    static let noise: GoldenRunner.Handler = { one, check in
        let tensors = try CaseTensors(one)
        let times = try tensors.need("in.t").array(of: Float.self)
        for name in tensors.names where name.hasPrefix("out.") {
            let words = name.dropFirst(4)
            if words.hasPrefix("rate.") {
                let parts = words.split(separator: ".").map(String.init)
                guard parts.count == 4, let kind = MaskingNoise.Kind(rawValue: parts[1]), let steps = Int(parts[3]),
                    let rate = RADDSampling.Rate(rawValue: parts[2])
                else { throw CaseFault("\(name) is no rate") }
                // A share is masked that float32 tells from 0 to a few units of 2^-24 alone: so exact is a quotient by it.
                let noise = MaskingNoise(kind)
                let expected = try floats(tensors.need(name).reshaped([1, steps]))[0]
                for (i, got) in RevealSchedule.referenceRates(rate, noise, steps: steps).enumerated() {
                    let masked = 1 - exp(-Double(noise.total(RevealSchedule.referenceTime(i, of: steps, end: 1e-5))))
                    try check.close(
                        "\(name)[\(i)]", Double(got), Double(expected[i]),
                        atol: 0x1p-22 / masked * max(1, Double(abs(expected[i]))))
                }
                continue
            }
            let isRate = words.hasSuffix(".dsigma")
            let parts = words.dropLast(isRate ? 7 : 6).split(separator: "_").map(String.init)
            guard let kind = parts.first.flatMap(MaskingNoise.Kind.init) else { throw CaseFault("\(name) is no noise") }
            let noise =
                parts.count == 3
                ? MaskingNoise(kind, low: Double(parts[1]) ?? 0, high: Double(parts[2]) ?? 0) : MaskingNoise(kind)
            try check.close(
                name, Tensor(times.map { isRate ? noise.rate($0) : noise.total($0) }), tensors[name])
        }
    }
}
