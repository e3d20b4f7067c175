import ArgumentParser

/// What `genera train NAME` trains: a family of models, or a network that measures them.
public protocol Trainable: Sendable {
    /// The word on the command line and in checkpoints, for example `pfgmpp`.
    static var name: String { get }
    /// One line for lists.
    static var summary: String { get }
    /// What can be chosen in training, beside `TrainingSettings`.
    associatedtype TrainingOptions: ParsableArguments & Sendable
    /// Words that `genera train NAME` begins with, where the defaults of `TrainingSettings`, those of a large image model, do
    /// not suit: `["--steps", "3000", "--batch-size", "256"]`. Configuration files and the command line win. None unless stated.
    static var trainingDefaults: [String] { get }
    /// What to train.
    static func objective(_ options: TrainingOptions, context: RunContext) throws -> any Objective
}

extension Trainable {
    /// None.
    public static var trainingDefaults: [String] { [] }
}
