import ArgumentParser
import Genera

/// Words for how `genera train pfgmpp` trains. Defaults are those of PFGM++ on CIFAR-10 (Xu et al., 2023).
struct PFGMPPOptimiserOptions: ParsableArguments, Sendable {
    @Option(
        help: ArgumentHelp(
            "Length of the training in millions of samples; --steps wins over it.", valueName: "million"))
    var duration = 200.0

    @Option(name: [.long, .customLong("batch")], help: ArgumentHelp("Samples per step.", valueName: "n"))
    var batchSize = 512

    @Option(
        name: [.long, .customLong("batch-gpu")],
        help: ArgumentHelp("Samples per evaluation of the loss; a matter of memory and speed.", valueName: "n"))
    var microBatch = 32

    @Option(help: ArgumentHelp("Adam's learning rate.", valueName: "rate"))
    var lr = 1e-3

    @Option(help: ArgumentHelp("Thousands of samples over which the learning rate rises from 0.", valueName: "kimg"))
    var lrRampupKimg = 10000.0

    @Option(help: ArgumentHelp("Half-life of the average of weights, in thousands of samples.", valueName: "kimg"))
    var emaHalflifeKimg = 500.0

    @Option(
        help: ArgumentHelp(
            "The same half-life in millions of samples. Wins over --ema-halflife-kimg.", valueName: "million"))
    var ema: Double?

    @Option(
        help: ArgumentHelp("Half-life at most this part of the samples seen; 0 for no such limit.", valueName: "ratio"))
    var emaRampupRatio = 0.05

    @Option(help: ArgumentHelp("Largest norm of the gradient; 0 for no clipping.", valueName: "norm"))
    var gradientClip = 0.0

    func validate() throws {
        func need(_ holds: Bool, _ text: String) throws { if !holds { throw ValidationError(text) } }
        let batches = 1...BatchOrder.largestBatch
        try need(batches.contains(batchSize), "--batch-size must be from 1 to 1,000,000, got \(batchSize).")
        try need(batches.contains(microBatch), "--micro-batch must be from 1 to 1,000,000, got \(microBatch).")
        try need(
            duration > 0 && duration * 1e6 / Double(batchSize) <= Double(BatchOrder.mostSteps),
            "--duration must be positive and come to at most 10^12 steps, got \(duration).")
        try need(lr >= 0 && lr.isFinite, "--lr must not be negative, got \(lr).")
        try need(lrRampupKimg >= 0, "--lr-rampup-kimg must not be negative, got \(lrRampupKimg).")
        try need(emaHalflifeKimg >= 0, "--ema-halflife-kimg must not be negative, got \(emaHalflifeKimg).")
        try need(ema ?? 0 >= 0, "--ema must not be negative, got \(ema ?? 0).")
        try need(emaRampupRatio >= 0, "--ema-rampup-ratio must not be negative, got \(emaRampupRatio).")
        try need(gradientClip >= 0, "--gradient-clip must not be negative, got \(gradientClip).")
    }

}
