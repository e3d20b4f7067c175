import ArgumentParser
import Tensors

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The options that every `genera train` has. Defaults are those of PFGM++ on CIFAR-10 (Xu et al. 2023).
public struct TrainingSettings: ParsableArguments, Sendable {
    /// Length in optimiser steps; nil for `duration`.
    @Option(help: ArgumentHelp("Length of the training in optimiser steps. Wins over --duration.", valueName: "n"))
    public var steps: Int?

    /// Length in millions of samples.
    @Option(help: ArgumentHelp("Length of the training in millions of samples.", valueName: "million"))
    public var duration = 200.0

    /// Samples a step.
    @Option(name: [.long, .customLong("batch")], help: ArgumentHelp("Samples per step.", valueName: "n"))
    public var batchSize = 512

    /// Samples an evaluation of the loss.
    @Option(
        name: [.long, .customLong("batch-gpu")],
        help: ArgumentHelp(
            "Samples per evaluation of the loss; a matter of memory and speed.", valueName: "n"))
    public var microBatch = 32

    /// Threads that share the micro-batches.
    @Option(
        help: ArgumentHelp(
            "Threads that share the micro-batches of a step. The result does not depend on it.", valueName: "n"))
    public var workers = 1

    /// Adam's learning rate.
    @Option(help: ArgumentHelp("Adam's learning rate.", valueName: "rate"))
    public var lr = 1e-3

    /// Thousands of samples over which the learning rate rises from 0.
    @Option(help: ArgumentHelp("Thousands of samples over which the learning rate rises from 0.", valueName: "kimg"))
    public var lrRampupKimg = 10000.0

    /// Half-life of the average of weights, in thousands of samples.
    @Option(help: ArgumentHelp("Half-life of the average of weights, in thousands of samples.", valueName: "kimg"))
    public var emaHalflifeKimg = 500.0

    /// Half-life of the average of weights, in millions of samples; nil for `emaHalflifeKimg`.
    @Option(
        help: ArgumentHelp(
            "The same half-life in millions of samples. Wins over --ema-halflife-kimg.", valueName: "million"))
    public var ema: Double?

    /// Largest half-life as a part of the samples seen; 0 for no limit.
    @Option(
        help: ArgumentHelp("Half-life at most this part of the samples seen; 0 for no such limit.", valueName: "ratio"))
    public var emaRampupRatio = 0.05

    /// Largest norm of the gradient; 0 for no clipping.
    @Option(help: ArgumentHelp("Largest norm of the gradient; 0 for no clipping.", valueName: "norm"))
    public var gradientClip = 0.0

    /// Steps between checkpoints.
    @Option(help: ArgumentHelp("Steps between checkpoints.", valueName: "n"))
    public var checkpointEvery = 500

    /// How many checkpoints are kept.
    @Option(help: ArgumentHelp("How many checkpoints are kept.", valueName: "n"))
    public var keep = 3

    /// Steps between previews; 0 for none.
    @Option(help: ArgumentHelp("Steps between preview pictures; 0 for none.", valueName: "n"))
    public var previewEvery = 500

    /// Samples in a preview.
    @Option(help: ArgumentHelp("Samples in a preview picture.", valueName: "n"))
    public var previewCount = 64

    /// Steps between lines of metrics.
    @Option(help: ArgumentHelp("Steps between lines of metrics.jsonl.", valueName: "n"))
    public var logEvery = 10

    /// Minutes after which training stops with a checkpoint; nil for none.
    @Option(help: ArgumentHelp("Stop with a checkpoint after so many minutes.", valueName: "minutes"))
    public var maxMinutes: Double?

    /// Seed of initial weights, data order and noise.
    @Option(help: "Seed of the initial weights, the order of the data and the noise.")
    public var seed: UInt64 = 0

    /// How products are computed.
    @Option(help: "How products are computed.")
    public var precision = Precision.exact

    /// Where tensors live.
    @Option(help: "Where tensors live: cpu, cuda or cuda:N.")
    public var device = Device.cpu

    /// For ArgumentParser. Elsewhere use `with`, since options can be read only after parsing.
    public init() {}

    /// The number of steps: `--steps`, or as many as `--duration` needs.
    public var totalSteps: Int { steps ?? Int((duration * 1e6 / Double(batchSize)).rounded(.up)) }

    /// The learning rate of the step after so many samples; 0 for the first, as in the reference.
    public func learningRate(after samples: Int) -> Double {
        lr * min(Double(samples) / max(lrRampupKimg * 1000, 1e-8), 1)
    }

    /// The decay of the average of weights at the step after so many samples; 0 for the first, which copies.
    public func averageDecay(after samples: Int) -> Double {
        let full = ema.map { $0 * 1e6 } ?? emaHalflifeKimg * 1000
        let halfLife = emaRampupRatio > 0 ? min(full, emaRampupRatio * Double(samples)) : full
        return pow(0.5, Double(batchSize) / max(halfLife, 1e-8))
    }

    /// Refuses values that make no sense, naming the option.
    public func validate() throws {
        func need(_ holds: Bool, _ text: String) throws { if !holds { throw ValidationError(text) } }
        try need(steps ?? 1 >= 1, "--steps must be at least 1, got \(steps ?? 0).")
        try need(duration > 0 && duration.isFinite, "--duration must be positive, got \(duration).")
        try need(batchSize >= 1, "--batch-size must be at least 1, got \(batchSize).")
        try need(microBatch >= 1, "--micro-batch must be at least 1, got \(microBatch).")
        try need(workers >= 1, "--workers must be at least 1, got \(workers).")
        try need(lr >= 0 && lr.isFinite, "--lr must not be negative, got \(lr).")
        try need(lrRampupKimg >= 0, "--lr-rampup-kimg must not be negative, got \(lrRampupKimg).")
        try need(emaHalflifeKimg >= 0, "--ema-halflife-kimg must not be negative, got \(emaHalflifeKimg).")
        try need(ema ?? 0 >= 0, "--ema must not be negative, got \(ema ?? 0).")
        try need(emaRampupRatio >= 0, "--ema-rampup-ratio must not be negative, got \(emaRampupRatio).")
        try need(gradientClip >= 0, "--gradient-clip must not be negative, got \(gradientClip).")
        try need(checkpointEvery >= 1, "--checkpoint-every must be at least 1, got \(checkpointEvery).")
        try need(keep >= 1, "--keep must be at least 1, got \(keep).")
        try need(previewEvery >= 0, "--preview-every must not be negative, got \(previewEvery).")
        try need(previewCount >= 1, "--preview-count must be at least 1, got \(previewCount).")
        try need(logEvery >= 1, "--log-every must be at least 1, got \(logEvery).")
        try need(maxMinutes ?? 1 > 0, "--max-minutes must be positive, got \(maxMinutes ?? 0).")
    }
}

extension TrainingSettings {
    /// The defaults with changes, for settings that do not come from a command line.
    ///
    ///     let settings = try TrainingSettings.with { $0.steps = 100 }
    ///
    /// - Throws: if the result makes no sense.
    public static func with(_ change: (inout TrainingSettings) -> Void) throws -> TrainingSettings {
        var settings = try parse([])
        change(&settings)
        try settings.validate()
        return settings
    }
}
