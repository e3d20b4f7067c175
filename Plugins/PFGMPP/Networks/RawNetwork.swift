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
        switch modelType {
        case .toyMLP: try ToyMLP(self, outputs: outputs, in: scope)
        case .dhariwalUNet:
            try UNet(.dhariwal(self, outputs: outputs), mapping: { try DhariwalMapping(self, in: $0) }, in: scope)
        case .songUNet: try UNet(.song(self, outputs: outputs), mapping: { try SongMapping(self, in: $0) }, in: scope)
        }
    }
}
