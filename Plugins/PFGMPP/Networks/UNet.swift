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
protocol UNet: Sendable {
    /// The vector that every block receives: `[N, emb]` or `[1, emb]`.
    func embedding(_ condition: Condition) -> Tensor
    /// `[N, C, H, W] -> [N, out, H, W]`.
    func callAsFunction(_ x: Tensor, embedding: Tensor, dropout: Dropout?) -> Tensor
}

/// Builds the network that a configuration describes.
func makeUNet(_ configuration: NetworkConfiguration, outputs: Int, in scope: ParameterScope) throws -> any UNet {
    switch configuration.modelType {
    case "ToyMLP": try ToyMLP(configuration, outputs: outputs, in: scope)
    case "DhariwalUNet": try DhariwalUNet(configuration, outputs: outputs, in: scope)
    default: try SongUNet(configuration, outputs: outputs, in: scope)
    }
}
