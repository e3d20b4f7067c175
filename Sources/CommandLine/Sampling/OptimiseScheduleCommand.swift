import ArgumentParser
import Genera

/// `genera optimise-schedule`: one subcommand a family.
struct OptimiseScheduleGroup: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "optimise-schedule",
            abstract: "Find the noise levels at which few steps come closest to many.",
            discussion: Examples.text(
                "genera optimise-schedule pfgmpp --solver unipc-3 --steps 8 --out unipc3-8.yaml",
                "genera sample pfgmpp --solver unipc-3 --schedule unipc3-8.yaml --out emoji.png"),
            subcommands: CurrentRegistry.value.sampling.map { command(of: $0) })
    }

    /// The command of a family.
    static func command<Family: SamplingFamily>(of family: Family.Type) -> any ParsableCommand.Type {
        OptimiseScheduleCommand<Family>.self
    }
}

/// `genera optimise-schedule FAMILY`.
struct OptimiseScheduleCommand<Family: SamplingFamily>: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: Family.name,
            abstract: "Find noise levels for a solver and a number of steps of '\(Family.name)'.",
            discussion:
                "The search begins from the schedule that the options describe. Levels are moved one by one until the samples "
                + "come no closer to those of many accurate steps.\n\n"
                + Examples.text(
                    "genera optimise-schedule \(Family.name) --steps 8 --out schedule.yaml",
                    "genera optimise-schedule \(Family.name) --checkpoint runs/first --samples 32 --out schedule.yaml"))
    }

    @OptionGroup(title: "Model") var options: Family.SamplingOptions
    @OptionGroup(title: "Samples") var source: SourceOptions

    @Option(help: ArgumentHelp("Samples that the search looks at; as many others check it.", valueName: "n"))
    var samples = 32

    @Option(help: ArgumentHelp("How often each level is moved at most.", valueName: "n"))
    var sweeps = 12

    @Option(help: ArgumentHelp("Steps of the samples that are compared with.", valueName: "n"))
    var referenceSteps = 64

    @Option(name: .shortAndLong, help: ArgumentHelp("The file to write.", valueName: "file.yaml"))
    var out: String

    @Flag(help: "Replace what is there.")
    var force = false

    @OptionGroup(title: "Machine") var machine: MachineOptions
    @OptionGroup(title: "Talk") var talk: TalkOptions

    func validate() throws {
        func need(_ value: Int, _ name: String, _ limit: Int) throws {
            guard (1...limit).contains(value) else {
                throw ValidationError("--\(name) must be from 1 to \(limit.grouped), got \(value).")
            }
        }
        try need(samples, "samples", 100_000)
        try need(sweeps, "sweeps", 10_000)
        try need(referenceSteps, "reference-steps", 10_000)
        guard ["yaml", "yml"].contains(FileSystem.fileExtension(of: out)) else {
            throw ValidationError("--out takes the name of a YAML file, got '\(out)'.")
        }
    }

    func run() throws {
        try FileSystem.requireWritable(out, force: force)
        let job = SampleJob<Family>(
            options: options, indices: [], seed: source.seed, checkpoint: source.checkpoint, shard: (0, 1),
            machine: machine)
        guard let sampler = try job.sampler() as? any ScheduledSampler else {
            throw GeneraError.unavailable("\(Family.name) has no schedule that could be optimised.")
        }
        try search(sampler, job)
    }

    private func search<S: ScheduledSampler>(_ sampler: S, _ job: SampleJob<Family>) throws {
        guard sampler.grid.filter({ $0 > 0 }).count > 1 else {
            throw GeneraError.usage("A schedule of one level has nothing to optimise: give --steps 2 or more.")
        }
        var search = ScheduleSearch(sampler)
        (search.samples, search.seed, search.referenceSteps) = (samples, source.seed, referenceSteps)
        (search.workers, search.stop) = (machine.workerCount, .onSignals())
        (search.optimizer.sweeps, search.optimizer.seed) = (sweeps, source.seed)
        search.progress = TerminalProgress.sink(talk, detail: "\(sampler.evaluationCount) NFE")
        let found = try search.run()
        let recipe = try job.recipe()
        let facts: [(String, String?)] = [
            ("family", Family.name), ("model", recipe.checkpoint), ("sha256", recipe.checkpointSHA256),
            ("options", recipe.options.arguments.joined(separator: " ")), ("nfe", "\(sampler.evaluationCount)"),
            ("error-before", "\(found.before)"), ("error-after", "\(found.after)"),
            ("held-out-before", "\(found.heldOutBefore)"), ("held-out-after", "\(found.heldOutAfter)"),
            ("samples", "\(samples)"), ("seed", "\(source.seed)"), ("reference-steps", "\(referenceSteps)"),
            ("trials", "\(found.trials)"), ("genera", Version.current),
        ]
        let file = ScheduleFile(
            levels: found.grid.filter { $0 > 0 }, facts: facts.compactMap { key, value in value.map { (key, $0) } })
        try file.write(to: out)
        talk.print(
            [
                "\(out): error \(Self.short(found.before)) to \(Self.short(found.after)), on other samples "
                    + "\(Self.short(found.heldOutBefore)) to \(Self.short(found.heldOutAfter))"
            ],
            json: .object([
                ("file", .text(out)), ("levels", .list(file.levels.map { .number($0) })),
                ("nfe", .integer(sampler.evaluationCount)), ("errorBefore", .number(found.before)),
                ("errorAfter", .number(found.after)), ("heldOutBefore", .number(found.heldOutBefore)),
                ("heldOutAfter", .number(found.heldOutAfter)), ("trials", .integer(found.trials)),
            ]))
    }

    private static func short(_ value: Double) -> String { "\(value.rounded(toPlaces: 5))" }
}
