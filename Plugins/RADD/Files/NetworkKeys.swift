import Foundation
import Genera

/// The names and shapes of a network's tensors, in the order of the authors' code.
enum NetworkKeys {
    static let frequencies = "rotary_emb.inv_freq"

    /// Those of a network without time, or of one whose norms and sums are modulated by a condition of some width (SEDD, MDLM).
    static func all(_ c: RADDConfiguration, condition: Int? = nil) -> [(name: String, shape: [Int])] {
        let (width, classes) = (c.model.width, c.classes)
        func norm(_ name: String) -> [(String, [Int])] {
            condition == nil ? [("\(name).weight", [width]), ("\(name).bias", [width])] : [("\(name).weight", [width])]
        }
        func linear(_ name: String, _ outputs: Int, _ inputs: Int) -> [(String, [Int])] {
            [("\(name).weight", [outputs, inputs]), ("\(name).bias", [outputs])]
        }
        var keys: [(String, [Int])] = [("vocab_embed.embedding", [classes, width])]
        if let condition {
            keys += linear("sigma_map.mlp.0", condition, ModulatedWeights.waves)
            keys += linear("sigma_map.mlp.2", condition, condition)
        }
        keys.append((frequencies, [width / c.model.heads / 2]))
        for number in 0..<c.model.blocks {
            let block = "blocks.\(number)"
            keys += norm("\(block).norm1")
            keys += [("\(block).attn_qkv.weight", [3 * width, width]), ("\(block).attn_out.weight", [width, width])]
            keys += norm("\(block).norm2")
            keys += linear("\(block).mlp.0", 4 * width, width) + linear("\(block).mlp.2", width, 4 * width)
            if let condition { keys += linear("\(block).adaLN_modulation", 6 * width, condition) }
        }
        keys += norm("output_layer.norm_final") + linear("output_layer.linear", classes, width)
        if let condition { keys += linear("output_layer.adaLN_modulation", 2 * width, condition) }
        return keys.map { (name: $0.0, shape: $0.1) }
    }

    /// The tensors in the network's order, checked; rotary frequencies are made where a file has none.
    ///
    /// - Throws: `GeneraError.badData` that names all keys that are missing, unknown, or of another shape with both shapes.
    static func ordered(
        _ tensors: [(name: String, tensor: RawTensor)], _ c: RADDConfiguration, condition: Int? = nil, file: String
    ) throws -> [(name: String, tensor: RawTensor)] {
        let keys = all(c, condition: condition)
        var found = Dictionary(tensors.map { ($0.name, $0.tensor) }, uniquingKeysWith: { first, _ in first })
        if let own = found[frequencies], own.shape == [c.model.width / c.model.heads / 2] {
            found[frequencies] = try checkedFrequencies(own, c, file: file)
        } else if found[frequencies] == nil {
            found[frequencies] = rotaryFrequencies(c)
        }
        do {
            try KeyMismatch.check(
                expected: keys.map { ($0.name, $0.shape) },
                found: tensors.filter { $0.name != frequencies }.map { ($0.name, $0.tensor.shape) }
                    + (found[frequencies].map { [(frequencies, $0.shape)] } ?? []))
        } catch let mismatch as KeyMismatch {
            throw GeneraError.badData(file: file, reason: "\(mismatch)")
        }
        return keys.compactMap { key in found[key.name].map { (key.name, $0) } }
    }

    /// 10000^(-2j / h), [h / 2].
    static func rotaryFrequencies(_ c: RADDConfiguration) -> RawTensor {
        let width = c.model.width / c.model.heads
        let values = (0..<width / 2).map { 1 / pow(Float(10_000), Float(2 * $0) / Float(width)) }
        return RawTensor(values, shape: [width / 2])
    }

    /// A file's frequencies; exact ones in place of those that were rounded to half precision.
    private static func checkedFrequencies(_ own: RawTensor, _ c: RADDConfiguration, file: String) throws -> RawTensor {
        let exact = rotaryFrequencies(c)
        let worst = zip(own.floats(), exact.floats()).map { abs($0 / $1 - 1) }.reduce(0, max)
        guard worst < 0.01 else {
            throw GeneraError.badData(
                file: file,
                reason: "'\(frequencies)' holds other frequencies than 10000^(-2j/h), which this family turns by")
        }
        return worst < 1e-5 ? own : exact
    }
}
