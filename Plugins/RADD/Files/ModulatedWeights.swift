import Foundation
import Genera

/// The weights of a network that is told the noise level (SEDD; MDLM with time): a condition c = SiLU(MLP(waves of sigma)) scales and
/// shifts what norms give, and scales what attention and MLP add.
///
/// At any one sigma it is a network without time: scales and shifts go into the norms, gates into the maps before the sums.
///
///     LN(x) w (1 + scale) + shift     = LN(x; weight w (1 + scale), bias shift)
///     gate (W y + b)                  = (gate W) y + gate b
package struct ModulatedWeights: Sendable {
    /// What the network is.
    package let configuration: RADDConfiguration
    /// Its tensors in the order of `NetworkKeys`.
    package let tensors: [(name: String, tensor: RawTensor)]
    /// Whether the log-scores that training saw were the logits less log(expm1(sigma)) and log V (`scale_by_sigma`). The conditionals
    /// that samplers need are the softmax of the logits in either case.
    package let isScaledBySigma: Bool
    private let places: [String: Int]
    /// Numbers of the condition.
    let conditionWidth: Int

    /// Cosines and sines of sigma.
    static let waves = 256
    /// What a model's file says of itself, as `radd.network`.
    package static let kind = "modulated"

    /// Takes checked tensors.
    ///
    /// - Throws: `GeneraError.badData` that names all keys that do not fit.
    init(
        _ tensors: [(name: String, tensor: RawTensor)], _ c: RADDConfiguration, isScaledBySigma: Bool, file: String
    ) throws {
        guard let map = tensors.first(where: { $0.name == "sigma_map.mlp.2.weight" })?.tensor.shape, map.count == 2,
            map[0] == map[1], (1...65_536).contains(map[0])
        else {
            throw GeneraError.badData(
                file: file, reason: "it has no square map 'sigma_map.mlp.2.weight' of a noise level")
        }
        conditionWidth = map[0]
        self.tensors = try NetworkKeys.ordered(tensors, c, condition: conditionWidth, file: file)
        (configuration, self.isScaledBySigma) = (c, isScaledBySigma)
        places = Dictionary(
            self.tensors.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// The weights of a model of the family that says to be of this kind; nil for one without time.
    ///
    /// - Throws: `GeneraError.badData` for weights that do not fit.
    package init?(_ model: ModelCheckpoint) throws {
        guard model.metadata["radd.network"] == Self.kind else { return nil }
        try self.init(
            model.weights, RADDConfiguration(json: model.configuration, file: model.path),
            isScaledBySigma: model.metadata["radd.scale_by_sigma"] == "true", file: model.path)
    }

    private func floats(_ name: String) -> [Float] { places[name].map { tensors[$0].tensor.floats() } ?? [] }

    /// c of a total noise sigma, [condition]: SiLU of the map of its cosines and sines, in float64.
    package func condition(sigma: Double) -> [Double] {
        let half = Self.waves / 2
        let angles = (0..<half).map { sigma * exp(-log(10_000) * Double($0) / Double(half)) }
        let waves = angles.map { cos($0) } + angles.map { sin($0) }
        let inner = map("sigma_map.mlp.0", waves).map(silu)
        return map("sigma_map.mlp.2", inner).map(silu)
    }

    private func silu(_ x: Double) -> Double { x / (1 + exp(-x)) }

    /// W x + b.
    private func map(_ name: String, _ x: [Double]) -> [Double] {
        let (weight, bias) = (floats("\(name).weight"), floats("\(name).bias"))
        return weight.withUnsafeBufferPointer { weight in
            bias.indices.map { row in
                var sum = Double(bias[row])
                for column in x.indices { sum += Double(weight[row * x.count + column]) * x[column] }
                return sum
            }
        }
    }

    /// The weights of the network without time that this one is at a total noise sigma.
    package func folded(sigma: Double) -> [(name: String, tensor: RawTensor)] {
        let c = condition(sigma: sigma)
        let width = configuration.model.width
        var folding: [String: RawTensor] = [:]
        func part(_ all: [Double], _ number: Int) -> ArraySlice<Double> { all[number * width..<(number + 1) * width] }
        func norm(_ name: String, shift: ArraySlice<Double>, scale: ArraySlice<Double>) {
            let weight = zip(floats("\(name).weight"), scale).map { Float(Double($0) * (1 + $1)) }
            folding["\(name).weight"] = RawTensor(weight, shape: [width])
            folding["\(name).bias"] = RawTensor(shift.map { Float($0) }, shape: [width])
        }
        for number in 0..<configuration.model.blocks {
            let block = "blocks.\(number)"
            let all = map("\(block).adaLN_modulation", c)
            norm("\(block).norm1", shift: part(all, 0), scale: part(all, 1))
            folding["\(block).attn_out.weight"] = gated("\(block).attn_out.weight", part(all, 2))
            norm("\(block).norm2", shift: part(all, 3), scale: part(all, 4))
            folding["\(block).mlp.2.weight"] = gated("\(block).mlp.2.weight", part(all, 5))
            folding["\(block).mlp.2.bias"] = gated("\(block).mlp.2.bias", part(all, 5))
        }
        let last = map("output_layer.adaLN_modulation", c)
        norm("output_layer.norm_final", shift: part(last, 0), scale: part(last, 1))
        let all = folding
        return NetworkKeys.all(configuration).compactMap { key in
            (all[key.name] ?? places[key.name].map { tensors[$0].tensor }).map { (key.name, $0) }
        }
    }

    /// A tensor whose rows are multiplied, each by its gate.
    private func gated(_ name: String, _ gates: ArraySlice<Double>) -> RawTensor {
        let shape = places[name].map { tensors[$0].tensor.shape } ?? []
        var values = floats(name)
        let columns = values.count / gates.count
        values.withUnsafeMutableBufferPointer { values in
            for (row, gate) in gates.enumerated() {
                for place in row * columns..<(row + 1) * columns { values[place] = Float(Double(values[place]) * gate) }
            }
        }
        return RawTensor(values, shape: shape)
    }
}
