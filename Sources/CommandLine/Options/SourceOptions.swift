import ArgumentParser

/// What samples are drawn from: a seed and a model.
struct SourceOptions: ParsableArguments {
    @Option(name: .shortAndLong, help: "Sample i of a seed is the same in every run.")
    var seed: UInt64 = 0

    @Option(
        help: ArgumentHelp(
            "A model's name, a file or a run directory. The family's own if left out.", valueName: "name|path"))
    var checkpoint: String?
}
