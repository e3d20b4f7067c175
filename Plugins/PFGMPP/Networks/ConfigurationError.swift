import Genera

/// A network configuration that cannot be built.
public struct ConfigurationError: KindedError, Sendable, Equatable {
    /// The field, under the reference's name.
    public let field: String
    /// What is wrong with it and what would be right.
    public let reason: String

    /// Bad data.
    public var kind: FailureKind { .data }

    /// One sentence.
    public var description: String { "The network configuration cannot be built: \(field) \(reason)." }
}

extension NetworkConfiguration {
    /// Checks every field, so that building the network cannot fail half-way.
    ///
    /// - Throws: `ConfigurationError` naming the first field that is wrong.
    public func validate() throws {
        func require(_ condition: Bool, _ field: String, _ reason: String) throws {
            if !condition { throw ConfigurationError(field: field, reason: reason) }
        }
        let kinds = Preconditioning.Kind.allCases.filter { isOfPoints || $0 != .toy }
        try require(
            kinds.contains(preconditioning), "wrapper",
            "is '\(preconditioning.className)'; known are \(kinds.map(\.className).joined(separator: ", "))")
        if isOfPoints {
            try require(imgResolution == 1, "img_resolution", "is \(imgResolution); points have 1")
            try require(labelDim == 0, "label_dim", "is \(labelDim); networks of points have no classes")
        }
        try require(!channelMult.isEmpty && channelMult.count <= 12, "channel_mult", "needs one to 12 entries")
        try require(
            channelMult.allSatisfy { (1...64).contains($0) }, "channel_mult", "is \(channelMult); entries are 1 to 64")
        let divisor = 1 << (channelMult.count - 1)
        try require(
            (1...4096).contains(imgResolution) && imgResolution % divisor == 0, "img_resolution",
            "is \(imgResolution); with \(channelMult.count) resolutions it must be a multiple of \(divisor)")
        let channelLimit = isOfPoints ? 100_000 : 64
        try require(
            (1...channelLimit).contains(imgChannels), "img_channels", "is \(imgChannels); it is 1 to \(channelLimit)")
        try require(
            (4...4096).contains(modelChannels) && modelChannels % 2 == 0, "model_channels",
            "is \(modelChannels); it must be even and at least 4")
        for multiplier in Set(channelMult) {
            let channels = modelChannels * multiplier
            let groups = min(32, channels / 4)
            try require(
                channels % groups == 0, "model_channels",
                "times \(multiplier) is \(channels), which \(groups) groups do not divide")
        }
        try require((1...64).contains(channelMultEmb), "channel_mult_emb", "is \(channelMultEmb); it is 1 to 64")
        try require((1...64).contains(channelMultNoise), "channel_mult_noise", "is \(channelMultNoise); it is 1 to 64")
        try require((1...64).contains(numBlocks), "num_blocks", "is \(numBlocks); it is 1 to 64")
        try require((0...1_000_000).contains(labelDim), "label_dim", "is \(labelDim); it is 0 or more")
        try require((0...10_000).contains(augmentDim), "augment_dim", "is \(augmentDim); it is 0 or more")
        try require((0..<1).contains(dropout), "dropout", "is \(dropout); it is at least 0 and below 1")
        try require((0...1).contains(labelDropout), "label_dropout", "is \(labelDropout); it is 0 to 1")
        try require(
            (1...64).contains(resampleFilter.count) && resampleFilter.reduce(0, +) != 0, "resample_filter",
            "is \(resampleFilter); it needs taps whose sum is not 0")
        try require(sigmaData > 0 && sigmaData.isFinite, "sigma_data", "is \(sigmaData); it is above 0")
        if let D { try require(D > 0 && D.isFinite, "D", "is \(D); it is above 0, or inf") }
    }
}
