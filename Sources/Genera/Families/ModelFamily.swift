import ArgumentParser

/// A family of generative models: all that the command line and the drivers need to know of it.
///
/// The options become `genera sample NAME --help` and `genera train NAME --help`, and the keys of configuration files.
public protocol ModelFamily: Trainable {
    /// The paper.
    static var citation: Citation { get }
    /// What can be chosen in sampling.
    associatedtype SamplingOptions: ParsableArguments & Sendable
    /// The name of a model that ships with Genera, used when no other is asked for.
    static var defaultCheckpoint: String? { get }

    /// Whether sampling with these options reads a checkpoint. True unless stated.
    static func usesCheckpoint(_ options: SamplingOptions) -> Bool

    /// A sampler of the options' kind over the context's checkpoint.
    static func sampler(_ options: SamplingOptions, context: RunContext) throws -> any Sampler

    /// What `genera evaluate` can measure beside what its samples' type has. None unless stated.
    static var measures: [Measure] { get }

    /// What a person wants to know of a checkpoint: names and values, in order. Number of weights unless stated.
    static func inspect(_ checkpoint: ModelCheckpoint) throws -> [(name: String, value: String)]

    /// A model from a file that other programs wrote, for example the authors'. An error unless stated.
    static func convert(_ file: String, context: RunContext) throws -> ModelCheckpoint
}

extension ModelFamily {
    /// No model of its own.
    public static var defaultCheckpoint: String? { nil }

    /// None of its own.
    public static var measures: [Measure] { [] }

    /// True.
    public static func usesCheckpoint(_ options: SamplingOptions) -> Bool { true }

    /// Says that the family cannot be trained.
    public static func objective(_ options: TrainingOptions, context: RunContext) throws -> any Objective {
        throw GeneraError.unavailable("\(name) cannot be trained with Genera.")
    }

    /// The numbers of tensors and weights.
    public static func inspect(_ checkpoint: ModelCheckpoint) throws -> [(name: String, value: String)] {
        let count = checkpoint.weights.reduce(0) { $0 + $1.tensor.elementCount }
        return [("tensors", "\(checkpoint.weights.count)"), ("weights", "\(count)")]
    }

    /// Says that the family reads only checkpoints of Genera.
    public static func convert(_ file: String, context: RunContext) throws -> ModelCheckpoint {
        throw GeneraError.unavailable("\(name) cannot import \(file): it reads only checkpoints of Genera.")
    }
}
