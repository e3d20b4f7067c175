import Genera

/// What a network is told beside the image.
struct Condition {
    /// The transformed noise level, `[N]`, or `[1]` for all samples alike.
    var noise: Tensor
    /// Class weights `[N, labels]`.
    var labels: Tensor?
    /// Augmentation labels `[N, augment]`.
    var augment: Tensor?
}

/// A network that predicts F in the preconditioned denoiser.
protocol RawNetwork: Sendable {
    /// The vector that every block receives: `[N, emb]` or `[1, emb]`.
    func embedding(_ condition: Condition) -> Tensor
    /// `[N, C, H, W] -> [N, out, H, W]`.
    func callAsFunction(_ x: Tensor, embedding: Tensor, dropout: Dropout?) -> Tensor
}

/// The part of a U-Net that makes the embedding of a condition: `[N, emb]` or `[1, emb]`.
protocol NoiseMapping: Sendable {
    func callAsFunction(_ condition: Condition) -> Tensor
}

extension NetworkConfiguration {
    /// Builds the network that the configuration describes, with so many output channels.
    ///
    /// - Throws: what the scope throws, or `ConfigurationError`.
    func network(outputs: Int, in scope: ParameterScope) throws -> any RawNetwork {
        guard let plan = plan(outputs: outputs) else { return try ToyMLP(self, outputs: outputs, in: scope) }
        func mapping(_ scope: ParameterScope) throws -> any NoiseMapping {
            if modelType == .songUNet { return try SongMapping(self, in: scope) }
            return try DhariwalMapping(self, in: scope)
        }
        return try UNet(plan, mapping: mapping, in: scope)
    }

    /// The plan of the U-Net that the configuration describes; nil for other networks.
    func plan(outputs: Int) -> UNetPlan? {
        switch modelType {
        case .toyMLP: nil
        case .dhariwalUNet: .dhariwal(self, outputs: outputs)
        case .songUNet: .song(self, outputs: outputs)
        }
    }
}
