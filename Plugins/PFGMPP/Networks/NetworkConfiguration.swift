import Foundation

/// Everything that decides a network's shape, under the reference's own names (spelled `img_resolution` and so on in files).
public struct NetworkConfiguration: Sendable, Equatable {
    /// Which network.
    public enum ModelType: String, Sendable, CaseIterable {
        /// DDPM++ and NCSN++ (Song et al., 2021).
        case songUNet = "SongUNet"
        /// ADM (Dhariwal and Nichol, 2021).
        case dhariwalUNet = "DhariwalUNet"
        /// For points: they have one channel a coordinate, and height and width 1.
        case toyMLP = "ToyMLP"
    }

    /// How a noise level becomes a vector.
    public enum EmbeddingType: String, Sendable, CaseIterable {
        /// By geometric frequencies.
        case positional
        /// By random frequencies.
        case fourier
    }

    /// What the encoder sees beside the features.
    public enum EncoderType: String, Sendable, CaseIterable {
        /// Nothing.
        case standard
        /// The image at each resolution, added.
        case skip
        /// The image through convolutions, added with weights.
        case residual
    }

    /// Where the output comes from.
    public enum DecoderType: String, Sendable, CaseIterable {
        /// The highest resolution.
        case standard
        /// The sum over all resolutions.
        case skip
    }

    /// The network.
    public var modelType = ModelType.songUNet
    /// Which preconditioning surrounds it; `wrapper` in files, under the reference's class names.
    public var preconditioning = Preconditioning.Kind.edm
    /// Height and width of images in pixels.
    public var imgResolution = 32
    /// Colour channels.
    public var imgChannels = 3
    /// Number of classes; 0 for an unconditional model.
    public var labelDim = 0
    /// Width of the augmentation labels; 0 for none.
    public var augmentDim = 0
    /// Channels at the highest resolution, before `channelMult`.
    public var modelChannels = 128
    /// Channel multiplier of each resolution, highest resolution first.
    public var channelMult = [1, 2, 2, 2]
    /// Width of the embedding, as a multiple of `modelChannels`.
    public var channelMultEmb = 4
    /// Residual blocks at each resolution.
    public var numBlocks = 4
    /// Resolutions with self-attention.
    public var attnResolutions = [16]
    /// Probability that an activation is dropped in training.
    public var dropout = 0.10
    /// Probability that a sample's label is dropped in training, for classifier-free guidance.
    public var labelDropout = 0.0
    /// The embedding of the noise level.
    public var embeddingType = EmbeddingType.positional
    /// Width of the noise embedding, as a multiple of `modelChannels`.
    public var channelMultNoise = 1
    /// The encoder's side path.
    public var encoderType = EncoderType.standard
    /// The decoder's outputs.
    public var decoderType = DecoderType.standard
    /// Taps of the filter that resamples images.
    public var resampleFilter: [Double] = [1, 1]
    /// Standard deviation that the data is taken to have.
    public var sigmaData = 0.5
    /// The dimension D of the augmentation that the model was trained with; nil is infinite (EDM diffusion).
    public var D: Double? = nil

    /// The defaults of the model type given.
    public init(modelType: ModelType = .songUNet) {
        self.modelType = modelType
        if modelType == .toyMLP {
            (imgResolution, imgChannels, modelChannels, channelMult, attnResolutions) = (1, 2, 32, [1], [])
            (dropout, sigmaData) = (0, 1)
        }
        guard modelType == .dhariwalUNet else { return }
        modelChannels = 192
        channelMult = [1, 2, 3, 4]
        numBlocks = 3
        attnResolutions = [32, 16, 8]
    }

    /// Whether it is a network for points.
    public var isOfPoints: Bool { modelType == .toyMLP }

    /// The number of data dimensions, N = C·H·W.
    public var dataDimension: Int { imgChannels * imgResolution * imgResolution }

    /// The width of the vector that every block receives.
    var embeddingWidth: Int { modelChannels * channelMultEmb }
}
