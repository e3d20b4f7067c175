import Foundation
import Genera
import GeneraTesting
import PFGMPP

/// Small networks with random weights that all matter, and checkpoints of them.
enum Tiny {
    /// 8x8 images of one channel, two resolutions, attention at the lower.
    static func configuration(_ change: (inout NetworkConfiguration) -> Void = { _ in }) -> NetworkConfiguration {
        var c = NetworkConfiguration()
        (c.imgResolution, c.imgChannels, c.modelChannels, c.channelMult) = (8, 1, 8, [1, 2])
        (c.numBlocks, c.attnResolutions, c.dropout, c.D) = (1, [4], 0, 64)
        change(&c)
        return c
    }

    /// Weights of about unit gain everywhere, also where the network's own law starts from nearly zero.
    static func weights(_ configuration: NetworkConfiguration, seed: UInt64 = 3) throws -> [(
        name: String, tensor: Tensor
    )] {
        let entries = try NetworkDenoiser(configuration, in: .drawing(seed: seed)).entries
        return try entries.enumerated().map { index, entry in
            guard entry.isTrainable else { return (entry.name, entry.tensor) }
            let shape = entry.tensor.shape.sizes
            let normal = try Noise(seed: seed, samples: [index]).normal(shape, at: .start).reshaped(shape)
            if shape.count > 1 { return (entry.name, normal / Double(shape.dropFirst().reduce(1, *)).squareRoot()) }
            return (entry.name, normal * 0.1 + (entry.name.contains("norm") && entry.name.hasSuffix("weight") ? 1 : 0))
        }
    }

    static func network(_ configuration: NetworkConfiguration = configuration(), seed: UInt64 = 3) throws
        -> NetworkDenoiser
    {
        let scope = ParameterScope.loading(try weights(configuration, seed: seed))
        let network = try NetworkDenoiser(configuration, in: scope)
        try scope.finish()
        return network
    }

    /// Writes a checkpoint and gives a context that names it.
    static func context(
        _ configuration: NetworkConfiguration = configuration(), in folder: TemporaryFolder,
        weights: [(name: String, tensor: Tensor)]? = nil
    ) throws -> RunContext {
        let json = String(decoding: try JSONEncoder().encode(configuration), as: UTF8.self)
        let checkpoint = try ModelCheckpoint(
            family: PFGMPP.name, configuration: json, tensors: try weights ?? self.weights(configuration))
        let path = folder.file("model.safetensors")
        try checkpoint.save(to: path)
        return RunContext(checkpoint: path)
    }

    /// Draws pictures of a sampler of any kind.
    static func pictures(_ sampler: any Sampler, _ request: SamplingRequest) throws -> [Image] {
        func run<S: Sampler>(_ sampler: S) throws -> [Image] {
            try SamplingDriver().run(sampler, request).samples.map { try $0.drawn() }
        }
        return try run(sampler)
    }
}

/// Random numbers `[count] + shape`, float32.
func random(_ shape: [Int], seed: UInt64 = 1) throws -> Tensor {
    try Noise(seed: seed, samples: [0]).normal(shape, at: .start).reshaped(shape)
}

extension Tensor {
    /// The largest absolute difference to another tensor.
    func distance(to other: Tensor) throws -> Double {
        let difference = (to(.float64) - other.to(.float64)).abs()
        return try difference.reshaped([-1]).amax(axes: [0]).item()
    }

    var bits: [UInt32] { get throws { try array(of: Float.self).map(\.bitPattern) } }
}
