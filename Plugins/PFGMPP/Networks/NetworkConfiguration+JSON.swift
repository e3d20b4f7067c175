import Foundation
import Genera

extension NetworkConfiguration: Codable {
    enum CodingKeys: String, CodingKey, CaseIterable {
        case modelType = "model_type"
        case preconditioning = "wrapper"
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
    /// - Throws: `DecodingError` for a value of the wrong type, `ConfigurationError` for a word that is not known.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        func read<T: Decodable>(_ key: CodingKeys, into field: inout T) throws {
            if let value = try values.decodeIfPresent(T.self, forKey: key) { field = value }
        }
        func readWord<T: CaseIterable>(_ key: CodingKeys, into field: inout T, as name: (T) -> String) throws {
            guard let word = try values.decodeIfPresent(String.self, forKey: key) else { return }
            guard let known = T.allCases.first(where: { name($0) == word }) else {
                let words = T.allCases.map(name).joined(separator: ", ")
                throw ConfigurationError(field: key.rawValue, reason: "is '\(word)'; known are \(words)")
            }
            field = known
        }
        var modelType = ModelType.songUNet
        try readWord(.modelType, into: &modelType, as: \.rawValue)
        self.init(modelType: modelType)
        try readWord(.preconditioning, into: &preconditioning, as: \.className)
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
        try readWord(.embeddingType, into: &embeddingType, as: \.rawValue)
        try read(.channelMultNoise, into: &channelMultNoise)
        try readWord(.encoderType, into: &encoderType, as: \.rawValue)
        try readWord(.decoderType, into: &decoderType, as: \.rawValue)
        try read(.resampleFilter, into: &resampleFilter)
        try read(.sigmaData, into: &sigmaData)
        // D is a number, or a word for infinity.
        if let number = try? values.decodeIfPresent(Double.self, forKey: .D), number.isFinite { D = number }
    }

    /// Writes every field under the reference's names; D only if it is finite.
    ///
    /// - Throws: what the encoder throws.
    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(modelType.rawValue, forKey: .modelType)
        try values.encode(preconditioning.className, forKey: .preconditioning)
        try values.encode(imgResolution, forKey: .imgResolution)
        try values.encode(imgChannels, forKey: .imgChannels)
        try values.encode(labelDim, forKey: .labelDim)
        try values.encode(augmentDim, forKey: .augmentDim)
        try values.encode(modelChannels, forKey: .modelChannels)
        try values.encode(channelMult, forKey: .channelMult)
        try values.encode(channelMultEmb, forKey: .channelMultEmb)
        try values.encode(numBlocks, forKey: .numBlocks)
        try values.encode(attnResolutions, forKey: .attnResolutions)
        try values.encode(dropout, forKey: .dropout)
        try values.encode(labelDropout, forKey: .labelDropout)
        try values.encode(embeddingType.rawValue, forKey: .embeddingType)
        try values.encode(channelMultNoise, forKey: .channelMultNoise)
        try values.encode(encoderType.rawValue, forKey: .encoderType)
        try values.encode(decoderType.rawValue, forKey: .decoderType)
        try values.encode(resampleFilter, forKey: .resampleFilter)
        try values.encode(sigmaData, forKey: .sigmaData)
        try values.encodeIfPresent(D, forKey: .D)
    }

    /// As JSON with sorted keys.
    func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }

    /// Reads the JSON of a checkpoint. `file` names it in messages.
    ///
    /// - Throws: `GeneraError.badData` for a value of the wrong type, or a network that cannot be built.
    public init(json: String, file: String) throws {
        do {
            self = try JSONDecoder().decode(NetworkConfiguration.self, from: Data(json.utf8))
            try validate()
        } catch let error as ConfigurationError {
            throw GeneraError.badData(file: file, reason: "\(error.description)", advice: "")
        } catch {
            throw GeneraError.badData(
                file: file, reason: "the model's configuration cannot be read: \(error)", advice: "")
        }
    }
}
