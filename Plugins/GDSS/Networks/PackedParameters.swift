import Genera

/// A network's parameters in the order in which the kernels take them, under the names that checkpoints give them.
package struct PackedParameters {
    /// A parameter.
    package struct Parameter: Equatable, Sendable {
        /// Its name in a checkpoint.
        package let name: String
        /// Its shape there.
        package let shape: [Int]
    }

    /// The parameters.
    package private(set) var list: [Parameter] = []

    /// Lists the parameters of a network whose sizes are known to be sensible.
    package init(_ c: ScoreNetworkConfiguration) {
        if c.kind == .nodes {
            for layer in 0..<c.layers {
                add(convolution: "layers.\(layer)", layer == 0 ? c.features : c.hidden, c.hidden)
            }
        }
        for (number, layer) in c.attentionLayers.enumerated() { add(layer, "layers.\(number)", c) }
        let inputs = c.finalInputs
        add(linears: "final", [inputs, 2 * inputs, 2 * inputs, c.kind == .edges ? 1 : c.features])
    }

    private mutating func add(_ layer: ScoreNetworkConfiguration.Layer, _ place: String, _ c: ScoreNetworkConfiguration)
    {
        for channel in 0..<layer.channels.0 {
            let attention = "\(place).attn.\(channel)"
            for part in ["gnn_q", "gnn_k"] {
                switch c.convolution {
                case .gcn: add(convolution: "\(attention).\(part)", layer.inputs, layer.attention)
                case .mlp:
                    add(linears: "\(attention).\(part)", [layer.inputs, 2 * layer.attention, layer.attention])
                }
            }
            add(convolution: "\(attention).gnn_v", layer.inputs, layer.outputs)
        }
        let inside = [Int](repeating: layer.width, count: c.linears - 1)
        add(linears: "\(place).mlp", [2 * layer.channels.0] + inside + [layer.channels.1])
        add(linears: "\(place).multi_channel", [layer.channels.0 * layer.outputs, layer.width, layer.outputs])
    }

    /// Convolutions' matrices are `[in, out]`.
    private mutating func add(convolution name: String, _ inputs: Int, _ outputs: Int) {
        list.append(Parameter(name: "\(name).weight", shape: [inputs, outputs]))
        list.append(Parameter(name: "\(name).bias", shape: [outputs]))
    }

    /// Those of linear layers are `[out, in]`; a single one has another name.
    private mutating func add(linears name: String, _ widths: [Int]) {
        for layer in 0..<widths.count - 1 {
            let place = widths.count == 2 ? "\(name).linear" : "\(name).linears.\(layer)"
            list.append(Parameter(name: "\(place).weight", shape: [widths[layer + 1], widths[layer]]))
            list.append(Parameter(name: "\(place).bias", shape: [widths[layer + 1]]))
        }
    }

    /// The weights' tensors in the list's order.
    ///
    /// - Throws: `KeyMismatch` naming every missing, unexpected and mis-shaped key.
    package func ordered(_ weights: [(name: String, tensor: RawTensor)]) throws -> [RawTensor] {
        try KeyMismatch.check(
            expected: list.map { ($0.name, $0.shape) }, found: weights.map { ($0.name, $0.tensor.shape) })
        let given = Dictionary(weights.map { ($0.name, $0.tensor) }) { first, _ in first }
        return list.compactMap { given[$0.name] }
    }
}
