import Foundation

/// Everything that decides a network's shape, under the reference's own names (spelled `img_resolution` and so on in files).
public struct NetworkConfiguration: Codable, Sendable, Equatable {
    /// `SongUNet` (DDPM++ and NCSN++), `DhariwalUNet` (ADM), or `ToyMLP` for points: they have one channel a coordinate, and
    /// height and width 1.
    public var modelType = "SongUNet"
    /// Which preconditioning surrounds the network: `EDMPrecond`, `VPPrecond`, `VEPrecond`, `iDDPMPrecond`, or the release
    /// notebook's `ToyPrecond`.
    public var wrapper = "EDMPrecond"
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
    /// `positional` or `fourier` embedding of the noise level.
    public var embeddingType = "positional"
    /// Width of the noise embedding, as a multiple of `modelChannels`.
    public var channelMultNoise = 1
    /// `standard`, `skip` or `residual`.
    public var encoderType = "standard"
    /// `standard` or `skip`.
    public var decoderType = "standard"
    /// Taps of the filter that resamples images.
    public var resampleFilter: [Double] = [1, 1]
    /// Standard deviation that the data is taken to have.
    public var sigmaData = 0.5
    /// The dimension D of the augmentation that the model was trained with; nil is infinite (EDM diffusion).
    public var D: Double? = nil

    /// The defaults of the model type given.
    public init(modelType: String = "SongUNet") {
        self.modelType = modelType
        if modelType == "ToyMLP" {
            (imgResolution, imgChannels, modelChannels, channelMult, attnResolutions) = (1, 2, 32, [1], [])
            (dropout, sigmaData) = (0, 1)
        }
        guard modelType == "DhariwalUNet" else { return }
        modelChannels = 192
        channelMult = [1, 2, 3, 4]
        numBlocks = 3
        attnResolutions = [32, 16, 8]
    }

    enum CodingKeys: String, CodingKey, CaseIterable {
        case modelType = "model_type"
        case wrapper
        case imgResolution = "img_resolution"
        case imgChannels = "img_channels"
        case labelDim = "label_dim"
        case augmentDim = "augment_dim"
        case modelChannels = "model_channels"
        case channelMult = "channel_mult"
        case channelMultEmb = "channel_mult_emb"
        case numBlocks = "num_blocks"
        case attnResolutions = "attn_resolutions"
        case dropout
        case labelDropout = "label_dropout"
        case embeddingType = "embedding_type"
        case channelMultNoise = "channel_mult_noise"
        case encoderType = "encoder_type"
        case decoderType = "decoder_type"
        case resampleFilter = "resample_filter"
        case sigmaData = "sigma_data"
        case D
    }

    /// Reads a configuration; keys that are absent take the defaults of the model type.
    ///
    /// - Throws: `DecodingError` for a value of the wrong type.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        self.init(modelType: try values.decodeIfPresent(String.self, forKey: .modelType) ?? "SongUNet")
        func read<T: Decodable>(_ key: CodingKeys, into field: inout T) throws {
            if let value = try values.decodeIfPresent(T.self, forKey: key) { field = value }
        }
        try read(.wrapper, into: &wrapper)
        try read(.imgResolution, into: &imgResolution)
        try read(.imgChannels, into: &imgChannels)
        try read(.labelDim, into: &labelDim)
        try read(.augmentDim, into: &augmentDim)
        try read(.modelChannels, into: &modelChannels)
        try read(.channelMult, into: &channelMult)
        try read(.channelMultEmb, into: &channelMultEmb)
        try read(.numBlocks, into: &numBlocks)
        try read(.attnResolutions, into: &attnResolutions)
        try read(.dropout, into: &dropout)
        try read(.labelDropout, into: &labelDropout)
        try read(.embeddingType, into: &embeddingType)
        try read(.channelMultNoise, into: &channelMultNoise)
        try read(.encoderType, into: &encoderType)
        try read(.decoderType, into: &decoderType)
        try read(.resampleFilter, into: &resampleFilter)
        try read(.sigmaData, into: &sigmaData)
        // D is a number, or a word for infinity.
        if let number = try? values.decodeIfPresent(Double.self, forKey: .D), number.isFinite { D = number }
    }

    /// Whether it is a network for points.
    public var isOfPoints: Bool { modelType == "ToyMLP" }

    /// The number of data dimensions, N = C·H·W.
    public var dataDimension: Int { imgChannels * imgResolution * imgResolution }
}
