import ArgumentParser
import Genera

/// PFGM++ (Xu et al., ICML 2023): electrostatics-inspired generation with an augmentation of D dimensions, between PFGM (D = 1)
/// and EDM diffusion (D = infinity).
public enum PFGMPP: SamplingFamily, TrainingFamily {
    /// `pfgmpp`.
    public static let name = "pfgmpp"
    /// One line for lists.
    public static let summary = "Images by PFGM++, from PFGM (D = 1) to EDM diffusion (D = inf)."
    /// The search for noise levels.
    public static let verbs: [any Verb.Type] = [OptimiseSchedule<PFGMPP>.self]
    /// The paper.
    public static let citation: Citation? = Citation(
        title: "PFGM++: Unlocking the Potential of Physics-Inspired Generative Models",
        authors: [
            "Yilun Xu", "Ziming Liu", "Yonglong Tian", "Shangyuan Tong", "Max Tegmark", "Tommi Jaakkola",
        ],
        year: 2023, venue: "International Conference on Machine Learning", url: "https://arxiv.org/abs/2302.04265")
    /// Colour emoji at 32x32.
    public static let defaultCheckpoint: String? = "emoji32"

    /// The network's shape and the D it was trained with.
    public static func facts(of model: ModelCheckpoint) throws -> [Fact] {
        let c = try NetworkConfiguration(json: model.configuration, file: model.path)
        return c.facts + model.sizes.suffix(1)
    }

    /// Snapshots and training states of the reference implementation and of EDM.
    public static let modelFormats = [ReferenceSnapshot.format]

    /// A sampler of images over the checkpoint, or of points over a closed form.
    public static func sampler(_ options: PFGMPPSamplingOptions, _ run: RunContext) throws -> any Sampler {
        try options.sampler(run)
    }

    /// The denoising objective on a data set of images or points, and Adam with the options' schedule.
    public static func trainer(_ options: PFGMPPTrainingOptions, _ run: RunContext) throws -> any Trainer {
        try options.training(run).trainer(seed: run.seed, device: run.device)
    }
}
