import ArgumentParser

/// A family that learns: `genera train NAME`.
public protocol TrainingFamily: ModelFamily {
    /// What can be chosen in training, beside `TrainingSettings`.
    associatedtype TrainingOptions: ParsableArguments & Sendable
    /// Words that `genera train NAME` begins with, where the defaults of `TrainingSettings`, those of a large image model, do
    /// not suit: `["--steps", "3000", "--batch-size", "256"]`. Configuration files and the command line win. None unless stated.
    static var trainingDefaults: [String] { get }
    /// What to train.
    static func objective(_ options: TrainingOptions, _ run: RunContext) throws -> any Objective
}

extension TrainingFamily {
    /// None.
    public static var trainingDefaults: [String] { [] }
}
