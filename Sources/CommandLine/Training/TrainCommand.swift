import ArgumentParser
import Genera

/// `genera train`: one subcommand a family.
struct TrainGroup: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "train", abstract: "Train a model, or go on with a training.",
            usage:
                "genera train FAMILY [options]\ngenera train FILE.yaml [options]\ngenera train RUN_DIRECTORY [options]",
            discussion: Examples.text(
                "genera train pfgmpp --data emoji.zip --output runs/emoji --max-minutes 60",
                "genera train runs/emoji"),
            subcommands: all.map { command(of: $0) })
    }

    /// What can be trained: the families, and classifiers to measure them by.
    static var all: [any TrainingFamily.Type] { CurrentRegistry.value.training + measuring }

    /// What is trained to measure by and draws nothing.
    static let measuring: [any TrainingFamily.Type] = [ImageClassifier.self]

    /// What a word after `train` means.
    ///
    /// - Throws: `GeneraError.unknownFamily` with the nearest name.
    static func trainable(named name: String) throws -> any TrainingFamily.Type {
        try all.first { $0.name == name } ?? CurrentRegistry.value.training(named: name)
    }

    /// The command of a family.
    static func command<Family: TrainingFamily>(of family: Family.Type) -> any ParsableCommand.Type {
        TrainCommand<Family>.self
    }
}

/// `genera train FAMILY`.
struct TrainCommand<Family: TrainingFamily>: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: Family.name, abstract: "Train: \(Family.summary)",
            discussion: defaults
                + Examples.text(
                    "genera train \(Family.name) --config train.yaml --steps 1000 --output runs/first",
                    "genera train \(Family.name) --resume runs/first"))
    }

    private static var defaults: String {
        let words = Family.trainingDefaults
        return words.isEmpty ? "" : "Unless told otherwise: \(words.joined(separator: " ")).\n\n"
    }

    @OptionGroup(title: "Model and data") var options: Family.TrainingOptions
    @OptionGroup(title: "Training") var settings: TrainingSettings
    @OptionGroup(title: "Run") var place: RunOptions
    @OptionGroup(title: "Talk") var talk: TalkOptions
    @OptionGroup(title: "Configuration") var configuration: ConfigurationOption

    /// All that a configuration file says, with the defaults.
    func record() throws -> OptionRecord { try OptionRecord(options).appending(OptionRecord(settings)) }

    func run() throws {
        let folder = try place.folder(family: Family.name)
        try settings.device.require()
        Engine.setIntraOpThreads(place.threads)
        let context = RunContext(
            device: settings.device, precision: settings.precision, seed: settings.seed, workers: settings.workers)
        let objective = try FamilyErrors.told(by: Family.self, context) { try Family.objective(options, context) }
        if place.dryRun { return try describe(objective, folder) }
        let stop = StopToken.onSignals()
        let driver = TrainingDriver(
            objective, settings: settings, family: Family.name, directory: folder, options: try record().yaml,
            intraOpThreads: place.threads,
            progress: TerminalProgress.sink(talk), stop: stop)
        let report = try place.resume == nil ? driver.start() : driver.resume()
        let found = try objective.assessment(weights: ModelCheckpoint.load(report.modelFile).tensors())
        talk.print(
            found.map { "\($0.name): \(Text.significant($0.value, 4))" } + [report.modelFile],
            json: Self.json(report, folder, found))
        if report.wasStopped, stop.isStopped {
            throw GeneraError.interrupted(
                "Stopped after step \(report.step) of \(settings.totalSteps) with a checkpoint. Go on with `genera train \(Text.shellWord(folder))`."
            )
        }
    }

    private func describe(_ objective: any Objective, _ folder: String) throws {
        let count = objective.parameters.reduce(0) { $0 + $1.tensor.elementCount }
        let facts = [
            ["family", Family.name], ["data", "\(objective.datasetSize.grouped) training samples"],
            ["parameters", count.grouped], ["steps", settings.totalSteps.grouped],
            ["batch", "\(settings.batchSize)"], ["device", "\(settings.device)"], ["run directory", folder],
        ]
        talk.print(
            FactLines.lines(facts),
            json: .object([
                ("family", .text(Family.name)), ("datasetSize", .integer(objective.datasetSize)),
                ("parameters", .integer(count)),
                ("steps", .integer(settings.totalSteps)), ("runDirectory", .text(folder)),
            ]))
    }

    private static func json(
        _ report: TrainingReport, _ folder: String, _ found: [(name: String, value: Double)]
    ) -> JSONOutput {
        .object([
            ("runDirectory", .text(folder)), ("model", .text(report.modelFile)), ("step", .integer(report.step)),
            ("images", .integer(report.images)), ("loss", .number(report.loss)), ("seconds", .number(report.seconds)),
            ("stopped", .truth(report.wasStopped)),
            ("assessment", .object(found.map { ($0.name, .number($0.value)) })),
        ])
    }
}
