import ArgumentParser
import Platform
import Tensors

/// The options that every `genera train` has. What belongs to a method (learning rate, batch, average) is the family's.
public struct TrainingSettings: ParsableArguments, Sendable {
    /// Length in steps; nil for as long as the family trains.
    @Option(help: ArgumentHelp("Length of the training in steps. (default: the family's)", valueName: "n"))
    public var steps: Int?

    /// Threads that share the parts of a step; nil for one a processor.
    @Option(
        help: ArgumentHelp(
            "Threads that share the work of a step. The result does not depend on it. (default: one a processor)",
            valueName: "n"))
    public var workers: Int?

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

    /// Steps between assessments; 0 for one at the end.
    @Option(
        help: ArgumentHelp(
            "Steps between assessments, for example on data that is held out; 0 for one at the end.", valueName: "n"))
    public var assessEvery = 0

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

    /// Refuses values that make no sense, naming the option.
    public func validate() throws {
        func need(_ holds: Bool, _ text: String) throws { if !holds { throw ValidationError(text) } }
        try need(
            (1...BatchOrder.mostSteps).contains(steps ?? 1), "--steps must be from 1 to 10^12, got \(steps ?? 0).")
        try need((1...1024).contains(workers ?? 1), "--workers must be from 1 to 1,024, got \(workers ?? 0).")
        try need(checkpointEvery >= 1, "--checkpoint-every must be at least 1, got \(checkpointEvery).")
        try need(keep >= 1, "--keep must be at least 1, got \(keep).")
        try need(previewEvery >= 0, "--preview-every must not be negative, got \(previewEvery).")
        try need(
            (1...100_000).contains(previewCount), "--preview-count must be from 1 to 100,000, got \(previewCount).")
        try need(assessEvery >= 0, "--assess-every must not be negative, got \(assessEvery).")
        try need(logEvery >= 1, "--log-every must be at least 1, got \(logEvery).")
        try need(maxMinutes ?? 1 > 0, "--max-minutes must be positive, got \(maxMinutes ?? 0).")
    }
}

extension TrainingSettings {
    /// Threads that share the parts of a step.
    public var workerCount: Int { workers ?? ThisProcess.processorCount }

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
