import ArgumentParser
import Genera

/// Options of `genera train radd`, beside those that all families share. Defaults are the paper's, but for the geometry.
public struct RADDTrainingOptions: ParsableArguments, Sendable {
    @Option(
        help: ArgumentHelp(
            "Text: .txt, .jsonl, .bin (token numbers of 16 bits), or a folder of such files.", valueName: "path"),
        completion: .file())
    var data: String

    @Option(
        help: ArgumentHelp(
            "Text to measure with (default: the last --validation-share of --data).", valueName: "path"),
        completion: .file())
    var validation: String?

    @Option(help: ArgumentHelp("Share of the text, its end, that is held back to measure with.", valueName: "share"))
    var validationShare = 0.1

    @Option(
        help: ArgumentHelp(
            "How text is cut into tokens: characters (those of the text), text8 (a to z and the space) or gpt2.",
            valueName: "name"))
    var tokenizer = TokenizerName.characters

    @Option(
        help: ArgumentHelp(
            "Folder with GPT-2's tokenizer: encoder.json and vocab.bpe, vocab.json and merges.txt, or tokenizer.json.",
            valueName: "folder"),
        completion: .directory)
    var vocabulary: String?

    @Option(help: ArgumentHelp("What a record of a .txt file is: whole (the file) or lines.", valueName: "name"))
    var records = CorpusReading.Records.whole

    @Option(
        help: ArgumentHelp(
            "What the authors of a data set did to its text, undone: none, wikitext, ptb, lm1b or lambada.",
            valueName: "name"))
    var dataset = Detokeniser.none

    @Option(
        help: ArgumentHelp(
            "How text is cut into pieces: contiguous, or reference, as the authors' code with its remainders dropped.",
            valueName: "name"))
    var packing = Packing.contiguous

    @Option(help: ArgumentHelp("The field of a .jsonl record that holds its text.", valueName: "name"))
    var field = "text"

    @Option(
        help: ArgumentHelp(
            "What is made small: a bound over a random share (lambda_DCE), number (k_DCE) or time (t_DSE, t_DCE) of masks; or autoregressive, a model left to right to compare with.",
            valueName: "name"))
    var loss = MaskingLoss.lambdaDCE

    @Option(
        help: ArgumentHelp(
            "How masks grow with time, for losses and samplers that have one: loglinear, geometric, cosine, cosinesqr or linear.",
            valueName: "name"))
    var noise = MaskingNoise.Kind.loglinear

    @Option(help: ArgumentHelp("sigma(0) of geometric and linear noise.", valueName: "sigma"))
    var sigmaMin = 1e-4

    @Option(help: ArgumentHelp("sigma(1) of geometric and linear noise.", valueName: "sigma"))
    var sigmaMax = 20.0

    @Option(help: ArgumentHelp("Size: tiny for letters, small_radd and medium_radd as the paper's.", valueName: "name"))
    var model = Geometry.tiny

    @Option(name: [.long, .customLong("hidden_size")], help: "Numbers of a token, in place of the size's.")
    var hiddenSize: Int?

    @Option(name: [.long, .customLong("n_heads")], help: "Heads of attention, in place of the size's.")
    var nHeads: Int?

    @Option(name: [.long, .customLong("n_blocks")], help: "Blocks of the transformer, in place of the size's.")
    var nBlocks: Int?

    @Option(help: "Tokens of a piece of text, as many as the network sees at a time.")
    var length: Int?

    @Option(help: "Share of numbers that training leaves out, against learning by heart. (default: 0.02)")
    var dropout: Double?

    @Option(
        name: [.customLong("n-iters"), .customLong("n_iters")],
        help: ArgumentHelp(
            "Steps of the whole training, along which the rate runs; --steps may end it earlier.", valueName: "n"))
    var iterations = 400_000

    @Option(help: "Pieces of text a step.")
    var batchSize = 512

    @Option(
        help: ArgumentHelp(
            "Parts that a step's batch is worked through in, to save memory. (default: of 16 pieces)", valueName: "n"))
    var accum: Int?

    @Option(help: "Learning rate.")
    var lr = 3e-4

    @Option(help: "Steps over which the learning rate rises from 0.")
    var warmup = 2500

    @Option(help: ArgumentHelp("What it does then: stay (constant), or fall to 0 along a cosine.", valueName: "name"))
    var lrSchedule = RateSchedule.constant

    @Option(help: "Adam or AdamW.")
    var optimizer = OptimizerName.adamW

    @Option(help: "Pull of the weights towards 0 (the paper: 0.03, its configuration: 0).")
    var weightDecay = 0.0

    @Option(help: "Decay of the mean of gradients.")
    var beta1 = 0.9

    @Option(help: "Decay of the mean of their squares.")
    var beta2 = 0.999

    @Option(name: .customLong("adam-eps"), help: "What keeps divisions finite.")
    var adamEps = 1e-8

    @Option(help: "Largest norm of the gradient; negative for no bound.")
    var gradClip = 1.0

    @Option(help: "Decay of the average of the weights, which is the model; 0 for the last weights.")
    var ema = 0.9999

    @Option(help: "What biases of norms begin with: 1 as in the authors' code, or 0.")
    var normBias = 1

    @Flag(inversion: .prefixedNo, help: "Let pieces begin at any token, not only where they are cut.")
    var shift = true

    @Option(
        help: ArgumentHelp("Go on from this model's weights, in its geometry and alphabet.", valueName: "model"),
        completion: .file())
    var from: String?

    /// For ArgumentParser.
    public init() {}

    /// Names of tokenizers.
    enum TokenizerName: String, ExpressibleByArgument, CaseIterable, Sendable {
        case characters
        case text8
        case gpt2
    }

    /// Geometries by name.
    enum Geometry: String, ExpressibleByArgument, CaseIterable, Sendable {
        case tiny
        case small = "small_radd"
        case medium = "medium_radd"

        var network: RADDConfiguration.Network {
            switch self {
            case .tiny: .tiny
            case .small: .small
            case .medium: .medium
            }
        }
    }

    /// What the learning rate does after it has risen.
    enum RateSchedule: String, ExpressibleByArgument, CaseIterable, Sendable {
        case constant
        case cosine
    }

    /// Optimisers by name.
    enum OptimizerName: String, ExpressibleByArgument, CaseIterable, Sendable {
        case adam = "Adam"
        case adamW = "AdamW"
    }

    /// Refuses values that make no sense, naming the option.
    public func validate() throws {
        func need(_ holds: Bool, _ text: String) throws { if !holds { throw ValidationError(text) } }
        try need(
            (0..<1).contains(validationShare),
            "--validation-share must be at least 0 and below 1, got \(validationShare).")
        try need(
            (1...BatchOrder.largestBatch).contains(batchSize),
            "--batch-size must be 1 to \(BatchOrder.largestBatch), got \(batchSize).")
        if let accum {
            try need(
                accum > 0 && batchSize % accum == 0,
                "--accum must divide --batch-size: \(batchSize) pieces are not \(accum) equal parts.")
        }
        try need(iterations > 0, "--n-iters must be 1 or more, got \(iterations).")
        try need(lr > 0 && lr.isFinite, "--lr must be above 0, got \(lr).")
        try need(warmup >= 0, "--warmup must be 0 or more, got \(warmup).")
        try need(weightDecay >= 0 && weightDecay.isFinite, "--weight-decay must be 0 or more, got \(weightDecay).")
        for (value, name) in [(beta1, "--beta1"), (beta2, "--beta2"), (ema, "--ema")] {
            try need((0..<1).contains(value), "\(name) must be at least 0 and below 1, got \(value).")
        }
        try need(adamEps > 0 && adamEps.isFinite, "--adam-eps must be above 0, got \(adamEps).")
        try need(gradClip.isFinite && gradClip != 0, "--grad-clip must be above 0, or negative for no bound.")
        try need(normBias == 0 || normBias == 1, "--norm-bias is 0 or 1, got \(normBias).")
    }
}

extension MaskingLoss: ExpressibleByArgument {}
extension MaskingNoise.Kind: ExpressibleByArgument {}
extension Detokeniser: ExpressibleByArgument {}
