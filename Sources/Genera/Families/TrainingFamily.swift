import ArgumentParser

/// A family that learns: `genera train NAME`.
///
/// The options become `genera train NAME --help` and the keys of configuration files; their defaults are how the family trains unless
/// told otherwise. They stand beside `TrainingSettings`, whose names they cannot have.
public protocol TrainingFamily: ModelFamily {
    /// What can be chosen in training, beside `TrainingSettings`.
    associatedtype TrainingOptions: ParsableArguments & Sendable

    /// Sets of choices by what they are for, the most modest first. None unless stated.
    static var presets: [TrainingPreset] { get }

    /// The preset for a training whose words name none, from the data and the machine. None unless stated.
    ///
    /// - Throws: what is wrong with the data, in a sentence.
    static func preset(for options: TrainingOptions, _ run: RunContext) throws -> PresetChoice?

    /// What a run trains, before its first step. `run.seed` is the seed of its initial weights.
    ///
    /// - Throws: what is wrong with options, data or models, in a sentence.
    static func trainer(_ options: TrainingOptions, _ run: RunContext) throws -> any Trainer
}

extension TrainingFamily {
    /// None.
    public static var presets: [TrainingPreset] { [] }
    /// None.
    public static func preset(for options: TrainingOptions, _ run: RunContext) throws -> PresetChoice? { nil }
}
