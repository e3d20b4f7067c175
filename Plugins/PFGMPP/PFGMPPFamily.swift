import ArgumentParser
import Genera

/// PFGM++ (Xu et al., ICML 2023): electrostatics-inspired generation with an augmentation of D dimensions, between PFGM (D = 1)
/// and EDM diffusion (D = infinity).
public enum PFGMPP: ModelFamily {
    /// `pfgmpp`.
    public static let name = "pfgmpp"
    /// One line for lists.
    public static let summary = "Images by PFGM++, from PFGM (D = 1) to EDM diffusion (D = inf)."
    /// The paper.
    public static let citation = Citation(
        title: "PFGM++: Unlocking the Potential of Physics-Inspired Generative Models",
        authors: [
            "Yilun Xu", "Ziming Liu", "Yonglong Tian", "Shangyuan Tong", "Max Tegmark", "Tommi Jaakkola",
        ],
        year: 2023, venue: "International Conference on Machine Learning", url: "https://arxiv.org/abs/2302.04265")
    /// Colour emoji at 32x32.
    public static let defaultCheckpoint: String? = "emoji32"

    /// False for the closed forms.
    public static func usesCheckpoint(_ options: PFGMPPSamplingOptions) -> Bool { options.model == .checkpoint }

    /// A sampler of images over the checkpoint, or of points over a closed form.
    public static func sampler(_ options: PFGMPPSamplingOptions, context: RunContext) throws -> any Sampler {
        try options.sampler(context)
    }

    /// The denoising objective on a data set of images.
    public static func objective(_ options: PFGMPPTrainingOptions, context: RunContext) throws -> any Objective {
        try PFGMPPObjective(options, context: context)
    }

    /// The network's shape and the D it was trained with.
    public static func inspect(_ checkpoint: ModelCheckpoint) throws -> [(name: String, value: String)] {
        let c = try NetworkConfiguration(json: checkpoint.configuration, file: checkpoint.path)
        let count = checkpoint.weights.reduce(0) { $0 + $1.tensor.elementCount }
        guard !c.isOfPoints else {
            return [
                ("network", "\(c.modelType), width \(c.modelChannels)"), ("points", "\(c.imgChannels) coordinates"),
                ("D", AugmentationDimension(c.D ?? .infinity).description), ("weights", "\(count)"),
            ]
        }
        return [
            ("network", "\(c.modelType), \(c.modelChannels) channels x \(c.channelMult)"),
            ("images", "\(c.imgResolution)x\(c.imgResolution), \(c.imgChannels) channels"),
            ("classes", c.labelDim == 0 ? "none" : "\(c.labelDim)"),
            ("D", AugmentationDimension(c.D ?? .infinity).description),
            ("weights", "\(count)"),
        ]
    }
}
