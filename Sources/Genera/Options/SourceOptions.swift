import ArgumentParser

/// What is drawn from: a seed and a model.
public struct SourceOptions: ParsableArguments, Sendable {
    /// The seed.
    @Option(name: .shortAndLong, help: "Sample i of a seed is the same in every run.")
    public var seed: UInt64 = 0

    /// The model; nil for the family's own.
    @Option(
        help: ArgumentHelp(
            "A model's name, a file or a run directory. The family's own if left out.", valueName: "name|path"))
    public var checkpoint: String?

    /// For ArgumentParser.
    public init() {}
}
