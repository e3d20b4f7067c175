import ArgumentParser

/// A family that learns: `genera train NAME`.
///
/// The options become `genera train NAME --help` and the keys of configuration files; their defaults are how the family trains unless
/// told otherwise. They stand beside `TrainingSettings`, whose names they cannot have.
public protocol TrainingFamily: ModelFamily {
    /// What can be chosen in training, beside `TrainingSettings`.
    associatedtype TrainingOptions: ParsableArguments & Sendable

    /// What a run trains, before its first step. `run.seed` is the seed of its initial weights.
    ///
    /// - Throws: what is wrong with options, data or models, in a sentence.
    static func trainer(_ options: TrainingOptions, _ run: RunContext) throws -> any Trainer
}
