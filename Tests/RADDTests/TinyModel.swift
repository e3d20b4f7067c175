import Genera
import RADD

/// Small models with weights at random.
enum TinyModel {
    /// A transformer of two blocks over a few letters.
    static func configuration(tokens: Int = 11, length: Int = 24, isCausal: Bool = false) -> RADDConfiguration {
        var network = RADDConfiguration.Network(width: 16, heads: 2, blocks: 2, length: length, dropout: 0)
        if isCausal { network.isCausal = true }
        let letters = String("abcdefghijklmnopqrstuvwxyz ".prefix(tokens))
        return RADDConfiguration(tokens: tokens, model: network, tokenizer: "characters", vocab: letters)
    }

    /// Its weights. The head's are at random too: as training begins they are 0, and every law would be uniform.
    static func weights(_ c: RADDConfiguration, seed: UInt64 = 3) throws -> [(name: String, tensor: RawTensor)] {
        let scope = ParameterScope.drawing(seed: seed)
        _ = try AbsorbingTransformer(c, in: scope)
        let noise = Noise(seed: seed, samples: [0])
        return try scope.entries.map { entry in
            guard entry.name == "output_layer.linear.weight" else { return (entry.name, try RawTensor(entry.tensor)) }
            let drawn = try noise.normal(entry.tensor.shape.sizes, at: .start).selected(axis: 0, 0)
            return (entry.name, try RawTensor(drawn))
        }
    }

    /// The network in kernels.
    static func packed(_ c: RADDConfiguration, seed: UInt64 = 3, workers: Int = 1) throws -> PackedTransformer {
        try PackedTransformer(c, weights: weights(c, seed: seed), workers: workers)
    }

    /// The network in tensors.
    static func plain(_ c: RADDConfiguration, seed: UInt64 = 3) throws -> TensorConditional {
        let scope = ParameterScope.loading(try weights(c, seed: seed).map { ($0.name, Tensor($0.tensor)) })
        return TensorConditional(try AbsorbingTransformer(c, in: scope))
    }

    /// The model as a file.
    static func save(_ c: RADDConfiguration, to path: String, seed: UInt64 = 3) throws {
        try ModelCheckpoint(family: RADD.name, configuration: c.json(), weights: weights(c, seed: seed)).save(to: path)
    }

    /// A text of tokens at random.
    static func text(_ c: RADDConfiguration, count: Int, number: Int = 0) throws -> [Int32] {
        let noise = Noise(seed: 99, samples: [number])
        return try (0..<count).map { Int32(try noise.integers(below: c.tokens, at: .step($0))[0]) }
    }
}
