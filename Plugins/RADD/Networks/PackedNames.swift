import Genera

/// A transformer's parameters in the order in which the kernels take them, which is that of the reference's checkpoints.
package struct PackedNames: Sendable {
    /// A parameter.
    package struct Parameter: Equatable, Sendable {
        /// Its name in a checkpoint.
        package let name: String
        /// Its shape there.
        package let shape: [Int]
    }

    /// The parameters.
    package let list: [Parameter]
    /// What a checkpoint may hold besides: frequencies that follow from the width of a head.
    package static let extra = "rotary_emb.inv_freq"

    /// Lists the parameters of a transformer whose sizes are known to be sensible.
    package init(_ configuration: RADDConfiguration) {
        let (width, classes) = (configuration.model.width, configuration.classes)
        var list = [Parameter(name: "vocab_embed.embedding", shape: [classes, width])]
        func add(_ name: String, _ shape: [Int], bias: Bool = true) {
            list.append(Parameter(name: "\(name).weight", shape: shape))
            if bias { list.append(Parameter(name: "\(name).bias", shape: [shape[0]])) }
        }
        for block in 0..<configuration.model.blocks {
            add("blocks.\(block).norm1", [width])
            add("blocks.\(block).attn_qkv", [3 * width, width], bias: false)
            add("blocks.\(block).attn_out", [width, width], bias: false)
            add("blocks.\(block).norm2", [width])
            add("blocks.\(block).mlp.0", [4 * width, width])
            add("blocks.\(block).mlp.2", [width, 4 * width])
        }
        add("output_layer.norm_final", [width])
        add("output_layer.linear", [classes, width])
        self.list = list
    }

    /// The weights' tensors in the list's order.
    ///
    /// - Throws: `KeyMismatch` naming every missing, unexpected and mis-shaped key.
    package func ordered(_ weights: [(name: String, tensor: RawTensor)]) throws -> [RawTensor] {
        try KeyMismatch.check(
            expected: list.map { ($0.name, $0.shape) }, found: weights.map { ($0.name, $0.tensor.shape) },
            extras: [Self.extra])
        let given = Dictionary(weights.map { ($0.name, $0.tensor) }) { first, _ in first }
        return list.compactMap { given[$0.name] }
    }
}
