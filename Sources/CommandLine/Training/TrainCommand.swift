import ArgumentParser
import Formats
import Genera

/// `genera train`: one subcommand a family.
struct TrainGroup: ParsableCommand {
    static var configuration: CommandConfiguration {
        let usages = ["FAMILY", "FILE.yaml", "RUN_DIRECTORY"].map { "\(ProgramName.current) train \($0) [options]" }
        return CommandConfiguration(
            commandName: "train", abstract: "Train a model, or go on with a training.",
            usage: usages.joined(separator: "\n"),
            discussion: Examples.text(
                "genera train pfgmpp --data emoji.zip --output runs/emoji --max-minutes 60",
                "genera train runs/emoji"),
            subcommands: CurrentRegistry.value.training.map { command(of: $0) })
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
            discussion: [
                Examples.text(
                    "genera train \(Family.name) --config train.yaml --steps 1000 --output runs/first",
                    "genera train \(Family.name) --resume runs/first"), Self.presetList,
            ].filter { !$0.isEmpty }.joined(separator: "\n\n"))
    }

    @OptionGroup(title: "Model and data") var options: Family.TrainingOptions
    @OptionGroup(title: "Training") var settings: TrainingSettings
    @OptionGroup(title: "Run") var place: RunOptions
    @OptionGroup(title: "Talk") var talk: TalkOptions
    @OptionGroup(title: "Configuration") var configuration: ConfigurationOption

    /// All that a configuration file says, with the defaults.
    func record() throws -> OptionRecord {
        let preset = place.preset.map { OptionRecord.Entry(token: "--preset", values: [$0]) }
        return try OptionRecord(entries: [preset].compactMap(\.self)).appending(OptionRecord(options)).appending(
            OptionRecord(settings))
    }

    func run() throws {
        let folder = try place.folder(family: Family.name)
        try Engine.require()
        try settings.device.require()
        Engine.setIntraOpThreads(place.threads)
        let (progress, stop) = (TerminalProgress.sink(talk), StopToken.onSignals())
        let context = RunContext(
            device: settings.device, precision: settings.precision, seed: settings.seed, workers: settings.workerCount,
            progress: progress, stop: stop)
        let trainer = try StartFolder.told(resuming: place.resume) {
            try FamilyErrors.told(by: Family.self, context) { try Family.trainer(options, context) }
        }
        if stop.isStopped { throw GeneraError.interrupted("Stopped before the first step.") }
        let driver = TrainingDriver(
            trainer, settings: settings, family: Family.name, directory: folder,
            options: (StartFolder.entry(ofRun: folder).map { [$0] } ?? []) + (try record().yaml),
            intraOpThreads: place.threads, progress: progress, stop: stop)
        if place.dryRun { return try describe(driver, trainer, folder) }
        let report = try place.resume == nil ? driver.start() : driver.resume()
        talk.print(
            report.assessment.map { "\($0.name): \(Text.significant($0.value, 4))" } + [report.modelFile],
            json: Self.json(report, folder))
        if report.wasStopped, stop.isStopped {
            let command = ProgramName.command("train \(Text.shellWord(folder))")
            throw GeneraError.interrupted(
                "Stopped after step \(report.step) of \(driver.totalSteps) with a checkpoint. Go on with `\(command)`.")
        }
    }

    private func describe(_ driver: TrainingDriver, _ trainer: any Trainer, _ folder: String) throws {
        try driver.check()
        let plan = try driver.plan()
        let facts = plan.facts + [Fact("run directory", folder)]
        let numbers = [
            JSONValue.Member("datasetSize", .integer(trainer.order.samples)),
            JSONValue.Member("memoryBytes", .integer(plan.memory.total)),
        ]
        talk.print(
            FactLines.lines(facts.map { [$0.name, $0.value.text()] }),
            json: JSONValue.object(facts.map { JSONValue.Member($0.key, $0.value.json) } + numbers))
    }

    private static func json(_ report: TrainingReport, _ folder: String) -> JSONOutput {
        func object(_ metrics: [Metric]) -> JSONOutput { .object(metrics.map { ($0.name, .number($0.value)) }) }
        return .object([
            ("runDirectory", .text(folder)), ("model", .text(report.modelFile)), ("step", .integer(report.step)),
            ("samples", .integer(report.samples)), ("metrics", object(report.metrics)),
            ("seconds", .number(report.seconds)), ("stopped", .truth(report.wasStopped)),
            ("assessment", object(report.assessment)),
        ])
    }
}
