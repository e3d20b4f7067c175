import Genera

/// RADD (Ou et al., ICLR 2025): text by absorbing discrete diffusion with a network that needs no time.
public enum RADD: SamplingFamily {
    /// `radd`.
    public static let name = "radd"
    /// One line for lists.
    public static let summary =
        "Text by RADD, absorbing discrete diffusion without time: any order, many tokens at once."
    /// The paper.
    public static let citation: Citation? = Citation(
        title: "Your Absorbing Discrete Diffusion Secretly Models the Conditional Distributions of Clean Data",
        authors: [
            "Jingyang Ou", "Shen Nie", "Kaiwen Xue", "Fengqi Zhu", "Jiacheng Sun", "Zhenguo Li", "Chongxuan Li",
        ], year: 2025, venue: "International Conference on Learning Representations",
        url: "https://arxiv.org/abs/2406.03736")

    /// Shakespeare's letters.
    public static let defaultCheckpoint: String? = "shakespeare"
    /// Models of the authors, and of SEDD and MDLM.
    public static let modelFormats: [ModelFormat] = RADDCheckpoint.formats
    /// Its own commands.
    public static let verbs: [any Verb.Type] = RADDVerbs.all
    /// Texts with their tokens.
    public static let sampleTypes: [any Drawable.Type] = [Passage.self]

    /// A sampler of texts.
    public static func sampler(_ options: RADDSamplingOptions, _ run: RunContext) throws -> any Sampler {
        try options.sampler(run)
    }

    /// The alphabet and the transformer of a model, and, of one of others, where it comes from and what its files left open.
    public static func facts(of model: ModelCheckpoint) throws -> [Fact] {
        let told = [
            ("origin", "radd.origin"), ("weights", "radd.average"), ("step", "radd.step"), ("assumed", "radd.assumed"),
        ]
        return try RADDConfiguration(json: model.configuration, file: model.path).facts
            + told.compactMap { name, key in
                model.metadata[key].map { Fact(name, key == "radd.average" ? "the average (\($0))" : $0) }
            }
    }
}

extension RADDConfiguration {
    /// What people want to know of a model.
    var facts: [Fact] {
        let noise =
            noise.kind == .geometric || noise.kind == .linear
            ? "\(noise.kind.rawValue), \(noise.low) to \(noise.high)" : noise.kind.rawValue
        return [
            Fact("tokens", "\(tokens), and the mask"),
            Fact(
                "network",
                "\(model.blocks) blocks of \(model.width), \(model.heads) heads, \(model.length) tokens"
                    + (model.isCausal == true ? ", left to right" : "")),
            Fact("noise", noise),
        ]
    }
}

extension RADD: TrainingFamily {
    /// A first look, the model that is shipped, and the paper's.
    public static let presets = [
        TrainingPreset(
            "draft", for: "a first look at any text of letters; 15 minutes, two cores",
            "--hidden-size 128 --n-heads 4 --n-blocks 4 --length 128 --batch-size 32 --accum 2 --n-iters 2500 --lr 2e-3 "
                + "--warmup 150 --lr-schedule cosine --weight-decay 0.03 --ema 0.99 --precision bf16 --log-every 50"),
        TrainingPreset(
            "letters", for: "words and lines, as the model that ships; an hour",
            "--batch-size 32 --accum 2 --n-iters 4000 --lr 2e-3 --warmup 200 --lr-schedule cosine --weight-decay 0.03 "
                + "--ema 0.999 --precision bf16 --log-every 50"),
        TrainingPreset(
            "text8", for: "letters a to z as in the literature; a large machine",
            "--tokenizer text8 --model small_radd --length 256 --n-iters 1000000 --weight-decay 0.03"),
        TrainingPreset(
            "small", for: "the paper's RADD-small, on GPT-2's tokens; larger still",
            "--tokenizer gpt2 --model small_radd --accum 32 --weight-decay 0.03"),
        TrainingPreset(
            "medium", for: "the paper's RADD-medium, on GPT-2's tokens; larger still",
            "--tokenizer gpt2 --model medium_radd --accum 64 --weight-decay 0.03"),
    ]

    /// A first look at any text.
    public static func preset(for options: RADDTrainingOptions, _ run: RunContext) throws -> PresetChoice? {
        guard options.tokenizer == .characters, options.model == .tiny, options.from == nil else { return nil }
        return PresetChoice("draft", because: "\(options.data) is to be read letter by letter")
    }

    /// A trainer of the transformer.
    ///
    /// - Throws: what is wrong with options or text, in a sentence.
    public static func trainer(_ options: RADDTrainingOptions, _ run: RunContext) throws -> any Trainer {
        try options.trainer(run)
    }
}
